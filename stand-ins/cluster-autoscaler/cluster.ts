// One look at both clusters: the workload cluster's nodes and pods, and the node groups of the management cluster
// that make its nodes.

import type { Discovery } from "./flags";
import type {
  DaemonSet,
  Machine,
  MachineDeployment,
  Node,
  Pod,
  PodDisruptionBudget,
} from "./objects";
import { isPassingTaint, toBeDeletedTaint } from "./node-template";
import type { SimulatedNode } from "./fits";
import { minus, requestsOf, resourcesOf } from "./resources";

const annotationPrefix = "cluster.x-k8s.io/";
export const minAnnotation = `${annotationPrefix}cluster-api-autoscaler-node-group-min-size`;
export const maxAnnotation = `${annotationPrefix}cluster-api-autoscaler-node-group-max-size`;
export const deleteAnnotation = `${annotationPrefix}delete-machine`;
export const deploymentLabel = `${annotationPrefix}deployment-name`;

/** A MachineDeployment within bounds. */
export interface NodeGroup {
  /** "MachineDeployment/namespace/name", as upstream calls it. */
  id: string;
  deployment: MachineDeployment;
  min: number;
  max: number;
  /** Replicas asked for. */
  target: number;
  machines: Machine[];
}

/** Everything that one run of the loop decides on. */
export class Cluster {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly daemonSets: readonly DaemonSet[];
  readonly budgets: readonly PodDisruptionBudget[];
  readonly groups: readonly NodeGroup[];
  private readonly byNode = new Map<string, Pod[]>();
  private readonly byProvider = new Map<string, { group: NodeGroup; machine: Machine }>();

  constructor(seen: {
    nodes: readonly Node[];
    pods: readonly Pod[];
    daemonSets: readonly DaemonSet[];
    budgets: readonly PodDisruptionBudget[];
    groups: readonly NodeGroup[];
  }) {
    this.nodes = seen.nodes;
    this.pods = seen.pods;
    this.daemonSets = seen.daemonSets;
    this.budgets = seen.budgets;
    this.groups = seen.groups;
    for (const pod of seen.pods) this.index(pod);
    for (const group of seen.groups)
      for (const machine of group.machines)
        if (machine.spec.providerID)
          this.byProvider.set(machine.spec.providerID, { group, machine });
  }

  /** Pods that take room on a node. */
  podsOn(node: string): readonly Pod[] {
    return this.byNode.get(node) ?? [];
  }

  /** The machine and the group behind a node, by provider id. */
  machineOf(node: Node): { group: NodeGroup; machine: Machine } | undefined {
    return node.spec.providerID ? this.byProvider.get(node.spec.providerID) : undefined;
  }

  /** The nodes of a group that have registered. */
  nodesOf(group: NodeGroup): Node[] {
    return this.nodes.filter((node) => this.machineOf(node)?.group.id === group.id);
  }

  /** The node with what is free on it now. */
  simulated(node: Node): SimulatedNode {
    const used = this.podsOn(node.metadata.name).map(({ spec }) => requestsOf(spec));
    return {
      name: node.metadata.name,
      labels: node.metadata.labels ?? {},
      taints: node.spec.taints ?? [],
      free: used.reduce(minus, resourcesOf(node.status?.allocatable)),
    };
  }

  private index(pod: Pod): void {
    const node = pod.spec.nodeName;
    if (!node || isFinished(pod)) return;
    const there = this.byNode.get(node);
    if (there) there.push(pod);
    else this.byNode.set(node, [pod]);
  }
}

export function isFinished({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Ready by its condition, and past the taints of starting. */
export function isReady(node: Node): boolean {
  const ready = node.status?.conditions?.some(
    ({ type, status }) => type === "Ready" && status === "True",
  );
  const starting = (node.spec.taints ?? []).some(
    (taint) => isPassingTaint(taint) && taint.key !== toBeDeletedTaint && !isCordon(taint),
  );
  return (ready ?? false) && !starting;
}

function isCordon({ key }: { key: string }): boolean {
  return key === "node.kubernetes.io/unschedulable";
}

/** Whether the scheduler may put pods there. */
export function takesPods(node: Node): boolean {
  const leaving = (node.spec.taints ?? []).some(({ key }) => key === toBeDeletedTaint);
  return isReady(node) && !leaving && !node.spec.unschedulable && !node.metadata.deletionTimestamp;
}

/** On its way out: deleted, or chosen to be. */
export function isLeaving({ metadata }: Machine): boolean {
  return (
    metadata.deletionTimestamp !== undefined ||
    metadata.annotations?.[deleteAnnotation] !== undefined
  );
}

function wanted(deployment: MachineDeployment, discovery: Discovery): boolean {
  const { metadata, spec } = deployment;
  if (discovery.namespace && discovery.namespace !== metadata.namespace) return false;
  if (discovery.clusterName && discovery.clusterName !== spec.clusterName) return false;
  return Object.entries(discovery.labels).every(([key, text]) => metadata.labels?.[key] === text);
}

/** Both bounds, when both are there and make sense. */
function boundsOf({ metadata }: MachineDeployment): { min: number; max: number } | undefined {
  const min = Number(metadata.annotations?.[minAnnotation] ?? NaN);
  const max = Number(metadata.annotations?.[maxAnnotation] ?? NaN);
  return min >= 0 && max >= min ? { min, max } : undefined;
}

/** The group that a MachineDeployment is; undefined when it is none, or is not looked for. */
export function nodeGroupOf(
  deployment: MachineDeployment,
  discoveries: readonly Discovery[],
  machines: readonly Machine[],
): NodeGroup | undefined {
  const { metadata, spec } = deployment;
  const bounds = boundsOf(deployment);
  if (!bounds || metadata.deletionTimestamp) return undefined;
  if (discoveries.length > 0 && !discoveries.some((each) => wanted(deployment, each)))
    return undefined;
  return {
    id: `MachineDeployment/${metadata.namespace ?? ""}/${metadata.name}`,
    deployment,
    ...bounds,
    target: spec.replicas ?? 1,
    machines: machines.filter(
      (machine) =>
        machine.metadata.namespace === metadata.namespace &&
        machine.metadata.labels?.[deploymentLabel] === metadata.name,
    ),
  };
}
