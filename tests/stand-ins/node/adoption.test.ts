// The node's process is killed, and all that it started with it: what goes on, what comes back, what is left.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Pod } from "../../../stand-ins/node/types";
import { isRunning } from "../../../stand-ins/shared/process";
import { Cluster, commandLine, eventually, podOf, processOf, shell } from "./cluster";

jest.setTimeout(120_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
}, 300_000);

const always = { restartPolicy: "Always" };

function statusOf(pod: Pod) {
  return pod.status?.containerStatuses?.[0];
}

/** The process id that a pod's container has written down as its own. */
async function pidOf(name: string): Promise<number> {
  return eventually(`the process of ${name}`, () =>
    Promise.resolve(cluster.processes("container-shim", `default_${name}_`)[0]?.pid),
  );
}

test("a container killed with -9 comes back by itself", async () => {
  await cluster.create(shell("killed", "exec sleep 601", {}, always));
  await cluster.pod("killed", ({ status }) => status?.phase === "Running");
  await cluster.kill(cluster.processes("sleep 601"));
  const pod = await cluster.pod("killed", (found) => {
    return statusOf(found)?.restartCount === 1 && statusOf(found)?.state?.running;
  });
  expect(statusOf(pod)?.lastState?.terminated).toMatchObject({ exitCode: 137 });
  await cluster.remove("killed", 0);
});

test("pods outlive the node's process: same processes, same counts, ports and logs; what ended meanwhile is seen", async () => {
  const container = {
    name: "web",
    image: "example.org/mapped:v1",
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
  };
  await cluster.create(
    podOf("web", [container], always),
    shell("ends", "sleep 3; exit 4"),
    shell("chatty", "while :; do echo tick; sleep 0.2; done", {}, always),
    shell("deleted", "trap 'exit 0' TERM; while :; do sleep 0.1; done", {}, always),
    shell("done", "echo said"),
  );
  for (const name of ["ends", "chatty", "deleted"])
    await cluster.pod(name, ({ status }) => status?.phase === "Running");
  await cluster.pod("done", ({ status }) => status?.phase === "Succeeded");
  const before = await cluster.pod("web", (pod) => statusOf(pod)?.ready);
  const pids = [await pidOf("web"), await pidOf("chatty")];
  const processes = pids.map(processOf);

  const start = await cluster.killNode();
  await cluster.remove("deleted");
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(processes.map((each) => each && isRunning(each))).toEqual([true, true]);
  start();

  const ended = await cluster.pod("ends", ({ status }) => status?.phase === "Failed");
  expect(statusOf(ended)).toMatchObject({
    restartCount: 0,
    state: { terminated: { exitCode: 4 } },
  });
  await cluster.gone("deleted");
  const after = await cluster.pod("web", (pod) => statusOf(pod)?.ready);
  expect(statusOf(after)).toEqual(statusOf(before));
  expect([await pidOf("web"), await pidOf("chatty")]).toEqual(pids);
  const proxied = await eventually("the port", async () => {
    const { stdout } = await cluster.kubectl(
      "get",
      "--raw",
      "/api/v1/namespaces/default/pods/web:8080/proxy/x",
    );
    return stdout === "" ? undefined : stdout;
  });
  expect(proxied).toBe("/x");
  expect((await cluster.kubectl("logs", "done")).stdout).toBe("said\n");
  const tick = (await cluster.kubectl("logs", "chatty", "--tail=1", "--since=2s")).stdout;
  expect(tick).toBe("tick\n");
  expect((await cluster.kubectl("exec", "chatty", "--", "echo", "in")).stdout).toBe("in\n");
});

test("after the whole machine was killed, pods begin anew as their policies say", async () => {
  const init = { name: "init", image: "example.org/shell:v1", command: ["true"] };
  await cluster.create(
    shell("machine", "sleep 600", {}, { ...always, initContainers: [init] }),
    shell("once", "sleep 600"),
  );
  const [before] = [
    await cluster.pod("machine", ({ status }) => status?.phase === "Running"),
    await cluster.pod("once", ({ status }) => status?.phase === "Running"),
  ];
  const start = await cluster.killNode();
  await cluster.kill(cluster.processes("container-shim"));
  start();
  const after = await cluster.pod("machine", (pod) => {
    return pod.status?.phase === "Running" && statusOf(pod)?.restartCount === 1;
  });
  expect(after.metadata.uid).toBe(before.metadata.uid);
  expect(statusOf(after)?.lastState?.terminated).toMatchObject({
    exitCode: 137,
    reason: "ContainerStatusUnknown",
  });
  expect(after.status?.initContainerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    state: { terminated: { exitCode: 0 } },
  });
  const once = await cluster.pod("once", ({ status }) => status?.phase === "Failed");
  expect(statusOf(once)?.restartCount).toBe(0);
  expect(await cluster.events("machine")).toContain(
    "SandboxChanged: Pod sandbox changed, it will be killed and re-created.",
  );
});

test("a pod that was removed while the node was away is ended", async () => {
  await cluster.create(shell("removed", "sleep 600", {}, always));
  await cluster.pod("removed", ({ status }) => status?.phase === "Running");
  const process = processOf(await pidOf("removed"));
  const start = await cluster.killNode();
  await cluster.remove("removed", 0);
  await cluster.gone("removed");
  start();
  await eventually("its end", () => Promise.resolve(process && !isRunning(process)));
});

test("nothing outlives the cluster, not even what has hidden itself", async () => {
  const hide = "env -i setsid sh -c 'sleep 602 &' ; exec sleep 600";
  await cluster.create(shell("hidden", hide, {}, always));
  await cluster.pod("hidden", ({ status }) => status?.phase === "Running");
  const count = () =>
    readdirSync("/proc").filter((entry) => commandLine(Number(entry)).join(" ") === "sleep 602")
      .length;
  await eventually("the hidden process", () => Promise.resolve(count() === 1));
  expect(await cluster.stop()).toEqual([]);
  await eventually("its end", () => Promise.resolve(count() === 0));
  expect(existsSync(join(cluster.folder, "kind"))).toBe(false);
}, 120_000);
