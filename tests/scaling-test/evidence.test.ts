import { type ApiEvent, type ApiObject, eventTime } from "../../scaling-test/api-server";
import * as evidence from "../../scaling-test/evidence";

const meta = (name: string, uid = `uid-${name}`) => ({
  name,
  namespace: "demo",
  uid,
  creationTimestamp: "2026-01-01T00:00:00Z",
});

const pod = (conditions: unknown[], spec = {}): ApiObject => ({
  metadata: meta("hello-1"),
  spec,
  status: { conditions },
});

const event = (reason: string, about: ApiEvent["involvedObject"], message = ""): ApiEvent => ({
  metadata: meta(`event-${reason}`),
  reason,
  message,
  involvedObject: about,
  eventTime: "2026-01-01T00:00:05.250000Z",
});

test("a pod is pending when the scheduler says so, at the event's own time", () => {
  const about = { kind: "Pod", name: "hello-1", uid: "uid-hello-1" };
  const refused = event("FailedScheduling", about, "0/1 nodes are available");
  expect(evidence.pending([refused], pod([]))).toEqual({
    kind: "Event",
    name: "demo/event-FailedScheduling",
    uid: "uid-event-FailedScheduling",
    time: "2026-01-01T00:00:05.250000Z",
    detail: "0/1 nodes are available",
  });
  const another = { ...refused, involvedObject: { ...about, uid: "another" } };
  expect(evidence.pending([event("Scheduled", about), another], pod([]))).toBeUndefined();
  const again = { ...refused, eventTime: "2026-01-01T00:00:09.000000Z" };
  expect(evidence.pending([again, refused], pod([]))?.time).toBe(refused.eventTime);
});

test("an event's name tells milliseconds where it is of the same second", () => {
  const at = (name: string, firstTimestamp: string) =>
    eventTime({ metadata: { name }, firstTimestamp, eventTime: null });
  // 0x18eb4fcb62269755 nanoseconds after 1970.
  const exact = "2026-11-25T14:23:31.380Z";
  const second = "2026-11-25T14:23:31Z";
  expect(at("hello-1.18eb4fcb62269755", second)).toBe(exact);
  expect(at("hello-1.18eb4fcb62269755", "2026-11-25T14:23:32Z")).toBe("2026-11-25T14:23:32Z");
  expect(at("hello-1.c651f16bbfbc4866", second)).toBe(second);
  expect(at("hello-1", second)).toBe(second);
});

test("the decision is the autoscaler's event about one of these pods, at its own time", () => {
  const pods = [pod([])];
  const other = event("TriggeredScaleUp", { kind: "Pod", name: "x", uid: "another" });
  const ours = event("TriggeredScaleUp", { kind: "Pod", name: "hello-1", uid: "uid-hello-1" });
  expect(evidence.decision([other], pods)).toBeUndefined();
  expect(evidence.decision([other, ours], pods)?.time).toBe("2026-01-01T00:00:05.250000Z");
});

test("a node counts for a VM only by its providerID", () => {
  const ready = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:07Z" };
  const node = { ...pod([ready], { providerID: "nutanix://vm-1" }), metadata: meta("worker") };
  expect(evidence.nodeReady([node], "vm-2")).toBeUndefined();
  expect(evidence.nodeReady([node], "vm-1")?.time).toBe("2026-01-01T00:00:07Z");
  const notReady = { ...node, status: { conditions: [{ ...ready, status: "False" }] } };
  expect(evidence.nodeReady([notReady], "vm-1")).toBeUndefined();
});

test("a task counts when it succeeded and has ended", () => {
  const done = {
    extId: "task-1",
    operation: "kVmCreate",
    status: "SUCCEEDED",
    createdTime: "2026-01-01T00:00:02Z",
    completedTime: "2026-01-01T00:00:03Z",
  };
  expect(evidence.task([{ ...done, status: "FAILED" }], "create", "vm-1")).toBeUndefined();
  expect(evidence.task([done], "delete", "vm-1")).toBeUndefined();
  expect(evidence.task([done], "create", "vm-1")).toEqual({
    kind: "Task",
    name: "task-1",
    uid: "vm-1",
    time: "2026-01-01T00:00:03Z",
    detail: "kVmCreate of VM vm-1",
  });
});

test("a node is drained when the autoscaler says so of this node", () => {
  const about = { kind: "Node", name: "worker" };
  expect(evidence.drained([event("ScaleDown", about)], "worker")?.kind).toBe("Event");
  expect(evidence.drained([event("ScaleDown", about)], "another")).toBeUndefined();
  expect(evidence.drained([event("ScaleDownFailed", about)], "worker")).toBeUndefined();
});

describe("an answer", () => {
  const node: ApiObject = {
    ...pod([], { providerID: "nutanix://vm-1" }),
    metadata: meta("worker"),
  };
  const hello = pod([], { nodeName: "worker" });
  const world = { pods: [hello], nodes: [node] };
  const asked = { nonce: "n-1", url: "demo/hello:8080" };
  const time = "2026-01-01T00:00:08.123Z";
  const reply = (more: object, status = 200) => ({
    status,
    body: { nonce: "n-1", pod: "hello-1", node: "worker", time, ...more },
  });

  test("shows the pod, and the VM that pod and node agree on", () => {
    expect(evidence.answered(reply({ vm: "VM-1" }), asked, world)).toEqual({
      kind: "HTTP response",
      name: "demo/hello:8080",
      uid: "uid-hello-1",
      time,
      detail: "nonce n-1 answered by pod hello-1 on VM vm-1, which it names itself",
    });
    expect(evidence.answered(reply({}), asked, world)?.detail).toContain("VM vm-1, by its node");
  });

  test("counts for nothing with another nonce, from another pod, or when it is an error", () => {
    expect(evidence.answered(reply({ nonce: "n-0" }), asked, world)).toBeUndefined();
    expect(evidence.answered(reply({ pod: "stranger" }), asked, world)).toBeUndefined();
    expect(evidence.answered(reply({}, 503), asked, world)).toBeUndefined();
  });

  test("from a VM that is not the node's is an error", () => {
    expect(() => evidence.answered(reply({ vm: "vm-2" }), asked, world)).toThrow(
      "pod hello-1 says it runs on VM vm-2, its node is VM vm-1",
    );
  });
});
