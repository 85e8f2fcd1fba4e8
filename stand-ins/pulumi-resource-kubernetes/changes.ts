// The differences between two objects, by property path, as the real plugin reports them:
// a member that is new or gone is one difference, lists are compared item by item.

import {
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  toWire,
} from "../pulumi-plugin/values";
import { meansTheSame } from "./equivalence";

export type Path = readonly (string | number)[];

export interface Change {
  readonly path: Path;
  readonly kind: "add" | "delete" | "update";
  /** The new value; undefined when deleted. */
  readonly value: PropertyValue | undefined;
}

type Maybe = PropertyValue | undefined;

/** All differences between the old and the new object. */
export function changesBetween(before: PropertyMap, after: PropertyMap): Change[] {
  return compareMaps(before, after, []);
}

function compare(before: Maybe, after: Maybe, path: Path): Change[] {
  const [old, young] = [before ?? undefined, after ?? undefined];
  if (meansTheSame(old, young, path)) return [];
  if (young === undefined) return [{ path, kind: "delete", value: undefined }];
  if (old === undefined) return [{ path, kind: "add", value: young }];
  return comparePresent(old, young, path);
}

function comparePresent(old: PropertyValue, young: PropertyValue, path: Path): Change[] {
  if (isPropertyMap(old) && isPropertyMap(young)) return compareMaps(old, young, path);
  if (Array.isArray(old) && Array.isArray(young)) return compareLists(old, young, path);
  return isSame(old, young) ? [] : [{ path, kind: "update", value: young }];
}

function isSame(before: PropertyValue, after: PropertyValue): boolean {
  return JSON.stringify(toWire(before)) === JSON.stringify(toWire(after));
}

function compareMaps(before: PropertyMap, after: PropertyMap, path: Path): Change[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].sort().flatMap((key) => compare(before[key], after[key], [...path, key]));
}

function compareLists(before: PropertyValue[], after: PropertyValue[], path: Path): Change[] {
  const indices = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i);
  return indices.flatMap((i) => compare(before[i], after[i], [...path, i]));
}

/** True if a change at this path touches the field that the pattern names. */
export function touches(change: Change, pattern: string): boolean {
  const segments = pattern.split(".");
  for (const [depth, segment] of segments.entries()) {
    const step = change.path[depth];
    if (step === undefined) return hasPath(change.value, segments.slice(depth));
    if (segment !== "*" && segment !== step) return false;
  }
  return true;
}

function hasPath(value: Maybe, segments: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value !== undefined && value !== null;
  if (segment === "*") return Array.isArray(value) && value.some((item) => hasPath(item, rest));
  return isPropertyMap(value) && hasPath(value[segment], rest);
}

/** A path in Pulumi's notation. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[."[\]]/.test(step)) return `${text}["${step.replaceAll('"', '\\"')}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** The steps of a path in Pulumi's notation; `*` stays as it is. */
export function parsePath(text: string): Path {
  const tokens = text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...tokens].map(([, quoted, index, name]) => {
    if (quoted !== undefined) return quoted.replaceAll('\\"', '"');
    if (index !== undefined) return index === "*" ? "*" : Number(index);
    return name ?? "";
  });
}

/** True if the outer path, which may hold `*`, leads to the inner one. */
export function contains(outer: Path, inner: Path): boolean {
  return (
    outer.length <= inner.length && outer.every((step, i) => step === "*" || step === inner[i])
  );
}
