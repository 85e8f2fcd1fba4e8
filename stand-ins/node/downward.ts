// The downward API: fields of a pod, and what its containers ask for and are limited to. Pure.
import { quantityOf } from "../shared/quantity";
import type { Container, NodeIdentity, Pod, PodAddress } from "./types";

/** What fields are read from. */
export interface FieldSources {
  pod: Pod;
  node: NodeIdentity;
  address: PodAddress;
}

/** A field of the pod by its path. Throws for one that this node does not play. */
export function fieldOf(path: string, { pod, node, address }: FieldSources): string {
  const plain: Record<string, string | undefined> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "metadata.uid": pod.metadata.uid,
    "metadata.labels": lines(pod.metadata.labels),
    "metadata.annotations": lines(pod.metadata.annotations),
    "spec.nodeName": node.name,
    "spec.serviceAccountName": pod.spec.serviceAccountName ?? "default",
    "status.hostIP": node.ip,
    "status.hostIPs": node.ip,
    "status.podIP": address.ip,
    "status.podIPs": address.ip,
  };
  if (path in plain) return plain[path] ?? "";
  const [, group, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (key !== undefined) return pod.metadata[group as "labels" | "annotations"]?.[key] ?? "";
  throw new Error(`The field ${path} is not played by this node.`);
}

function lines(values: Record<string, string> = {}): string {
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join("\n");
}

/** limits.cpu and its like, divided and rounded up. */
export function resourceOf(
  reference: { resource: string; containerName?: string; divisor?: string },
  containers: Container[],
  allocatable: Record<string, string>,
): string {
  const container = containers.find(
    ({ name }) => reference.containerName === undefined || name === reference.containerName,
  );
  const [group = "", ...rest] = reference.resource.split(".");
  const resource = rest.join(".");
  const value = amountOf(container, group, resource) ?? allocatable[resource] ?? "0";
  const divisor = quantityOf(reference.divisor ?? "1");
  // In thousandths, since 0.1 / 0.001 is a little more than 100.
  const whole = (quantity: number) => Math.round(quantity * 1000);
  return String(Math.ceil(whole(quantityOf(value)) / whole(divisor === 0 ? 1 : divisor)));
}

/** A limit; or a request, which defaults to the limit, and to nothing. */
function amountOf(
  container: Container | undefined,
  group: string,
  resource: string,
): string | undefined {
  const limit = container?.resources?.limits?.[resource];
  if (group === "limits") return limit;
  return container?.resources?.requests?.[resource] ?? limit ?? "0";
}
