// A pod's status as the kubelet computes it from its containers. Pure: records and the last status in, status out.
import { isSidecar, shouldRestart } from "./restart-policy";
import type {
  Container,
  ContainerRecord,
  NodeIdentity,
  Pod,
  PodAddress,
  Terminated,
} from "./types";

export interface Condition {
  type: string;
  observedGeneration?: number;
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
  /** Set when the node itself ends the pod. */
  failure?: { reason: string; message: string };
  /** The pod is being stopped for good: no container is started any more. */
  ends?: boolean;
}

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** The status to report, at a time given as RFC 3339. */
export function podStatus(view: PodView, now: string): Record<string, unknown> {
  const { pod, node, address, init, app } = view;
  const phase = phaseOf(view);
  const { initContainers = [], containers } = pod.spec;
  return {
    observedGeneration: pod.metadata.generation,
    phase,
    conditions: conditions(view, phase, now),
    // Told with the phase that they explain.
    ...(phase === "Failed" ? view.failure : {}),
    hostIP: node.ip,
    hostIPs: [{ ip: node.ip }],
    ...(address ? { podIP: address.ip, podIPs: [{ ip: address.ip }] } : {}),
    startTime: view.startTime,
    ...(init.length > 0 ? { initContainerStatuses: statuses(init, initContainers) } : {}),
    containerStatuses: statuses(app, containers),
  };
}

/** The kubelet's getPhase: init containers, sidecars, containers and what restarts them. */
export function phaseOf(view: PodView): Phase {
  const { pod, init, app, failure, ends = false } = view;
  const sidecars = init.filter((_, at) => isSidecar(pod.spec.initContainers?.[at]));
  const runs = [...app, ...sidecars].some(({ state }) => state.kind === "running");
  if (ends) return endPhase(view, runs || init.some(({ state }) => state.kind === "running"));
  if (failure) return "Failed";
  if (init.some((record, at) => failedForGood(pod, record, pod.spec.initContainers?.[at], true)))
    return "Failed";
  const wasUp = app.some(({ state, last }) => state.kind !== "waiting" || last);
  if (!wasUp && init.some((record) => !isDoneInit(record))) return "Pending";
  if (app.some((record) => record.state.kind === "waiting" && !record.last)) return "Pending";
  if (runs) return "Running";
  return finalPhase(pod, app);
}

// While something of it runs, a pod does not become Succeeded or Failed.
function endPhase({ pod, app, failure }: PodView, runs: boolean): Phase {
  const before = pod.status?.phase as Phase | undefined;
  if (runs) return before === "Pending" ? "Pending" : "Running";
  if (failure) return "Failed";
  return app.every((record) => ended(record)?.exitCode === 0) ? "Succeeded" : "Failed";
}

function finalPhase(pod: Pod, app: ContainerRecord[]): Phase {
  const goesOn = app.some((record, at) => {
    const end = ended(record) ?? record.last;
    const container = pod.spec.containers[at];
    return container && end && shouldRestart(pod, container, end.exitCode);
  });
  if (goesOn) return "Running";
  return app.every((record) => ended(record)?.exitCode === 0) ? "Succeeded" : "Failed";
}

function failedForGood(
  pod: Pod,
  record: ContainerRecord,
  container: Container | undefined,
  isInit: boolean,
): boolean {
  const end = ended(record);
  if (!end || end.exitCode === 0 || !container) return false;
  return !shouldRestart(pod, container, end.exitCode, isInit);
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
  const containers = containersReady(view, phase);
  const wanted: Verdict[] = [
    { type: "PodReadyToStartContainers", ok: view.address !== undefined && !isOver(phase) },
    { type: "Initialized", ...initialized(view, phase) },
    { type: "Ready", ...podReady(view.pod, containers, foreign) },
    { type: "ContainersReady", ...containers },
    { type: "PodScheduled", ok: true },
  ];
  const { generation } = view.pod.metadata;
  return [...foreign, ...wanted.map((verdict) => condition(verdict, { before, now, generation }))];
}

// Without containers there is no sandbox any more.
function isOver(phase: Phase): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

interface Verdict {
  type: string;
  ok: boolean;
  reason?: string;
  message?: string;
}

function condition(
  verdict: Verdict,
  { before, now, generation }: { before: Condition[]; now: string; generation?: number },
): Condition {
  const { type, ok, reason, message } = verdict;
  const status = ok ? "True" : "False";
  const old = before.find((each) => each.type === type && each.status === status);
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status,
    lastProbeTime: null,
    lastTransitionTime: old?.lastTransitionTime ?? now,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function initialized({ init, app }: PodView, phase: Phase): Omit<Verdict, "type"> {
  const open = init.filter((record) => !isDoneInit(record)).map(({ name }) => name);
  if (phase === "Succeeded") return { ok: true, reason: "PodCompleted" };
  // Once initialized, it stays so, whatever becomes of its sidecars.
  const wasUp = app.some(({ state, last }) => state.kind !== "waiting" || last);
  if (open.length === 0 || wasUp) return { ok: true };
  const message = `containers with incomplete status: [${open.join(" ")}]`;
  return { ok: false, reason: "ContainersNotInitialized", message };
}

function containersReady({ pod, init, app }: PodView, phase: Phase): Omit<Verdict, "type"> {
  if (phase === "Succeeded") return { ok: false, reason: "PodCompleted" };
  if (phase === "Failed") return { ok: false, reason: "PodFailed" };
  const sidecars = init.filter((_, at) => isSidecar(pod.spec.initContainers?.[at]));
  const unready = [...sidecars, ...app].filter(({ ready }) => !ready).map(({ name }) => name);
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
  const unmet = (pod.spec.readinessGates ?? []).flatMap(({ conditionType: type }) => {
    const found = foreign.find((each) => each.type === type);
    if (!found) return [`corresponding condition of pod readiness gate "${type}" does not exist.`];
    const text = `the status of pod readiness gate "${type}" is not "True", but ${found.status}`;
    return found.status === "True" ? [] : [text];
  });
  if (unmet.length === 0) return { ok: true };
  return { ok: false, reason: "ReadinessGatesNotReady", message: unmet.join(", ") };
}

function statuses(records: ContainerRecord[], specs: Container[]): Record<string, unknown>[] {
  return records.map((record, at) => containerStatus(record, specs[at]));
}

function containerStatus(record: ContainerRecord, spec?: Container): Record<string, unknown> {
  return {
    name: record.name,
    image: spec?.image ?? "",
    imageID: record.imageId ?? "",
    ...(record.id === undefined ? {} : { containerID: record.id }),
    ready: record.ready,
    started: record.started,
    restartCount: record.restarts,
    state: stateOf(record),
    lastState: record.last ? { terminated: record.last } : {},
    ...(spec ? specStatus(record, spec) : {}),
  };
}

/** What a status repeats of the spec: resources as they are in force, mounts as they are made. */
function specStatus(record: ContainerRecord, spec: Container): Record<string, unknown> {
  const { requests, limits } = spec.resources ?? {};
  const volumeMounts = (spec.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly ? { readOnly, recursiveReadOnly: "Disabled" } : {}),
  }));
  const resources = { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) };
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    ...(record.id === undefined ? {} : { resources }),
    ...(volumeMounts.length > 0 ? { volumeMounts } : {}),
  };
}

function stateOf({ state }: ContainerRecord): Record<string, unknown> {
  if (state.kind === "running") return { running: { startedAt: state.startedAt } };
  if (state.kind === "terminated") return { terminated: state.end };
  const { reason, message } = state;
  return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
}
