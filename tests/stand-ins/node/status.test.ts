// A pod's status from its containers, as a kubelet computes it.
import { phaseOf, podStatus } from "../../../stand-ins/node/status";
import type { PodView } from "../../../stand-ins/node/status";
import type { ContainerRecord, Pod } from "../../../stand-ins/node/types";

const at = "2026-01-01T00:00:00Z";
const now = "2026-01-01T00:01:00Z";
const node = { name: "n", ip: "198.18.1.1", loopback: "127.18.1.1" };

function container(state: ContainerRecord["state"], more: Partial<ContainerRecord> = {}) {
  return { name: "c", state, restarts: 0, started: false, ready: false, ...more };
}

function view(app: ContainerRecord[], more: Partial<PodView> & { policy?: string } = {}): PodView {
  const initContainers = more.init?.map(() => ({ name: "i" }));
  const containers = [{ name: "c", image: "i:v1" }];
  const spec = { restartPolicy: more.policy, initContainers, containers };
  const pod: Pod = { metadata: { name: "p", namespace: "d", generation: 3 }, spec };
  const address = { ip: "198.18.2.2", loopback: "127.18.2.2" };
  return { pod, node, address, startTime: at, init: [], app, ...more };
}

const waiting = container({ kind: "waiting", reason: "ContainerCreating" });
const running = container({ kind: "running", startedAt: at }, { started: true, ready: true });
const end = { reason: "x", startedAt: at, finishedAt: at };
const succeeded = container({ kind: "terminated", end: { ...end, exitCode: 0 } });
const failed = container({ kind: "terminated", end: { ...end, exitCode: 4 } });
const backingOff = container(
  { kind: "waiting", reason: "CrashLoopBackOff" },
  { last: { ...end, exitCode: 4 } },
);

const failure = { reason: "r", message: "m" };

test.each([
  ["waiting", view([waiting]), "Pending"],
  ["running", view([running]), "Running"],
  ["one of two waiting", view([running, waiting]), "Pending"],
  ["backing off", view([backingOff]), "Running"],
  ["ended, to be started again", view([failed]), "Running"],
  ["failed for good", view([failed], { policy: "Never" }), "Failed"],
  ["failed, to be started again", view([failed], { policy: "OnFailure" }), "Running"],
  ["done", view([succeeded, succeeded], { policy: "OnFailure" }), "Succeeded"],
  ["done, but one", view([succeeded, failed], { policy: "Never" }), "Failed"],
  ["waiting for init", view([waiting], { init: [running, waiting] }), "Pending"],
  ["init failed for good", view([waiting], { init: [failed], policy: "Never" }), "Failed"],
  ["past its deadline", view([failed], { ends: true, failure }), "Failed"],
  ["past its deadline, still running", view([running], { ends: true, failure }), "Running"],
  ["stopped, well", view([succeeded], { ends: true }), "Succeeded"],
  ["stopped, killed", view([failed], { ends: true }), "Failed"],
])("the phase of a pod that is %s", (_, pod, expected) => {
  expect(phaseOf(pod)).toBe(expected);
});

test("the whole status of a running pod that is not ready yet", () => {
  const unready = { ...running, ready: false, id: "process://1", imageId: "catalogue:///x" };
  expect(podStatus(view([unready]), now)).toEqual({
    observedGeneration: 3,
    phase: "Running",
    conditions: [
      condition("PodReadyToStartContainers", "True"),
      condition("Initialized", "True"),
      condition("Ready", "False", "ContainersNotReady", "containers with unready status: [c]"),
      condition(
        "ContainersReady",
        "False",
        "ContainersNotReady",
        "containers with unready status: [c]",
      ),
      condition("PodScheduled", "True"),
    ],
    hostIP: "198.18.1.1",
    hostIPs: [{ ip: "198.18.1.1" }],
    podIP: "198.18.2.2",
    podIPs: [{ ip: "198.18.2.2" }],
    startTime: at,
    containerStatuses: [
      {
        name: "c",
        image: "i:v1",
        imageID: "catalogue:///x",
        containerID: "process://1",
        ready: false,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: at } },
        lastState: {},
        resources: {},
      },
    ],
  });
});

test("conditions keep their time while they hold, and others' conditions stay", () => {
  const pod = view([running]);
  pod.pod.status = {
    conditions: [
      { type: "PodScheduled", status: "True", lastTransitionTime: at },
      { type: "Ready", status: "False", lastTransitionTime: at },
      { type: "example.org/gate", status: "True", lastTransitionTime: at },
    ],
  };
  expect(podStatus(pod, now)["conditions"]).toEqual([
    { type: "example.org/gate", status: "True", lastTransitionTime: at },
    condition("PodReadyToStartContainers", "True"),
    condition("Initialized", "True"),
    condition("Ready", "True"),
    condition("ContainersReady", "True"),
    { ...condition("PodScheduled", "True"), lastTransitionTime: at },
  ]);
});

function condition(type: string, status: string, reason?: string, message?: string) {
  return {
    type,
    observedGeneration: 3,
    status,
    lastProbeTime: null,
    lastTransitionTime: now,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

test("a sidecar counts for readiness and holds the pod up, but not its end", () => {
  const sidecar = { name: "s", restartPolicy: "Always" };
  const spec = { initContainers: [sidecar], containers: [{ name: "c" }], restartPolicy: "Never" };
  const pod: Pod = { metadata: { name: "p" }, spec };
  const unready = { ...running, name: "s", ready: false };
  const up = podStatus(view([running], { init: [unready], pod }), now);
  expect((up["conditions"] as { type: string; message?: string }[])[3]).toMatchObject({
    type: "ContainersReady",
    status: "False",
    message: "containers with unready status: [s]",
  });
  expect(phaseOf(view([succeeded], { init: [running], pod }))).toBe("Running");
  expect(phaseOf(view([succeeded], { init: [failed], pod }))).toBe("Succeeded");
});
