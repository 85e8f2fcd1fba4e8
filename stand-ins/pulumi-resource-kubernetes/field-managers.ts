// Who owns which field, in the API server's book (metadata.managedFields).
// As the real plugin: objects are created client-side, and the first server-side apply takes those fields over.

import { randomBytes } from "node:crypto";

import { isPropertyMap, type PropertyMap } from "../pulumi-plugin/values";
import { type Path, parsePath } from "./changes";
import { annotationOf, at, type KubeObject, mapAt, mapsAt, textAt, without } from "./kube-object";

/** The manager that creates objects. */
export const creator = "pulumi-kubernetes";

const takenOver = new Set([
  "kubectl Apply",
  "kubectl Update",
  "before-first-apply Update",
  "pulumi-kubernetes Update",
  "pulumi-kubernetes.exe Update",
  "pulumi-resource-kubernetes Update",
]);

/** The manager's name for an object: from its annotation, its state, or a new one. */
export function fieldManagerFor(inputs: KubeObject, fromState = ""): string {
  const wanted = annotationOf(inputs, "pulumi.com/patchFieldManager") || fromState;
  return wanted || `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}

/** The JSON patch that hands the creator's fields to this manager, or undefined if there is nothing to do. */
export function takeOverPatch(live: KubeObject, manager: string): unknown[] | undefined {
  const entries = mapsAt(live, "metadata", "managedFields");
  const ours = entries.filter((entry) => isTakenOver(entry));
  const first = ours[0];
  if (!first) return undefined;
  const applied = entries.filter((entry) => isApplyOf(entry, manager));
  const fields = [...applied, ...ours].map((entry) => mapAt(entry, "fieldsV1"));
  const merged: PropertyMap = {
    ...first,
    manager,
    operation: "Apply",
    fieldsV1: fields.reduce(union, {}),
  };
  const others = entries.filter((entry) => !ours.includes(entry) && !applied.includes(entry));
  return [
    { op: "replace", path: "/metadata/managedFields", value: [...others, merged] },
    {
      op: "replace",
      path: "/metadata/resourceVersion",
      value: textAt(live, "metadata", "resourceVersion"),
    },
  ];
}

/** True if a dry run must be forced, because the take-over has not happened yet. */
export function ownedByCreator(live: KubeObject): boolean {
  return mapsAt(live, "metadata", "managedFields").some(isTakenOver);
}

/** The inputs to apply when changes at these paths are ignored: others keep what they own, the rest stays. */
export function withIgnored(
  inputs: KubeObject,
  live: KubeObject,
  options: { ignoreChanges: readonly string[]; manager: string },
): KubeObject {
  const owned = (path: Path, ours: boolean) =>
    mapsAt(live, "metadata", "managedFields").some(
      (entry) => (textAt(entry, "manager") === options.manager) === ours && owns(entry, path),
    );
  return options.ignoreChanges.map(parsePath).reduce((object, path) => {
    const keys = path.filter((step): step is string => typeof step === "string" && step !== "*");
    if (keys.length !== path.length) return object;
    const value = at(live, ...keys);
    if (owned(path, false) && !owned(path, true)) return withPath(object, keys, undefined);
    return value === undefined ? object : withPath(object, keys, value);
  }, inputs);
}

function isTakenOver(entry: PropertyMap): boolean {
  const key = `${textAt(entry, "manager")} ${textAt(entry, "operation")}`;
  return takenOver.has(key) && textAt(entry, "subresource") === "";
}

function isApplyOf(entry: PropertyMap, manager: string): boolean {
  return textAt(entry, "manager") === manager && textAt(entry, "operation") === "Apply";
}

function union(left: PropertyMap, right: PropertyMap): PropertyMap {
  const merged: PropertyMap = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isPropertyMap(before) && isPropertyMap(value) ? union(before, value) : value;
  }
  return merged;
}

function owns(entry: PropertyMap, path: Path): boolean {
  return at(entry, "fieldsV1", ...path.map((step) => `f:${step}`)) !== undefined;
}

function withPath(
  object: PropertyMap,
  [key, ...rest]: readonly string[],
  value: PropertyMap[string],
): PropertyMap {
  if (key === undefined) return object;
  const inner = rest.length === 0 ? value : withPath(mapAt(object, key), rest, value);
  return inner === undefined ? without(object, key) : { ...object, [key]: inner };
}
