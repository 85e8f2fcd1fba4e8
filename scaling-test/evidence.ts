// From objects to evidence. Pure: each function says what shows that a phase was reached, or nothing yet.

import { type ApiEvent, type ApiObject, eventTime } from "./api-server";
import type { PrismTask } from "./prism";
import type { Evidence } from "./report";

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime: string;
}

export const PROVIDER_ID_PREFIX = "nutanix://";

const fullName = (object: ApiObject) =>
  object.metadata.namespace
    ? `${object.metadata.namespace}/${object.metadata.name}`
    : object.metadata.name;

export function condition(object: ApiObject, type: string): Condition | undefined {
  const conditions = object.status?.["conditions"] as Condition[] | undefined;
  return conditions?.find((item) => item.type === type);
}

function evidence(kind: string, object: ApiObject, time: string, detail?: string): Evidence {
  const name = fullName(object);
  return { kind, name, uid: object.metadata.uid, time, ...(detail ? { detail } : {}) };
}

/** A pod that the scheduler refused: nothing fits. */
export function pending(pod: ApiObject): Evidence | undefined {
  const scheduled = condition(pod, "PodScheduled");
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return undefined;
  return evidence("Pod", pod, scheduled.lastTransitionTime, scheduled.message);
}

/** The autoscaler's word that it scaled up because of this pod. */
export function decision(events: ApiEvent[], pods: ApiObject[]): Evidence | undefined {
  const uids = new Set(pods.map((pod) => pod.metadata.uid));
  const found = events.find(
    (event) => event.reason === "TriggeredScaleUp" && uids.has(event.involvedObject.uid ?? ""),
  );
  return found && evidence("Event", found, eventTime(found), found.message);
}

/** Prism Central's task that made (or deleted) a VM. */
export function task(tasks: PrismTask[], operation: string, vm: string): Evidence | undefined {
  const found = tasks.find((item) => item.operation === operation && item.status === "SUCCEEDED");
  if (!found?.completedTime) return undefined;
  return {
    kind: "Task",
    name: found.extId,
    uid: vm,
    time: found.completedTime,
    detail: `${operation} of VM ${vm}`,
  };
}

/** A node that is Ready, and whose providerID names the VM. */
export function nodeReady(nodes: ApiObject[], vm: string): Evidence | undefined {
  const node = nodes.find((item) => item.spec?.["providerID"] === `${PROVIDER_ID_PREFIX}${vm}`);
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

/** The autoscaler's word that it removed the node. */
export function drained(events: ApiEvent[], node: string): Evidence | undefined {
  const found = events.find(
    (event) =>
      (event.reason === "ScaleDown" || event.reason === "ScaleDownEmpty") &&
      (event.involvedObject.name === node || event.message?.includes(node) === true),
  );
  return found && evidence("Event", found, eventTime(found), found.message);
}

/** The VM behind a Machine, once its infrastructure has given it a provider id. */
export function vmOf(machine: ApiObject): string | undefined {
  const id = machine.spec?.["providerID"];
  return typeof id === "string" && id.startsWith(PROVIDER_ID_PREFIX)
    ? id.slice(PROVIDER_ID_PREFIX.length)
    : undefined;
}
