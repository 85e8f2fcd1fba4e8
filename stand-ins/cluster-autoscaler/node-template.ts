// The node that a group would make: like one of its nodes if it has any, else from the annotations and the machine
// template's status.capacity.

import type { Cluster } from "./cluster";
import { misfit } from "./fits";
import type { SimulatedNode } from "./fits";
import type { MachineDeployment, Node, PodSpec, Quantities, Taint } from "./objects";
import { minus, plus, requestsOf, resourcesOf } from "./resources";
import type { Resources } from "./resources";

export const capacityPrefix = "capacity.cluster-autoscaler.kubernetes.io/";
export const toBeDeletedTaint = "ToBeDeletedByClusterAutoscaler";

/** Taints that pass by themselves while a node starts. */
const passing = new Set([
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/network-unavailable",
  "node.kubernetes.io/unschedulable",
  "node.cloudprovider.kubernetes.io/uninitialized",
  "node.cluster.x-k8s.io/uninitialized",
  toBeDeletedTaint,
]);

export function isPassingTaint({ key }: Taint): boolean {
  return passing.has(key);
}

/** The annotations of a group about its nodes, each without its prefix. */
function hints(deployment: MachineDeployment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {})
      .filter(([key]) => key.startsWith(capacityPrefix))
      .map(([key, value]) => [key.slice(capacityPrefix.length), value]),
  );
}

/** Capacity by annotations, then by the machine template; undefined unless cpu and memory are both known. */
export function capacityOf(
  deployment: MachineDeployment,
  template: Quantities | undefined,
): Resources | undefined {
  const hint = hints(deployment);
  const capacity: Quantities = { pods: 110, ...template };
  if (hint["cpu"]) capacity["cpu"] = hint["cpu"];
  if (hint["memory"]) capacity["memory"] = hint["memory"];
  if (hint["ephemeral-disk"]) capacity["ephemeral-storage"] = hint["ephemeral-disk"];
  if (hint["maxPods"]) capacity["pods"] = hint["maxPods"];
  if (hint["gpu-count"]) capacity[hint["gpu-type"] ?? "nvidia.com/gpu"] = hint["gpu-count"];
  return capacity["cpu"] && capacity["memory"] ? resourcesOf(capacity) : undefined;
}

/** Labels that Cluster API carries from a machine template to its nodes. */
function isManagedLabel(key: string): boolean {
  const prefix = key.split("/")[0] ?? "";
  return (
    prefix === "node-role.kubernetes.io" ||
    /(^|\.)node-restriction\.kubernetes\.io$/.test(prefix) ||
    /(^|\.)node\.cluster\.x-k8s\.io$/.test(prefix)
  );
}

function labelsOf(deployment: MachineDeployment, name: string): Record<string, string> {
  const managed = Object.entries(deployment.spec.template?.metadata?.labels ?? {}).filter(([key]) =>
    isManagedLabel(key),
  );
  const hinted = (hints(deployment)["labels"] ?? "")
    .split(",")
    .filter((pair) => pair.includes("="))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  return {
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": process.env["CAPI_SCALE_ZERO_DEFAULT_ARCH"] ?? "amd64",
    "kubernetes.io/hostname": name,
    ...Object.fromEntries([...managed, ...hinted]),
  } as Record<string, string>;
}

/** Taints of the annotation: "key=value:Effect,key:Effect". */
function taintsOf(deployment: MachineDeployment): Taint[] {
  return (hints(deployment)["taints"] ?? "")
    .split(",")
    .filter((text) => text.includes(":"))
    .map((text) => {
      const [pair = "", effect = ""] = text.split(":");
      const [key = "", value] = pair.split("=");
      return value === undefined ? { key, effect } : { key, value, effect };
    });
}

/** The node a group makes when it has none, free for pods once the DaemonSets have taken their part. */
export function templateNode(
  deployment: MachineDeployment,
  capacity: Resources,
  daemons: readonly PodSpec[],
): SimulatedNode {
  const name = `template-node-for-${deployment.metadata.name}`;
  const node: SimulatedNode = {
    name,
    labels: labelsOf(deployment, name),
    taints: taintsOf(deployment),
    free: capacity,
    pods: [],
  };
  for (const spec of daemons) {
    const asked = requestsOf(spec);
    if (misfit(spec, asked, node) === undefined) node.free = minus(node.free, asked);
  }
  return node;
}

/** The node a group makes when it has some: like that one, with nothing but DaemonSet pods on it. */
export function nodeLike(node: Node, cluster: Cluster): SimulatedNode {
  const name = `template-node-like-${node.metadata.name}`;
  const daemons = cluster
    .podsOn(node.metadata.name)
    .filter((pod) => pod.metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet"))
    .map(({ spec }) => requestsOf(spec))
    .reduce(plus, {});
  return {
    name,
    labels: { ...node.metadata.labels, "kubernetes.io/hostname": name },
    taints: (node.spec.taints ?? []).filter((taint) => !isPassingTaint(taint)),
    free: minus(resourcesOf(node.status?.allocatable), daemons),
    pods: [],
  };
}
