// Scaling down, decided: which nodes are not needed, and what keeps the others.

import type { Cluster } from "./cluster";
import { takesPods } from "./cluster";
import { selects } from "./fits";
import type { Node, Pod, PodDisruptionBudget, Volume } from "./objects";
import { plus, requestsOf, resourcesOf } from "./resources";
import { place } from "./scale-up";

export interface Rules {
  utilizationThreshold: number;
  skipSystemPods: boolean;
  skipLocalStorage: boolean;
  skipCustomControllers: boolean;
  ignoreDaemonSets: boolean;
  ignoreMirrorPods: boolean;
}

export interface Verdict {
  node: Node;
  utilization: number;
  /** Why it has to stay; undefined when it may go. */
  keeps?: string;
  /** Pods that have to move first. */
  toMove: Pod[];
}

const safeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const scaleDownDisabled = "cluster-autoscaler.kubernetes.io/scale-down-disabled";

/** Judges one node, given which other nodes are leaving already. */
export function judge(
  node: Node,
  cluster: Cluster,
  rules: Rules,
  leaving: ReadonlySet<string>,
): Verdict {
  const pods = cluster.podsOn(node.metadata.name);
  const utilization = utilizationOf(node, pods, rules);
  const toMove = pods.filter((pod) => !isDaemon(pod) && !isMirror(pod));
  const verdict = { node, utilization, toMove };
  if (node.metadata.annotations?.[scaleDownDisabled] === "true")
    return { ...verdict, keeps: "ScaleDownDisabledAnnotation" };
  if (utilization >= rules.utilizationThreshold) return { ...verdict, keeps: "NotUnderutilized" };
  const left = new Map(cluster.budgets.map((each) => [each, each.status?.disruptionsAllowed ?? 0]));
  for (const pod of toMove) {
    const keeps = blocker(pod, rules, left);
    if (keeps) return { ...verdict, keeps: `${keeps}: ${pod.metadata.name}` };
  }
  const others = cluster.nodes.filter(
    (other) => other !== node && takesPods(other) && !leaving.has(other.metadata.name),
  );
  const [homeless] = place(
    toMove,
    others.map((other) => cluster.simulated(other)),
  );
  if (homeless) return { ...verdict, keeps: `NoPlaceToMovePods: ${homeless.metadata.name}` };
  return verdict;
}

/** The larger of cpu's and memory's share of requests in what the node can give. */
export function utilizationOf(
  node: Node,
  pods: readonly Pod[],
  rules: Pick<Rules, "ignoreDaemonSets" | "ignoreMirrorPods">,
): number {
  const counted = pods.filter(
    (pod) =>
      !(rules.ignoreDaemonSets && isDaemon(pod)) && !(rules.ignoreMirrorPods && isMirror(pod)),
  );
  const used = counted.map(({ spec }) => requestsOf(spec)).reduce(plus, {});
  const all = resourcesOf(node.status?.allocatable);
  const share = (name: string) =>
    (all[name] ?? 0) === 0 ? 0 : (used[name] ?? 0) / (all[name] ?? 1);
  return Math.max(share("cpu"), share("memory"));
}

export function isDaemon({ metadata }: Pod): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet") ?? false;
}

export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}

const ordinaryControllers = new Set([
  "ReplicationController",
  "ReplicaSet",
  "Job",
  "StatefulSet",
  "DaemonSet",
]);

/** Why a pod must not be moved, in upstream's names; undefined when it may. Takes what it needs out of budgets. */
export function blocker(
  pod: Pod,
  rules: Rules,
  left: Map<PodDisruptionBudget, number>,
): string | undefined {
  if (pod.metadata.deletionTimestamp) return undefined;
  const [budget] = [...left.keys()].filter((each) => covers(each, pod));
  if (budget && !take(budget, left)) return "NotEnoughPdb";
  const evict = pod.metadata.annotations?.[safeToEvict];
  if (evict === "true") return undefined;
  if (evict === "false") return "NotSafeToEvictAnnotation";
  if (!isReplicated(pod, rules)) return "NotReplicated";
  return budget ? localStorage(pod, rules) : (systemPod(pod, rules) ?? localStorage(pod, rules));
}

/** Takes one disruption out of a budget; false when none is left for this pod beside the node's others. */
function take(budget: PodDisruptionBudget, left: Map<PodDisruptionBudget, number>): boolean {
  const allowed = left.get(budget) ?? 0;
  left.set(budget, allowed - 1);
  return allowed > 0;
}

function isReplicated({ metadata }: Pod, rules: Rules): boolean {
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  if (!controller) return false;
  return !rules.skipCustomControllers || ordinaryControllers.has(controller.kind);
}

function systemPod({ metadata }: Pod, rules: Rules): string | undefined {
  const kept = rules.skipSystemPods && metadata.namespace === "kube-system";
  return kept ? "UnmovableKubeSystemPod" : undefined;
}

function localStorage({ spec }: Pod, rules: Rules): string | undefined {
  const kept = rules.skipLocalStorage && (spec.volumes ?? []).some(isLocal);
  return kept ? "LocalStorageRequested" : undefined;
}

function isLocal({ hostPath, emptyDir }: Volume): boolean {
  return hostPath !== undefined || (emptyDir !== undefined && emptyDir.medium !== "Memory");
}

function covers({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean {
  return (
    metadata.namespace === pod.metadata.namespace && selects(spec.selector, pod.metadata.labels)
  );
}
