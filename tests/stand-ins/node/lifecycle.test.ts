// The life of pods against the real API server: order of containers, restarts, ends, refusals, and what status and
// events say of them; and the Node itself.
import type { Pod } from "../../../stand-ins/node/types";
import { quantityOf } from "../../../stand-ins/shared/quantity";
import { Cluster, eventually, nodeName, podOf, shell } from "./cluster";
import { conditionsOf, stateOf, web } from "./pod-views";

jest.setTimeout(120_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
}, 300_000);

afterAll(() => cluster.stop(), 120_000);

const image = "example.org/shell:v1";

test("init containers run one after the other, a sidecar beside the rest until the end", async () => {
  const log = "/shared/log";
  const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
  const say = (name: string, script: string, more: object = {}) => ({
    name,
    image,
    command: ["sh", "-c", script],
    volumeMounts,
    ...more,
  });
  const sidecar = `trap 'echo side ends >> ${log}; exit 0' TERM; echo side >> ${log}; while :; do sleep 0.05; done`;
  const pod = podOf("order", [say("main", `sleep 0.3; echo main >> ${log}; sleep 0.2`)], {
    volumes: [
      { name: "shared", hostPath: { path: `${cluster.folder}/order`, type: "DirectoryOrCreate" } },
    ],
    initContainers: [
      say("one", `sleep 0.2; echo one >> ${log}`),
      say("side", sidecar, { restartPolicy: "Always" }),
      say("two", `echo two >> ${log}`),
    ],
  });
  await cluster.create(pod);
  const done = await cluster.pod("order", ({ status }) => status?.phase === "Succeeded");
  const { stdout } = await cluster.kubectl(
    "get",
    "pod",
    "order",
    "-o",
    "jsonpath={.status.initContainerStatuses[*].state.terminated.reason}",
  );
  expect(stdout).toBe("Completed Completed Completed");
  const { readFileSync } = await import("node:fs");
  const lines = readFileSync(`${cluster.folder}/order/log`, "utf8").trim().split("\n");
  expect(lines.filter((line) => line !== "side")).toEqual(["one", "two", "main", "side ends"]);
  expect(conditionsOf(done)).toMatchObject({ Initialized: "True", Ready: "False" });
});

test("a failing init container holds the pod back, and with policy Never fails it", async () => {
  const initContainers = [{ name: "no", image, command: ["sh", "-c", "exit 3"] }];
  await cluster.create(shell("init-fails", "true", {}, { initContainers }));
  const pod = await cluster.pod("init-fails", ({ status }) => status?.phase === "Failed");
  expect(stateOf(pod)?.state?.waiting?.reason).toBe("PodInitializing");
  expect(pod.status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
    status: "False",
    reason: "ContainersNotInitialized",
    message: "containers with incomplete status: [no]",
  });
});

test("the whole status of a ready pod", async () => {
  const resources = { requests: { cpu: "10m", memory: "16Mi" } };
  await cluster.create(shell("whole", "sleep 600", { resources }, { restartPolicy: "Always" }));
  const pod = await cluster.pod("whole", (found) => conditionsOf(found)["Ready"] === "True");
  expect(pod.status).toMatchObject({
    phase: "Running",
    qosClass: "Burstable",
    observedGeneration: 1,
    hostIPs: [{ ip: pod.status?.hostIP }],
    podIPs: [{ ip: pod.status?.podIP }],
    conditions: [
      "PodReadyToStartContainers",
      "Initialized",
      "Ready",
      "ContainersReady",
      "PodScheduled",
    ].map((type) => ({ type, status: "True", observedGeneration: 1 })),
    containerStatuses: [
      {
        name: "main",
        image,
        imageID: expect.stringMatching(/^catalogue:\/\/sh$/),
        containerID: expect.stringMatching(/^process:\/\/[0-9a-f]{64}$/),
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: expect.any(String) } },
        lastState: {},
        allocatedResources: { cpu: "10m", memory: "16Mi" },
      },
    ],
  });
  expect(await cluster.events("whole")).toEqual([
    `Pulled: Container image "${image}" already present on machine and can be accessed by the pod`,
    "Created: Container created",
    "Started: Container started",
  ]);
  await cluster.remove("whole", 0);
});

test("a crashing container is started again at once, then backs off, with the kubelet's words", async () => {
  await cluster.create(shell("crash", "exit 7", {}, { restartPolicy: "Always" }));
  const reason = "CrashLoopBackOff";
  const pod = await cluster.pod(
    "crash",
    (found) => stateOf(found)?.state?.waiting?.reason === reason,
  );
  const full = `crash_default(${pod.metadata.uid ?? ""})`;
  expect(stateOf(pod)).toMatchObject({
    restartCount: 1,
    state: {
      waiting: { message: `back-off 10s restarting failed container=main pod=${full}` },
    },
    lastState: { terminated: { exitCode: 7, reason: "Error" } },
  });
  expect(pod.status?.phase).toBe("Running");
  expect(await cluster.events("crash")).toContain(
    `BackOff: Back-off restarting failed container main in pod ${full}`,
  );
  const longer = `back-off 20s restarting failed container=main pod=${full}`;
  const again = await cluster.pod("crash", (found) => {
    return stateOf(found)?.state?.waiting?.message === longer;
  });
  const [last, next] = [pod, again].map((each) => stateOf(each)?.lastState?.terminated);
  const pause = Date.parse(String(next?.startedAt)) - Date.parse(String(last?.finishedAt));
  expect(pause).toBeGreaterThanOrEqual(9000); // Times are whole seconds.
  await cluster.remove("crash", 0);
});

test.each([
  ["OnFailure", "exit 0", "Succeeded", 0],
  ["Never", "exit 5", "Failed", 5],
])("policy %s, a container with `%s`", async (restartPolicy, script, phase, code) => {
  const name = `policy-${restartPolicy.toLowerCase()}`;
  await cluster.create(shell(name, script, {}, { restartPolicy }));
  const pod = await cluster.pod(name, ({ status }) => status?.phase === phase);
  expect(stateOf(pod)).toMatchObject({
    restartCount: 0,
    state: { terminated: { exitCode: code } },
  });
});

test("last words come from the message file, else from the log when asked for", async () => {
  const said = "echo gone wrong; exit 1";
  await cluster.create(
    shell("words", `echo bye > /dev/termination-log; ${said}`),
    shell("tail", said, { terminationMessagePolicy: "FallbackToLogsOnError" }),
  );
  const failed = ({ status }: Pod) => status?.phase === "Failed";
  const [words, tail] = [await cluster.pod("words", failed), await cluster.pod("tail", failed)];
  expect(stateOf(words)?.state?.terminated?.message).toBe("bye\n");
  expect(stateOf(tail)?.state?.terminated?.message).toBe("gone wrong");
});

test("a command that is not there ends as StartError", async () => {
  await cluster.create(shell("nothing", "", { command: ["/no/such/program"] }));
  const pod = await cluster.pod("nothing", ({ status }) => status?.phase === "Failed");
  expect(stateOf(pod)?.state?.terminated).toMatchObject({
    exitCode: 128,
    reason: "StartError",
    message: 'exec: "/no/such/program": stat /no/such/program: no such file or directory',
  });
});

test("an unknown image is no program: ErrImagePull, then ImagePullBackOff, with a sentence", async () => {
  await cluster.create(shell("unknown", "", { image: "example.org/unknown:v9" }));
  const waiting = (reason: string) => (pod: Pod) => stateOf(pod)?.state?.waiting?.reason === reason;
  await cluster.pod("unknown", waiting("ErrImagePull"));
  const pod = await cluster.pod("unknown", waiting("ImagePullBackOff"));
  const sentence =
    'Pulling example.org/unknown:v9 failed: no catalogue names it. Add "example.org/unknown" to the images of catalogue.yaml, with the program that plays it.';
  expect(stateOf(pod)?.state?.waiting?.message).toBe(
    `Back-off pulling image "example.org/unknown:v9": ErrImagePull: ${sentence}`,
  );
  expect(await cluster.events("unknown")).toEqual(
    expect.arrayContaining([
      'Pulling: Pulling image "example.org/unknown:v9"',
      `Failed: Failed to pull image "example.org/unknown:v9": ${sentence}`,
      "Failed: Error: ErrImagePull",
      'BackOff: Back-off pulling image "example.org/unknown:v9"',
    ]),
  );
  expect((await cluster.kubectl("logs", "unknown")).stderr).toContain(
    'container "main" in pod "unknown" is waiting to start: trying and failing to pull image',
  );
  await cluster.remove("unknown", 0);
});

test("activeDeadlineSeconds ends a pod", async () => {
  await cluster.create(shell("deadline", "exec sleep 600", {}, { activeDeadlineSeconds: 1 }));
  const pod = await cluster.pod("deadline", ({ status }) => status?.phase === "Failed");
  expect(pod.status).toMatchObject({
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  });
});

test("a pod that does not fit beside the others is refused as a kubelet refuses it", async () => {
  const limited = (memory: string) => ({ resources: { limits: { memory } } });
  const { allocatable } = await nodeStatus();
  const all = allocatable["memory"] ?? "";
  await cluster.create(shell("small", "sleep 600", limited("64Mi")));
  await cluster.pod("small", ({ status }) => status?.phase === "Running");
  await cluster.create(shell("huge", "sleep 600", limited(all)));
  const pod = await cluster.pod("huge", ({ status }) => status?.phase === "Failed");
  const bytes = quantityOf(all);
  expect(pod.status).toMatchObject({
    reason: "OutOfmemory",
    message:
      "Pod was rejected: Node didn't have enough resource: memory, " +
      `requested: ${bytes}, used: ${64 * 1024 * 1024}, capacity: ${bytes}`,
  });
  await cluster.remove("small", 0);
  await cluster.gone("small");
  await cluster.create(shell("alone", "sleep 600", limited(all)));
  await cluster.pod("alone", ({ status }) => status?.phase === "Running");
  await cluster.remove("alone", 0);
});

test("a port of the node is taken once: the second pod is refused, and a stranger's is named", async () => {
  const port = { containerPort: 8082, hostPort: 18082 };
  const container = web("web", 8082, "", { ports: [port] });
  await cluster.create(podOf("port-one", [container]));
  await cluster.pod("port-one", ({ status }) => status?.phase === "Running");
  await cluster.create(podOf("port-two", [container]));
  const two = await cluster.pod("port-two", ({ status }) => status?.phase === "Failed");
  expect(two.status).toMatchObject({
    reason: "NodePorts",
    message:
      "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  });
  const node = (two.status?.hostIP ?? (await hostIp())).replace("198.", "127.");
  const { createServer } = await import("node:http");
  const answer = await eventually("the port", () => text(`http://${node}:18082/hello`));
  expect(answer).toBe("/hello");
  const stranger = createServer().listen(18083, node);
  const taken = web("web", 8083, "", { ports: [{ containerPort: 8083, hostPort: 18083 }] });
  await cluster.create(podOf("port-three", [taken]));
  const three = await cluster.pod("port-three", (pod) => stateOf(pod)?.state?.waiting?.message);
  expect(stateOf(three)?.state?.waiting).toEqual({
    reason: "CreateContainerError",
    message: `Listening on ${node}:18083 for the pod failed: the port is taken. End what listens there.`,
  });
  stranger.close();
  await cluster.remove("port-one", 0);
  await cluster.remove("port-three", 0);
});

test("the Node has what pods may take, a lease, and the kubelet's conditions", async () => {
  const status = await nodeStatus();
  expect(status.conditions.map(({ type, status, reason }) => [type, status, reason])).toEqual([
    ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID"],
    ["Ready", "True", "KubeletReady"],
  ]);
  expect(Object.keys(status.allocatable).sort()).toEqual([
    "cpu",
    "ephemeral-storage",
    "memory",
    "pods",
  ]);
  expect(status.allocatable).toEqual(status.capacity);
  expect(status.nodeInfo).toMatchObject({
    operatingSystem: "linux",
    kubeletVersion: "v1.36.3",
  });
  const lease = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${nodeName}`;
  expect(await cluster.kube.call("GET", lease)).toMatchObject({
    spec: { holderIdentity: nodeName, leaseDurationSeconds: 40 },
  });
  expect(await cluster.events(nodeName)).toEqual(
    expect.arrayContaining([
      "Starting: Starting kubelet.",
      `NodeReady: Node ${nodeName} status is now: NodeReady`,
    ]),
  );
});

interface NodeStatus {
  readonly addresses: { type: string; address: string }[];
  readonly allocatable: Record<string, string>;
  readonly capacity: Record<string, string>;
  readonly conditions: { type: string; status: string; reason: string }[];
  readonly nodeInfo: Record<string, string>;
}

async function nodeStatus(): Promise<NodeStatus> {
  const node = await cluster.kube.call("GET", `/api/v1/nodes/${nodeName}`);
  return (node as { status: NodeStatus }).status;
}

async function hostIp(): Promise<string> {
  const { addresses } = await nodeStatus();
  return addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
}

async function text(url: string): Promise<string | undefined> {
  try {
    return await (await fetch(url)).text();
  } catch {
    return undefined;
  }
}
