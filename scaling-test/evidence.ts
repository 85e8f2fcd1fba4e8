// From objects to evidence. Pure: each function says what shows that a phase was reached, or nothing yet.

import { type ApiEvent, type ApiObject, eventTime } from "./api-server";
import { OPERATIONS, type PrismTask } from "./prism";
import type { Evidence } from "./report/types";

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  severity?: string;
  lastTransitionTime: string;
}

export const PROVIDER_ID_PREFIX = "nutanix://";

export const fullName = (object: Pick<ApiObject, "metadata">) =>
  object.metadata.namespace
    ? `${object.metadata.namespace}/${object.metadata.name}`
    : object.metadata.name;

export function condition(object: ApiObject, type: string): Condition | undefined {
  const conditions = object.status?.["conditions"] as Condition[] | undefined;
  return conditions?.find((item) => item.type === type);
}

/** Whether CAPX says that something went wrong: what is only awaited has severity Info. */
export const isRefusal = ({ status, severity }: Pick<Condition, "status" | "severity">): boolean =>
  status === "False" && severity !== "Info";

export function isControlPlane(node: ApiObject): boolean {
  return "node-role.kubernetes.io/control-plane" in (node.metadata.labels ?? {});
}

function evidence(kind: string, object: ApiObject, time: string, detail?: string): Evidence {
  const name = fullName(object);
  return { kind, name, uid: object.metadata.uid, time, ...(detail ? { detail } : {}) };
}

/** The first of the events that are meant, at its own time. */
function firstOf(events: ApiEvent[], isMeant: (event: ApiEvent) => boolean): Evidence | undefined {
  const [found] = events
    .filter(isMeant)
    .sort((a, b) => Date.parse(eventTime(a)) - Date.parse(eventTime(b)));
  return found && evidence("Event", found, eventTime(found), found.message);
}

/** The scheduler's word that it refused a pod, since nothing fits: its first. Unlike the condition, it tells more than seconds. */
export function pending(events: ApiEvent[], pod: ApiObject): Evidence | undefined {
  const { uid } = pod.metadata;
  return firstOf(
    events,
    ({ reason, involvedObject }) => reason === "FailedScheduling" && involvedObject.uid === uid,
  );
}

/** The autoscaler's word that it scaled up because of one of these pods: its first. */
export function decision(events: ApiEvent[], pods: ApiObject[]): Evidence | undefined {
  const uids = new Set(pods.map((pod) => pod.metadata.uid));
  return firstOf(
    events,
    ({ reason, involvedObject }) =>
      reason === "TriggeredScaleUp" && uids.has(involvedObject.uid ?? ""),
  );
}

/** Prism Central's task that made (or deleted) a VM. */
export function task(
  tasks: PrismTask[],
  operation: keyof typeof OPERATIONS,
  vm: string,
): Evidence | undefined {
  const found = tasks.find(
    (item) => OPERATIONS[operation].test(item.operation) && item.status === "SUCCEEDED",
  );
  if (!found?.completedTime) return undefined;
  return {
    kind: "Task",
    name: found.extId,
    uid: vm,
    time: found.completedTime,
    detail: `${found.operation} of VM ${vm}`,
  };
}

/** A node that is Ready, and whose providerID names the VM. */
export function nodeReady(nodes: ApiObject[], vm: string): Evidence | undefined {
  const node = nodes.find((item) => vmOf(item) === vm);
  const ready = node && condition(node, "Ready");
  if (!node || ready?.status !== "True") return undefined;
  return evidence("Node", node, ready.lastTransitionTime, `providerID ${PROVIDER_ID_PREFIX}${vm}`);
}

/** A pod that is Ready on a node. */
export function running(pod: ApiObject): Evidence | undefined {
  const ready = condition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  const node = String(pod.spec?.["nodeName"]);
  return evidence("Pod", pod, ready.lastTransitionTime, `on node ${node}`);
}

/** What the sample function says of itself. */
export interface Answer {
  nonce: string;
  pod: string;
  node: string;
  vm?: string;
  time: string;
}

/**
 * An answer as evidence, if it is one: the nonce is ours, the pod is one of these, and the VM that it says it runs on
 * is the one behind its node. Throws when the VM is another.
 */
export function answered(
  reply: { status: number; body: unknown },
  asked: { nonce: string; url: string },
  world: { pods: ApiObject[]; nodes: ApiObject[] },
): Evidence | undefined {
  const body = answerOf(reply, asked.nonce);
  const pod = world.pods.find((item) => item.metadata.name === body?.pod);
  if (!body || !pod) return undefined;
  const node = world.nodes.find((item) => item.metadata.name === pod.spec?.["nodeName"]);
  return {
    kind: "HTTP response",
    name: asked.url,
    uid: pod.metadata.uid,
    time: body.time,
    detail: `nonce ${asked.nonce} answered by pod ${body.pod} on ${where(body, node && vmOf(node))}`,
  };
}

function answerOf({ status, body }: { status: number; body: unknown }, nonce: string) {
  const answer = body as Partial<Answer> | null;
  return status === 200 && answer?.nonce === nonce && answer.time ? (answer as Answer) : undefined;
}

function where({ pod, vm: own }: Answer, vm: string | undefined): string {
  if (!vm) return "no VM";
  if (!own) return `VM ${vm}, by its node`;
  if (own.toLowerCase() === vm.toLowerCase()) return `VM ${vm}, which it names itself`;
  throw new Error(`pod ${pod} says it runs on VM ${own}, its node is VM ${vm}`);
}

/** The autoscaler's word that it removed the node. */
export function drained(events: ApiEvent[], node: string): Evidence | undefined {
  return firstOf(
    events,
    ({ reason, involvedObject, message }) =>
      (reason === "ScaleDown" || reason === "ScaleDownEmpty") &&
      (involvedObject.name === node || message?.includes(node) === true),
  );
}

/** The VM behind a Machine or Node, once it has a provider id. */
export function vmOf(object: ApiObject): string | undefined {
  const id = object.spec?.["providerID"];
  return typeof id === "string" && id.startsWith(PROVIDER_ID_PREFIX)
    ? id.slice(PROVIDER_ID_PREFIX.length)
    : undefined;
}
