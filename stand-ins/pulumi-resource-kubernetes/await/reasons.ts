// Why an object is not ready: its conditions, the states of its pods, and their last warning events.

import type { PropertyMap } from "../../pulumi-plugin/values";
import type { Cluster } from "../cluster";
import {
  conditionOf,
  idOf,
  kindOf,
  type KubeObject,
  mapAt,
  mapsAt,
  nameOf,
  namespaceOf,
  textAt,
} from "../kube-object";

type Lister = Pick<Cluster, "list">;

const shownEvents = 5;

/** The reasons, best first; whatever cannot be asked is left out. */
export async function reasonsFor(live: KubeObject, cluster: Lister): Promise<string[]> {
  const pods = await orNothing(podsOf(live, cluster));
  const events = await orNothing(warningsOf([live, ...pods], cluster));
  return [...conditionReasons(live), ...pods.flatMap(podReasons), ...events.map(eventText)];
}

/** Conditions that say that something is wrong, `[Reason] message` each. */
export function conditionReasons(live: KubeObject): string[] {
  return mapsAt(live, "status", "conditions")
    .filter((condition) => isBad(condition))
    .map((condition) => {
      const reason = textAt(condition, "reason") || textAt(condition, "type");
      return `[${reason}] ${textAt(condition, "message")}`.trim();
    });
}

const badWhenTrue = new Set(["Failed", "ReplicaFailure", "Stalled", "Terminating"]);

function isBad(condition: PropertyMap): boolean {
  const wrong = badWhenTrue.has(textAt(condition, "type")) ? "True" : "False";
  return textAt(condition, "status") === wrong;
}

/** What holds a pod up, each line with the pod's name. */
export function podReasons(pod: KubeObject): string[] {
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap((list) =>
    mapsAt(pod, "status", list),
  );
  const containers = statuses.flatMap((status) => containerReasons(status));
  const scheduled = conditionOf(pod, "PodScheduled");
  const unscheduled =
    textAt(scheduled, "status") === "False"
      ? [`[${textAt(scheduled, "reason")}] ${textAt(scheduled, "message")}`]
      : [];
  return [...unscheduled, ...containers].map((reason) => `[Pod ${idOf(pod)}]: ${reason}`);
}

function containerReasons(status: PropertyMap): string[] {
  const name = textAt(status, "name");
  return ["waiting", "terminated"].flatMap((state) => {
    const reason = textAt(status, "state", state, "reason");
    const fine = reason === "" || reason === "Completed";
    const message = textAt(status, "state", state, "message");
    return fine ? [] : [`container "${name}" -- [${reason}] ${message}`.trim()];
  });
}

async function podsOf(live: KubeObject, cluster: Lister): Promise<KubeObject[]> {
  if (kindOf(live) === "Pod") return [];
  const labels = mapAt(live, "spec", "selector", "matchLabels");
  const labelSelector = Object.keys(labels)
    .map((key) => `${key}=${textAt(labels, key)}`)
    .join(",");
  if (labelSelector === "") return [];
  const kind = { apiVersion: "v1", kind: "Pod", metadata: { namespace: namespaceOf(live) } };
  return cluster.list(kind, { labelSelector });
}

async function warningsOf(objects: KubeObject[], cluster: Lister): Promise<KubeObject[]> {
  const namespace = namespaceOf(objects[0] ?? {}) || "default";
  const names = objects.map(nameOf);
  const kind = { apiVersion: "v1", kind: "Event", metadata: { namespace } };
  const events = await cluster.list(kind, { fieldSelector: "type=Warning" });
  return events
    .filter((event) => concerns(textAt(event, "involvedObject", "name"), names))
    .sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(-shownEvents);
}

/** An event of the object, or of one that its controller named after it (a ReplicaSet). */
function concerns(involved: string, names: readonly string[]): boolean {
  return names.some((name) => involved === name || involved.startsWith(`${name}-`));
}

function timeOf(event: KubeObject): string {
  return (
    textAt(event, "lastTimestamp") ||
    textAt(event, "eventTime") ||
    textAt(event, "metadata", "creationTimestamp")
  );
}

function eventText(event: KubeObject): string {
  const about = `${textAt(event, "involvedObject", "kind")} ${textAt(event, "involvedObject", "name")}`;
  return `[${about}]: ${textAt(event, "reason")}: ${textAt(event, "message").trim()}`;
}

async function orNothing<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch {
    return [];
  }
}
