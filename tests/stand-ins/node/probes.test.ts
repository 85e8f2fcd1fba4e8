// Probes, hooks and graceful ends of containers, against the real API server.
import type { Pod } from "../../../stand-ins/node/types";
import { Cluster, eventually, podOf, shell } from "./cluster";
import { conditionsOf, stateOf, web } from "./pod-views";

jest.setTimeout(120_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
}, 300_000);

afterAll(() => cluster.stop(), 120_000);

const image = "example.org/shell:v1";

test("http probes: readiness comes and goes, liveness restarts after its threshold", async () => {
  const file = `${cluster.folder}/sick`;
  const probe = { httpGet: { port: "http", path: "/healthz" }, periodSeconds: 1 };
  const readinessProbe = { ...probe, failureThreshold: 1 };
  const livenessProbe = { ...probe, failureThreshold: 3 };
  const container = web("web", 8080, file, { readinessProbe, livenessProbe });
  await cluster.create(podOf("probed", [container], { restartPolicy: "Always" }));
  const ready = (value: string) => (pod: Pod) => conditionsOf(pod)["Ready"] === value;
  await cluster.pod("probed", ready("True"));
  const { rmSync, writeFileSync } = await import("node:fs");
  writeFileSync(file, "");
  const unready = await cluster.pod("probed", ready("False"));
  expect(unready.status?.conditions?.find(({ type }) => type === "Ready")?.message).toBe(
    "containers with unready status: [web]",
  );
  await cluster.pod("probed", (pod) => (stateOf(pod)?.restartCount ?? 0) > 0);
  rmSync(file);
  await cluster.pod("probed", ready("True"));
  const events = await cluster.events("probed");
  expect(events).toContain(
    "Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",
  );
  expect(events).toContain(
    "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 503",
  );
  expect(events).toContain("Killing: Container web failed liveness probe, will be restarted");
  await cluster.remove("probed", 0);
});

test("a startup probe holds the others back; exec and tcp probes; time-outs", async () => {
  const slow = "sleep 1.5; touch /tmp/up; sleep 600";
  const tcp = web("tcp", 8081, "", {
    readinessProbe: { tcpSocket: { port: 8081 }, periodSeconds: 1 },
  });
  const exec = {
    name: "exec",
    image,
    command: ["sh", "-c", slow],
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    startupProbe: {
      exec: { command: ["test", "-e", "/tmp/up"] },
      periodSeconds: 1,
      failureThreshold: 30,
    },
    livenessProbe: {
      exec: { command: ["test", "-e", "/tmp/up"] },
      periodSeconds: 1,
      failureThreshold: 1,
    },
    readinessProbe: {
      exec: { command: ["sh", "-c", "sleep 5"] },
      periodSeconds: 1,
      timeoutSeconds: 1,
    },
  };
  await cluster.create(podOf("slow", [tcp, exec], { volumes: [{ name: "tmp", emptyDir: {} }] }));
  const early = await cluster.pod("slow", (pod) => stateOf(pod, 1)?.state?.running);
  expect(stateOf(early, 1)).toMatchObject({ started: false, ready: false });
  const pod = await cluster.pod(
    "slow",
    (found) => stateOf(found, 1)?.started && stateOf(found)?.ready,
  );
  expect(stateOf(pod, 1)).toMatchObject({ started: true, ready: false, restartCount: 0 });
  const late = await eventually("the time-out", async () =>
    (await cluster.events("slow")).find((event) =>
      event.includes("Readiness probe failed: command"),
    ),
  );
  expect(late).toMatch(/^Unhealthy: Readiness probe failed: command timed out/);
  await cluster.remove("slow", 0);
});

test("a startup probe that never succeeds restarts the container", async () => {
  const startupProbe = { exec: { command: ["false"] }, periodSeconds: 1, failureThreshold: 2 };
  await cluster.create(
    shell("stuck", "sleep 600", { startupProbe }, { restartPolicy: "OnFailure" }),
  );
  await cluster.pod("stuck", (pod) => (stateOf(pod)?.restartCount ?? 0) > 0);
  expect(await cluster.events("stuck")).toContain(
    "Killing: Container main failed startup probe, will be restarted",
  );
  await cluster.remove("stuck", 0);
});

test("postStart is waited for before the next container, preStop before the stop signal", async () => {
  const volumes = [
    { name: "v", hostPath: { path: `${cluster.folder}/hooks`, type: "DirectoryOrCreate" } },
  ];
  const volumeMounts = [{ name: "v", mountPath: "/v" }];
  const hook = (script: string) => ({ exec: { command: ["sh", "-c", script] } });
  const first = {
    name: "first",
    image,
    command: ["sh", "-c", "trap 'echo term >> /v/log; exit 0' TERM; while :; do sleep 0.05; done"],
    volumeMounts,
    lifecycle: {
      postStart: hook("sleep 0.5; echo post >> /v/log"),
      preStop: hook("echo pre >> /v/log"),
    },
  };
  const second = {
    name: "second",
    image,
    command: ["sh", "-c", "echo second >> /v/log; exec sleep 600"],
    volumeMounts,
  };
  await cluster.create(podOf("hooks", [first, second], { volumes }));
  await cluster.pod("hooks", (pod) => stateOf(pod, 1)?.state?.running);
  await cluster.remove("hooks");
  await cluster.gone("hooks");
  const { readFileSync } = await import("node:fs");
  const log = readFileSync(`${cluster.folder}/hooks/log`, "utf8");
  expect(log).toBe("post\nsecond\npre\nterm\n");
  expect(await cluster.events("hooks")).toEqual(
    expect.arrayContaining([
      "Killing: Stopping container first",
      "Killing: Stopping container second",
    ]),
  );
});

test("a failing postStart hook ends its container", async () => {
  const lifecycle = { postStart: { exec: { command: ["false"] } } };
  await cluster.create(shell("bad-hook", "sleep 600", { lifecycle }));
  await cluster.pod("bad-hook", ({ status }) => status?.phase === "Failed");
  expect(await cluster.events("bad-hook")).toEqual(
    expect.arrayContaining([
      "FailedPostStartHook: PostStartHook failed",
      "Killing: FailedPostStartHook",
    ]),
  );
});

test("graceful deletion takes the grace it needs and no more, forced deletion takes none", async () => {
  const deaf = "trap '' TERM; while :; do sleep 0.05; done";
  await cluster.create(
    shell("polite", "trap 'sleep 0.5; exit 0' TERM; while :; do sleep 0.05; done"),
    shell("deaf", deaf, {}, { terminationGracePeriodSeconds: 3 }),
    shell("forced", deaf, {}, { terminationGracePeriodSeconds: 600 }),
  );
  for (const name of ["polite", "deaf", "forced"])
    await cluster.pod(name, ({ status }) => status?.phase === "Running");
  const timed = async (name: string) => {
    const began = Date.now();
    await cluster.gone(name);
    return Date.now() - began;
  };
  await cluster.remove("deaf");
  const waited = timed("deaf");
  await cluster.remove("polite", 600);
  expect(await timed("polite")).toBeLessThan(30_000);
  expect(await waited).toBeGreaterThan(2000);
  await cluster.remove("forced", 0);
  await cluster.gone("forced");
  await eventually("the end of its process", () =>
    Promise.resolve(cluster.processes("/default_forced_").length === 0),
  );
});
