// Whether a pod may run here: what a kubelet checks once more when a pod reaches it, whoever has bound it. Pure.
import { amountsOf, requestsOf, sum } from "./resources";
import type { Amounts } from "./resources";
import { isSidecar } from "./restart-policy";
import type { Pod } from "./types";

/** Why a pod is refused, as it is written into its status. */
export interface Refusal {
  reason: string;
  message: string;
}

/** The Node as far as admission asks for it. */
export interface NodeView {
  name: string;
  allocatable: Record<string, string>;
  labels: Record<string, string>;
}

/** Undefined when the pod may run beside the others. */
export function refusalOf(pod: Pod, others: Pod[], node: NodeView): Refusal | undefined {
  return (
    wrongSystem(pod) ??
    lackOf(pod, others, node) ??
    wrongLabels(pod, node) ??
    portTaken(pod, others)
  );
}

function wrongSystem(pod: Pod): Refusal | undefined {
  if ((pod.spec.os?.name ?? "linux") === "linux") return undefined;
  const message = "Failed to admit pod as the OS field doesn't match node OS";
  return { reason: "PodOSNotSupported", message };
}

function lackOf(pod: Pod, others: Pod[], { allocatable }: NodeView): Refusal | undefined {
  const capacity = amountsOf(allocatable);
  const wanted: Amounts = { pods: 1, ...requestsOf(pod) };
  const used = others.reduce<Amounts>((all, other) => sum(all, requestsOf(other)), {
    pods: others.length,
  });
  for (const [resource, requested] of Object.entries(wanted)) {
    // As a kubelet: an extended resource that the node does not know is left to others.
    const limit = capacity[resource] ?? (resource.includes("/") ? Infinity : 0);
    const taken = used[resource] ?? 0;
    if (requested === 0 || requested + taken <= limit) continue;
    const amounts = `requested: ${requested}, used: ${taken}, capacity: ${limit}`;
    const message = `Node didn't have enough resource: ${resource}, ${amounts}`;
    return { reason: `OutOf${resource}`, message };
  }
  return undefined;
}

function wrongLabels(pod: Pod, { labels }: NodeView): Refusal | undefined {
  const differs = Object.entries(pod.spec.nodeSelector ?? {}).some(
    ([key, value]) => labels[key] !== value,
  );
  if (!differs) return undefined;
  const message =
    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
  return { reason: "NodeAffinity", message };
}

/** A port of the node that a pod takes. */
export interface HostPort {
  containerPort: number;
  hostPort: number;
  hostIP: string;
  protocol: string;
}

/** The ports of the node that a pod asks for; those of the host's network too. */
export function hostPortsOf({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ containerPort, hostPort, hostIP = "", protocol = "TCP" }) =>
      hostPort ? [{ containerPort, hostPort, hostIP, protocol }] : [],
    ),
  );
}

function portTaken(pod: Pod, others: Pod[]): Refusal | undefined {
  const taken = others.flatMap(hostPortsOf);
  const everywhere = (ip: string) => ip === "" || ip === "0.0.0.0";
  const clash = hostPortsOf(pod).some(({ hostPort, hostIP, protocol }) =>
    taken.some(
      (other) =>
        other.hostPort === hostPort &&
        other.protocol === protocol &&
        (other.hostIP === hostIP || everywhere(other.hostIP) || everywhere(hostIP)),
    ),
  );
  if (!clash) return undefined;
  const message =
    "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
  return { reason: "NodePorts", message };
}
