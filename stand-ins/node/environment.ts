// A container's environment as the kubelet makes it: envFrom, env, $(NAME) expansion, the downward API.
import type { Container, EnvVar, EnvVarSource, NodeIdentity, Pod, PodAddress } from "./types";

/** What a pod's environment and files are made from. */
export interface Sources {
  pod: Pod;
  node: NodeIdentity;
  address: PodAddress;
  /** Allocatable of the node, which stands in for a limit that is not set. */
  allocatable: Record<string, string>;
  configMap(name: string): Promise<Record<string, Buffer> | undefined>;
  secret(name: string): Promise<Record<string, Buffer> | undefined>;
}

export type Environment = Record<string, string>;

/** Something that a container asks for is not there (yet): CreateContainerConfigError. */
export class MissingSourceError extends Error {}

/** The variables of a container over those of its image. */
export async function containerEnvironment(
  container: Container,
  base: Environment,
  sources: Sources,
): Promise<Environment> {
  const result: Environment = { ...base };
  for (const from of container.envFrom ?? []) {
    Object.assign(result, await allOf(from, sources));
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, container, result, sources);
    if (value !== undefined) result[variable.name] = value;
  }
  return result;
}

type EnvFrom = NonNullable<Container["envFrom"]>[number];

async function allOf(from: EnvFrom, sources: Sources): Promise<Environment> {
  const { configMapRef, secretRef, prefix = "" } = from;
  const kind = configMapRef ? "configMap" : "secret";
  const data = (await lookUp(sources, kind, configMapRef ?? secretRef ?? {})) ?? {};
  const entries = Object.entries(data);
  return Object.fromEntries(entries.map(([key, value]) => [prefix + key, value.toString("utf8")]));
}

async function valueOf(
  variable: EnvVar,
  container: Container,
  known: Environment,
  sources: Sources,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (!from) return expand(variable.value ?? "", known);
  if (from.fieldRef) return fieldOf(from.fieldRef.fieldPath, sources);
  if (from.resourceFieldRef)
    return resourceOf(from.resourceFieldRef, [container], sources.allocatable);
  return keyOf(from, sources);
}

async function keyOf(from: EnvVarSource, sources: Sources): Promise<string | undefined> {
  const reference = from.configMapKeyRef ?? from.secretKeyRef;
  if (!reference)
    throw new Error(`valueFrom with ${Object.keys(from).join(", ")} is not played by this node.`);
  const kind = from.configMapKeyRef ? "configMap" : "secret";
  const value = (await lookUp(sources, kind, reference))?.[reference.key];
  if (value === undefined && !reference.optional)
    throw new MissingSourceError(
      `couldn't find key ${reference.key} in ${kind} ${reference.name ?? ""}`,
    );
  return value?.toString("utf8");
}

/** Reads a ConfigMap or Secret. Throws when it is absent and not optional. */
export async function lookUp(
  sources: Sources,
  kind: "configMap" | "secret",
  reference: { name?: string; optional?: boolean },
): Promise<Record<string, Buffer> | undefined> {
  const name = reference.name ?? "";
  const found = await sources[kind](name);
  if (!found && !reference.optional)
    throw new MissingSourceError(`${kind.toLowerCase()} "${name}" not found`);
  return found;
}

/** Replaces $(NAME) by known variables; $$ is a dollar; an unknown name stays as it is. */
export function expand(text: string, known: Environment): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (known[name] ?? whole),
  );
}

/** A field of the pod by its path, as the downward API knows them. */
export function fieldOf(path: string, { pod, node, address }: Sources): string {
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
  const value = amountOf(container, group, rest.join(".")) ?? allocatable[rest.join(".")] ?? "0";
  const divisor = quantity(reference.divisor ?? "1");
  return String(Math.ceil(quantity(value) / (divisor === 0 ? 1 : divisor)));
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

const suffixes: Record<string, number> = {
  "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}; // prettier-ignore

/** A Kubernetes quantity as a number. */
export function quantity(text: string): number {
  const [, digits, suffix = ""] =
    /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = suffixes[suffix];
  if (digits === undefined || factor === undefined) throw new Error(`"${text}" is no quantity.`);
  return Number(digits) * factor;
}
