// Compares old inputs with new inputs the way the engine's own object diff does: by path, with secrets unwrapped.

import type { DiffKind, DiffResult, PropertyDiff } from "./provider";
import {
  Archive,
  Asset,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  toWire,
  withoutSecrets,
} from "./values";

export interface PropertyDiffOptions {
  /** Says whether a change at this path asks for a replacement. Default: never. */
  readonly replaceOn?: (path: string, topLevelKey: string) => boolean;
  /** False: displays compare old outputs with new inputs. Default true. */
  readonly inputDiff?: boolean;
  /**
   * True: as plugins made with pulumi-go-provider do, a secret is compared as a whole and differs from the same value in
   * clear, and null is nothing. Default false: secrets are unwrapped.
   */
  readonly secretsWhole?: boolean;
}

/** The Diff answer for a change of inputs. */
export function propertyDiff(
  oldInputs: PropertyMap,
  newInputs: PropertyMap,
  options: PropertyDiffOptions = {},
): DiffResult {
  const { replaceOn = () => false, inputDiff = true, secretsWhole = false } = options;
  const at = secretsWhole ? compareWhole : compare;
  const changes = keysOf(oldInputs, newInputs).flatMap((key) =>
    at(oldInputs[key], newInputs[key], member("", key)).map(({ path, kind }) => {
      return { key, path, kind, replace: replaceOn(path, key) };
    }),
  );
  const topLevel = (of: typeof changes) => [...new Set(of.map(({ key }) => key))];
  return {
    changes: changes.length > 0 ? "some" : "none",
    diffs: topLevel(changes),
    replaces: topLevel(changes.filter(({ replace }) => replace)),
    detailedDiff: Object.fromEntries(
      changes.map(({ path, kind, replace }): [string, PropertyDiff] => [
        path,
        { kind: replace ? `${kind}-replace` : kind, inputDiff },
      ]),
    ),
  };
}

function keysOf(one: PropertyMap, other: PropertyMap): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}

interface Change {
  readonly path: string;
  readonly kind: Extract<DiffKind, "add" | "delete" | "update">;
}

type Compare = (
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: string,
) => Change[];

const compareWhole: Compare = (before, after, path) => {
  const [old, young] = [before ?? undefined, after ?? undefined];
  const secrets = [old, young].filter((value) => value instanceof Secret).length;
  if (secrets === 0 || old === undefined || young === undefined)
    return compareAt(old, young, path, compareWhole);
  return secrets === 2 && compare(old, young, path).length === 0 ? [] : [{ path, kind: "update" }];
};

const compare: Compare = (before, after, path) =>
  compareAt(unwrapped(before), unwrapped(after), path, compare);

const unwrapped = (value: PropertyValue | undefined) =>
  value === undefined ? undefined : withoutSecrets(value);

function compareAt(
  old: PropertyValue | undefined,
  young: PropertyValue | undefined,
  path: string,
  within: Compare,
): Change[] {
  if (old === undefined) return young === undefined ? [] : [{ path, kind: "add" }];
  if (young === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(young)) return compareLists(old, young, path, within);
  if (isPropertyMap(old) && isPropertyMap(young)) return compareMaps(old, young, path, within);
  return sameLeaf(old, young) ? [] : [{ path, kind: "update" }];
}

function compareLists(
  old: PropertyValue[],
  young: PropertyValue[],
  path: string,
  within: Compare,
): Change[] {
  const length = Math.max(old.length, young.length);
  const indices = Array.from({ length }, (_, index) => index);
  return indices.flatMap((index) => within(old[index], young[index], `${path}[${index}]`));
}

function compareMaps(
  old: PropertyMap,
  young: PropertyMap,
  path: string,
  within: Compare,
): Change[] {
  return keysOf(old, young).flatMap((key) => within(old[key], young[key], member(path, key)));
}

function sameLeaf(old: PropertyValue, young: PropertyValue): boolean {
  const hashed = (value: PropertyValue) =>
    value instanceof Asset || value instanceof Archive ? value.fields.hash : undefined;
  const [oldHash, youngHash] = [hashed(old), hashed(young)];
  if (oldHash !== undefined && youngHash !== undefined) return oldHash === youngHash;
  return JSON.stringify(toWire(old)) === JSON.stringify(toWire(young));
}

/** A path one member deeper, in Pulumi's property path notation. */
function member(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
