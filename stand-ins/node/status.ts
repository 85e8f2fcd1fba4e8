// A pod's status as the kubelet computes it from its containers. Pure: records and the last status in, status out.
import type { ContainerRecord, NodeIdentity, Pod, PodAddress, Terminated } from "./types";

export interface Condition {
  type: string;
  status: "True" | "False";
  reason?: string;
  message?: string;
  lastProbeTime: null;
  lastTransitionTime: string;
}

export interface PodView {
  pod: Pod;
  node: NodeIdentity;
  address?: PodAddress;
  startTime: string;
  init: ContainerRecord[];
  app: ContainerRecord[];
  /** Set when the node itself ended or refused the pod. */
  failure?: { reason: string; message: string };
}

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** The status to report, at a time given as RFC 3339. */
export function podStatus(view: PodView, now: string): Record<string, unknown> {
  const { pod, node, address, init, app } = view;
  const phase = phaseOf(view);
  return {
    observedGeneration: pod.metadata.generation,
    phase,
    conditions: conditions(view, phase, now),
    ...(view.failure ?? {}),
    hostIP: node.ip,
    hostIPs: [{ ip: node.ip }],
    ...(address ? { podIP: address.ip, podIPs: [{ ip: address.ip }] } : {}),
    startTime: view.startTime,
    initContainerStatuses: init.map((record) => containerStatus(record, pod.spec.initContainers)),
    containerStatuses: app.map((record) => containerStatus(record, pod.spec.containers)),
  };
}

/** The kubelet's getPhase, for init containers, containers and the restart policy. */
export function phaseOf({ pod, init, app, failure }: PodView): Phase {
  if (failure) return "Failed";
  const never = pod.spec.restartPolicy === "Never";
  if (never && init.some((record) => (ended(record)?.exitCode ?? 0) !== 0)) return "Failed";
  if (init.some((record) => !isDoneInit(record))) return "Pending";
  if (app.some((record) => record.state.kind === "waiting" && !record.last)) return "Pending";
  if (app.some((record) => record.state.kind === "running")) return "Running";
  if (restarts(pod, app)) return "Running";
  return app.every((record) => ended(record)?.exitCode === 0) ? "Succeeded" : "Failed";
}

function restarts(pod: Pod, app: ContainerRecord[]): boolean {
  const policy = pod.spec.restartPolicy ?? "Always";
  if (policy === "OnFailure") return !app.every((record) => ended(record)?.exitCode === 0);
  return policy === "Always" || app.some((record) => record.state.kind === "waiting");
}

/** An init container lets the next one start: it succeeded, or is a sidecar that has started. */
export function isDoneInit(record: ContainerRecord): boolean {
  return ended(record)?.exitCode === 0 || (record.state.kind === "running" && record.started);
}

function ended(record: ContainerRecord): Terminated | undefined {
  return record.state.kind === "terminated" ? record.state.end : undefined;
}

const ownTypes = [
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
];

function conditions(view: PodView, phase: Phase, now: string): Condition[] {
  const before = (view.pod.status?.conditions ?? []) as unknown as Condition[];
  const foreign = before.filter(({ type }) => !ownTypes.includes(type));
  const containers = containersReady(view.app, phase);
  const wanted: Verdict[] = [
    { type: "PodReadyToStartContainers", ok: view.address !== undefined },
    { type: "Initialized", ...initialized(view.init, phase) },
    { type: "Ready", ...podReady(view.pod, containers, foreign) },
    { type: "ContainersReady", ...containers },
    { type: "PodScheduled", ok: true },
  ];
  return [...foreign, ...wanted.map((verdict) => condition(verdict, before, now))];
}

interface Verdict {
  type: string;
  ok: boolean;
  reason?: string;
  message?: string;
}

function condition(verdict: Verdict, before: Condition[], now: string): Condition {
  const { type, ok, reason, message } = verdict;
  const status = ok ? "True" : "False";
  const old = before.find((each) => each.type === type && each.status === status);
  return {
    type,
    status,
    lastProbeTime: null,
    lastTransitionTime: old?.lastTransitionTime ?? now,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function initialized(init: ContainerRecord[], phase: Phase): Omit<Verdict, "type"> {
  const open = init.filter((record) => !isDoneInit(record)).map(({ name }) => name);
  if (phase === "Succeeded") return { ok: true, reason: "PodCompleted" };
  if (open.length === 0) return { ok: true };
  const message = `containers with incomplete status: [${open.join(" ")}]`;
  return { ok: false, reason: "ContainersNotInitialized", message };
}

function containersReady(app: ContainerRecord[], phase: Phase): Omit<Verdict, "type"> {
  if (phase === "Succeeded") return { ok: false, reason: "PodCompleted" };
  if (phase === "Failed") return { ok: false, reason: "PodFailed" };
  const unready = app.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { ok: true };
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { ok: false, reason: "ContainersNotReady", message };
}

function podReady(
  pod: Pod,
  containers: Omit<Verdict, "type">,
  foreign: Condition[],
): Omit<Verdict, "type"> {
  if (!containers.ok) return containers;
  const unmet = (pod.spec.readinessGates ?? [])
    .map((gate) => gate.conditionType)
    .filter((type) => !foreign.some((each) => each.type === type && each.status === "True"));
  if (unmet.length === 0) return { ok: true };
  const message = `the status of pod readiness gate "${unmet.join(", ")}" is not "True"`;
  return { ok: false, reason: "ReadinessGatesNotReady", message };
}

function containerStatus(
  record: ContainerRecord,
  specs: { name: string; image?: string }[] = [],
): Record<string, unknown> {
  return {
    name: record.name,
    image: specs.find(({ name }) => name === record.name)?.image ?? "",
    imageID: record.imageId ?? "",
    ...(record.id === undefined ? {} : { containerID: record.id }),
    ready: record.ready,
    started: record.started,
    restartCount: record.restarts,
    state: stateOf(record),
    lastState: record.last ? { terminated: record.last } : {},
  };
}

function stateOf({ state }: ContainerRecord): Record<string, unknown> {
  if (state.kind === "running") return { running: { startedAt: state.startedAt } };
  if (state.kind === "terminated") return { terminated: state.end };
  const { reason, message } = state;
  return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
}
