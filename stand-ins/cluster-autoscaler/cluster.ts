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
  private readonly bySimulation = new Map<Node, SimulatedNode>();
  private readonly byGroup = new Map<string, Node[]>();
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
    for (const node of seen.nodes) {
      const id = this.machineOf(node)?.group.id;
      const known = id === undefined ? undefined : this.byGroup.get(id);
      if (known) known.push(node);
      else if (id !== undefined) this.byGroup.set(id, [node]);
    }
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
    return this.byGroup.get(group.id) ?? [];
  }

  /** The node with what is free on it now. Worked out once for each look. */
  simulated(node: Node): SimulatedNode {
    const known = this.bySimulation.get(node);
    if (known) return known;
    const there = this.podsOn(node.metadata.name);
    const made = {
      name: node.metadata.name,
      labels: node.metadata.labels ?? {},
      taints: node.spec.taints ?? [],
      free: there
        .map(({ spec }) => requestsOf(spec))
        .reduce(minus, resourcesOf(node.status?.allocatable)),
      pods: [...there],
    };
    this.bySimulation.set(node, made);
    return made;
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

/** A new kind of machine takes the place of the old one: which nodes stay is Cluster API's to say then. */
export function isRollingOut({ status }: MachineDeployment): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === "RollingOut" && value === "True",
  );
}

/** A machine that never will be a node: its infrastructure failed for good. */
export function isFailed({ status }: Machine): boolean {
  return status?.phase === "Failed" && status.nodeRef?.name === undefined;
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
