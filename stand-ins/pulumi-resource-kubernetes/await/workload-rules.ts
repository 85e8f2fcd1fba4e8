// When a workload is ready: its controller has seen this generation, and the pods it wants are there.

import { conditionOf, generationOf, type KubeObject, numberAt, textAt } from "../kube-object";
import { never, notYet, ready, type Verdict } from "./verdict";

/** Rollout complete and Available, as `kubectl rollout status`. */
export function deploymentRule(live: KubeObject): Verdict {
  if (!observed(live)) return notYet("Waiting for the Deployment controller");
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  const count = counter(live);
  const available = Math.min(count("availableReplicas"), count("updatedReplicas"), wanted);
  const progress = `Waiting for app ReplicaSet to be available (${available}/${wanted} Pods available)`;
  const rolledOut =
    count("updatedReplicas") >= wanted &&
    count("replicas") === count("updatedReplicas") &&
    count("availableReplicas") >= wanted;
  if (!rolledOut) return notYet(progress);
  return conditionIs(live, "Available", "True") ? ready() : notYet(progress);
}

/** All replicas of the newest revision ready. */
export function statefulSetRule(live: KubeObject): Verdict {
  if (!observed(live)) return notYet("Waiting for the StatefulSet controller");
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  const count = counter(live);
  const sameRevision =
    textAt(live, "status", "currentRevision") === textAt(live, "status", "updateRevision");
  if (count("readyReplicas") >= wanted && sameRevision) return ready();
  return notYet(`Waiting for StatefulSet (${count("readyReplicas")}/${wanted} Pods ready)`);
}

/** A current, available pod on every node that should have one. */
export function daemonSetRule(live: KubeObject): Verdict {
  if (!observed(live)) return notYet("Waiting for the DaemonSet controller");
  const count = counter(live);
  const wanted = count("desiredNumberScheduled");
  const done = Math.min(count("updatedNumberScheduled"), count("numberAvailable"));
  const onDelete = textAt(live, "spec", "updateStrategy", "type") === "OnDelete";
  if ((onDelete ? count("numberAvailable") : done) >= wanted) return ready();
  return notYet(`Waiting for DaemonSet (${done}/${wanted} Pods updated and available)`);
}

/** As many ready replicas as asked for. */
export function replicasRule(live: KubeObject): Verdict {
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  const count = counter(live)("readyReplicas");
  return count >= wanted ? ready() : notYet(`Waiting for replicas (${count}/${wanted} ready)`);
}

/** Ready, or run to its end. */
export function podRule(live: KubeObject): Verdict {
  const phase = textAt(live, "status", "phase");
  if (phase === "Succeeded" || conditionIs(live, "Ready", "True")) return ready();
  if (phase === "Failed") return never(`Pod failed: ${textAt(live, "status", "message") || phase}`);
  return notYet(`Waiting for Pod to be ready (${phase || "Pending"})`);
}

/** Complete. */
export function jobRule(live: KubeObject): Verdict {
  if (conditionIs(live, "Complete", "True")) return ready();
  const failed = conditionOf(live, "Failed");
  if (textAt(failed, "status") === "True") {
    return never(`[${textAt(failed, "reason")}] ${textAt(failed, "message")}`);
  }
  if (at0(live, "active") === 0) return notYet("Waiting for Job to start");
  return notYet(`Waiting for Job to complete (${at0(live, "succeeded")} succeeded)`);
}

/** True if the condition of this type has this status. */
export function conditionIs(live: KubeObject, type: string, status: string): boolean {
  return textAt(conditionOf(live, type), "status") === status;
}

/** True if the controller has seen the current generation. */
export function observed(live: KubeObject): boolean {
  return (numberAt(live, "status", "observedGeneration") ?? 0) >= generationOf(live);
}

function counter(live: KubeObject): (name: string) => number {
  return (name) => at0(live, name);
}

function at0(live: KubeObject, name: string): number {
  return numberAt(live, "status", name) ?? 0;
}
