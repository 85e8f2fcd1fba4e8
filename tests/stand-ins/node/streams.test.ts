// logs, exec, attach, cp and port-forward by the real kubectl.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, eventually, podOf, shell } from "./cluster";

jest.setTimeout(120_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.create(
    shell("talk", "echo one; sleep 2; echo two >&2; echo three; exec sleep 600"),
    shell("idle", "cd /tmp; exec sleep 600", { env: [{ name: "WORD", value: "known" }] }),
    shell(
      "crashed",
      "[ -e /v/second ] && { echo second; exec sleep 600; }; touch /v/second; echo first; exit 1",
      {
        volumeMounts: [{ name: "v", mountPath: "/v" }],
      },
      { restartPolicy: "Always", volumes: [{ name: "v", emptyDir: {} }] },
    ),
    podOf("web", [
      { name: "web", image: "example.org/mapped:v1", ports: [{ containerPort: 8080 }] },
    ]),
  );
  for (const name of ["talk", "idle", "web"])
    await cluster.pod(name, ({ status }) => status?.phase === "Running");
}, 300_000);

afterAll(() => cluster.stop(), 120_000);

/** Waits until a kubectl that goes on has printed something. */
function output(child: ReturnType<Cluster["spawnKubectl"]>, wanted: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      if (wanted.test(text)) resolve(text);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("close", () => reject(new Error(`kubectl ended with: ${text}`)));
  });
}

test("logs: whole, followed until the end, the last lines, since, with times", async () => {
  await cluster.create(shell("counts", "for i in 1 2 3; do echo $i; sleep 0.5; done"));
  await cluster.pod("counts", ({ status }) => status?.phase !== "Pending");
  expect((await cluster.kubectl("logs", "-f", "counts")).stdout).toBe("1\n2\n3\n");
  await cluster.pod("counts", ({ status }) => status?.phase === "Succeeded");
  expect((await cluster.kubectl("logs", "counts", "--tail=2")).stdout).toBe("2\n3\n");
  expect(
    (await cluster.kubectl("logs", "counts", "--since-time=2100-01-01T00:00:00Z")).stdout,
  ).toBe("");
  expect((await cluster.kubectl("logs", "counts", "--since=1h")).stdout).toBe("1\n2\n3\n");
  const stamped = (await cluster.kubectl("logs", "counts", "--timestamps", "--tail=1")).stdout;
  expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z 3\n$/);
});

test("logs --previous are those of the run before", async () => {
  await cluster.pod("crashed", ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1);
  await eventually(
    "the second run",
    async () => (await cluster.kubectl("logs", "crashed")).stdout === "second\n",
  );
  expect((await cluster.kubectl("logs", "crashed", "--previous")).stdout).toBe("first\n");
  expect((await cluster.kubectl("logs", "idle", "--previous")).stderr).toContain(
    'previous terminated container "main" in pod "idle" not found',
  );
});

test("exec: environment, working folder, input, both outputs, exit codes", async () => {
  const run = await cluster.kubectl(
    "exec",
    "idle",
    "--",
    "sh",
    "-c",
    "echo $WORD; hostname; echo no >&2; exit 3",
  );
  expect([run.stdout, run.code]).toEqual(["known\nidle\n", 3]);
  expect(run.stderr).toBe("no\ncommand terminated with exit code 3\n");
  const child = cluster.spawnKubectl("exec", "-i", "idle", "--", "tr", "a-z", "A-Z");
  const said = output(child, /LOUD/);
  child.stdin.end("loud\n");
  expect(await said).toBe("LOUD\n");
});

test("exec sees the processes of its container only, and can end them", async () => {
  const { stdout } = await cluster.kubectl(
    "exec",
    "idle",
    "--",
    "sh",
    "-c",
    "cat /proc/[0-9]*/comm",
  );
  expect(stdout.split("\n").sort()).toEqual(["", "container-shim", "sh", "sleep"]);
});

test("exec with a terminal", async () => {
  const child = cluster.spawnKubectl(
    "exec",
    "-i",
    "--tty=false",
    "idle",
    "--",
    "script",
    "-qec",
    "tty && stty size",
    "/dev/null",
  );
  expect(await output(child, /\d+ \d+/)).toMatch(/^\/dev\/pts\/\d+\r\n\d+ \d+\r\n$/);
});

test("attach: input and output of the container itself", async () => {
  await cluster.create(
    shell("echo", 'while read line; do echo "got $line"; done; echo over', {
      stdin: true,
      stdinOnce: true,
    }),
  );
  await cluster.pod("echo", ({ status }) => status?.phase === "Running");
  const child = cluster.spawnKubectl("attach", "-i", "echo");
  const said = output(child, /over/);
  child.stdin.write("a\n");
  child.stdin.end("b\n");
  expect(await said).toContain("got a\ngot b\nover\n");
  await cluster.pod("echo", ({ status }) => status?.phase === "Succeeded");
  expect((await cluster.kubectl("logs", "echo")).stdout).toBe("got a\ngot b\nover\n");
});

test("a container with a terminal of its own", async () => {
  const said = await cluster.said(
    shell("terminal", "tty; [ -t 0 ] && echo yes", { stdin: true, tty: true }),
  );
  expect(said).toMatch(/^\/dev\/pts\/\d+\r?\nyes\r?\n$/);
});

test("cp, there and back", async () => {
  const here = join(cluster.folder, "file");
  writeFileSync(here, "content");
  const there = join(cluster.folder, "copied");
  expect((await cluster.kubectl("cp", here, `idle:${there}`)).stderr).toBe("");
  const back = join(cluster.folder, "back");
  await cluster.kubectl("cp", `idle:${there}`, back);
  expect(readFileSync(back, "utf8")).toBe("content");
});

test("port-forward reaches the port that a program was given", async () => {
  const child = cluster.spawnKubectl("port-forward", "pod/web", ":8080");
  const [, port] =
    /127\.0\.0\.1:(\d+) ->/.exec(await output(child, /Forwarding from 127.*->/)) ?? [];
  const answer = await fetch(`http://127.0.0.1:${port ?? ""}/hello`);
  expect(await answer.text()).toBe("/hello");
  child.kill();
});

test("logs of what has not started say why", async () => {
  const init = { name: "wait", image: "example.org/shell:v1", command: ["sleep", "600"] };
  await cluster.create(shell("later", "true", {}, { initContainers: [init] }));
  await cluster.pod("later", ({ status }) => status?.initContainerStatuses?.[0]?.state?.running);
  const { stderr, code } = await cluster.kubectl("logs", "later", "-c", "main");
  expect([stderr, code]).toEqual([
    'Error from server (BadRequest): container "main" in pod "later" is waiting to start: PodInitializing\n',
    1,
  ]);
});
