// A Kubernetes object is a property map without secrets; these functions read it without trusting its shape.

import { isPropertyMap, type PropertyMap, type PropertyValue } from "../pulumi-plugin/values";

export type KubeObject = PropertyMap;

/** The value at this path of keys, or undefined. */
export function at(
  object: PropertyValue | undefined,
  ...path: string[]
): PropertyValue | undefined {
  let value = object;
  for (const key of path) {
    if (!isPropertyMap(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** The text at this path, or "". */
export function textAt(object: PropertyValue | undefined, ...path: string[]): string {
  const value = at(object, ...path);
  return typeof value === "string" ? value : "";
}

/** The number at this path, or undefined. */
export function numberAt(object: PropertyValue | undefined, ...path: string[]): number | undefined {
  const value = at(object, ...path);
  return typeof value === "number" ? value : undefined;
}

/** The map at this path, or an empty one. */
export function mapAt(object: PropertyValue | undefined, ...path: string[]): PropertyMap {
  const value = at(object, ...path);
  return isPropertyMap(value) ? value : {};
}

/** The maps in the list at this path. */
export function mapsAt(object: PropertyValue | undefined, ...path: string[]): PropertyMap[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value.filter(isPropertyMap) : [];
}

export const nameOf = (object: KubeObject): string => textAt(object, "metadata", "name");
export const namespaceOf = (object: KubeObject): string => textAt(object, "metadata", "namespace");
export const kindOf = (object: KubeObject): string => textAt(object, "kind");
export const apiVersionOf = (object: KubeObject): string => textAt(object, "apiVersion");

/** The API group: "" for the core. */
export function groupOf(object: KubeObject): string {
  const [group, version] = apiVersionOf(object).split("/");
  return version === undefined ? "" : (group ?? "");
}

/** The text of an annotation, or "". */
export function annotationOf(object: KubeObject, name: string): string {
  return textAt(object, "metadata", "annotations", name);
}

/** Pulumi's id of an object: `namespace/name`, or `name` where there is no namespace. */
export function idOf(object: KubeObject): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

/** The parts of an id. */
export function parseId(id: string): { namespace: string; name: string } {
  const slash = id.indexOf("/");
  return { namespace: id.slice(0, Math.max(slash, 0)), name: id.slice(slash + 1) };
}

/** A copy with these members of metadata set; undefined removes one. */
export function withMetadata(object: KubeObject, members: PropertyMap): KubeObject {
  const metadata: PropertyMap = { ...mapAt(object, "metadata"), ...members };
  const kept = Object.entries(metadata).filter((entry) => entry[1] !== undefined);
  return { ...object, metadata: Object.fromEntries(kept) };
}

/** The condition of this type, or undefined. */
export function conditionOf(object: KubeObject, type: string): PropertyMap | undefined {
  return mapsAt(object, "status", "conditions").find((condition) => condition["type"] === type);
}

/** The object as people name it: `Deployment web/shop`. */
export function describe(object: KubeObject): string {
  return `${kindOf(object)} ${idOf(object)}`;
}

/** The generation of the object's spec, 0 where there is none. */
export function generationOf(object: KubeObject): number {
  return numberAt(object, "metadata", "generation") ?? 0;
}

/** A copy without these members. */
export function without(object: PropertyMap, ...names: string[]): PropertyMap {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** The texts in the list at this path. */
export function textsAt(object: PropertyValue | undefined, ...path: string[]): string[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
