// A container's environment as the kubelet makes it: envFrom, env, $(NAME) expansion, Service variables.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fieldOf, resourceOf } from "./downward";
import { envFileValue } from "./env-file";
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

export interface EnvironmentSite {
  sources: Sources;
  /** Variables of Services: lowest of all, but $(NAME) knows them. */
  services: Environment;
  /** Where a volume of the pod is on this machine. */
  volume(name: string): string | undefined;
}

/** The variables of a container; those of its image are below, and unknown to $(NAME). */
export async function containerEnvironment(
  container: Container,
  site: EnvironmentSite,
): Promise<Environment> {
  const own: Environment = {};
  for (const from of container.envFrom ?? []) Object.assign(own, await allOf(from, site.sources));
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, container, own, site);
    if (value !== undefined) own[variable.name] = value;
  }
  return { ...site.services, ...own };
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
  site: EnvironmentSite,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (!from) return expand(variable.value ?? "", { ...site.services, ...known });
  if (from.fieldRef) return fieldOf(from.fieldRef.fieldPath, site.sources);
  if (from.resourceFieldRef)
    return resourceOf(from.resourceFieldRef, [container], site.sources.allocatable);
  if (from.fileKeyRef) return fileKey(from.fileKeyRef, site);
  return keyOf(from, site.sources);
}

function fileKey(
  reference: NonNullable<EnvVarSource["fileKeyRef"]>,
  site: EnvironmentSite,
): string | undefined {
  const { volumeName, path, key, optional } = reference;
  const folder = site.volume(volumeName);
  if (folder === undefined)
    throw new MissingSourceError(`cannot find the volume "${volumeName}" referenced by FileKeyRef`);
  let value: string | undefined;
  try {
    value = envFileValue(readFileSync(join(folder, path), "utf8"), key);
  } catch {
    throw new MissingSourceError("couldn't parse env file");
  }
  if (!value && !optional)
    throw new MissingSourceError(`environment variable key "${key}" not found in file "${path}"`);
  return value === "" ? undefined : value;
}

async function keyOf(from: EnvVarSource, sources: Sources): Promise<string | undefined> {
  const reference = from.configMapKeyRef ?? from.secretKeyRef;
  if (!reference)
    throw new Error(`valueFrom with ${Object.keys(from).join(", ")} is not played by this node.`);
  const kind = from.configMapKeyRef ? "configMap" : "secret";
  const value = (await lookUp(sources, kind, reference))?.[reference.key];
  if (value === undefined && !reference.optional) throw missingKey(sources, kind, reference);
  return value?.toString("utf8");
}

function missingKey(
  { pod }: Sources,
  kind: "configMap" | "secret",
  { name = "", key }: { name?: string; key: string },
): MissingSourceError {
  const { namespace = "default" } = pod.metadata;
  const title = kind === "secret" ? "Secret" : "ConfigMap";
  return new MissingSourceError(`couldn't find key ${key} in ${title} ${namespace}/${name}`);
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
