// What a rule is, and what it sees of a stack.

/** A resource as a rule sees it: plain data. */
export interface Resource {
  urn: string;
  type: string;
  name: string;
  props: Record<string, unknown>;
}

export interface Violation {
  /** What was found, and what to do. */
  message: string;
  urn?: string;
}

/** Something that every stack keeps to. Pure: the same resources, the same violations. */
export interface Rule {
  /** Such as scaled-pools; Pulumi shows it, and a policy's configuration turns it off by it. */
  name: string;
  description: string;
  /** The one type of resource that it is about; absent where it holds resources against each other. */
  type?: string;
  check: (resources: Resource[]) => Violation[];
}

/** Stands for what only an update can tell. */
export const UNKNOWN = "<unknown>";

/** A resource of Pulumi's as plain data: in a preview, its SDK throws at whoever reads what is not known yet. */
export function plain({ urn, type, name, props }: Resource): Resource {
  return { urn, type, name, props: copy(props) as Record<string, unknown> };
}

function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const at = (key: string) => known(value as Record<string, unknown>, key);
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, place) => at(String(place)));
  return Object.fromEntries(Object.keys(value).map((key) => [key, at(key)]));
}

function known(value: Record<string, unknown>, key: string): unknown {
  try {
    return copy(value[key]);
  } catch {
    return UNKNOWN;
  }
}

/** A Kubernetes object, as much of it as all kinds have. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** Whether a resource is an object of a Kubernetes cluster; a Helm release is none. */
export const isObject = ({ type }: Resource) => /^kubernetes:(?!helm)/.test(type);

/** The Kubernetes objects of a kind, with the resource that each is. */
export function objectsOf(resources: Resource[], kind: string) {
  return resources
    .filter((resource) => isObject(resource) && resource.type.endsWith(`:${kind}`))
    .map((resource) => ({ ...resource, object: resource.props as KubernetesObject }));
}

/** What is at a path of keys; undefined where there is nothing. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) => (found as Record<string | number, unknown> | undefined | null)?.[key],
    value,
  );
}

/** A value as a sentence shows it. */
export const shown = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** The list at a path of keys; empty where there is none. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
