// Diff: which properties change, and whether that needs a new object. It asks no cluster.
// Custom resources are compared with what the server made of them, built-in kinds with the inputs of last time
// (the real plugin normalises built-in kinds through Go types, which comes to the same).

import { isDeepStrictEqual } from "node:util";

import type { DiffKind, DiffRequest, DiffResult, PropertyDiff } from "../pulumi-plugin/provider";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "../pulumi-plugin/values";
import { type Change, changesBetween, contains, parsePath, pathText, touches } from "./changes";
import { isAutonamed, isNamed, normalize } from "./check";
import { parseOutputs, plainObject } from "./checkpoint";
import { forceNewPaths, type Mutability } from "./force-new";
import { at, type KubeObject, nameOf, namespaceOf, withMetadata } from "./kube-object";
import { builtInScope, isBuiltIn } from "./scope";

/** The answer to the engine's Diff. */
export function diffObject(request: DiffRequest, mutability: Mutability): DiffResult {
  if (isUnchanged(request)) {
    return { changes: "none", replaces: [], deleteBeforeReplace: false, detailedDiff: {} };
  }
  const { inputs, live } = parseOutputs(request.oldOutputs);
  const oldInputs = normalize(inputs);
  const pruned = isBuiltIn(oldInputs) ? oldInputs : pruneTo(live, oldInputs);
  const news = normalize(plainObject(request.news));
  const placed = sameNamespace(news, pruned, live);
  const ignored = request.ignoreChanges.map(parsePath);
  const changes = changesBetween(placed.before, placed.after).filter(
    (change) => !ignored.some((path) => contains(path, change.path)),
  );
  const patterns = forceNewPaths(news, mutability);
  const kinds = changes.map((change) => [pathText(change.path), kindOfChange(change, patterns)]);
  const detailed = Object.fromEntries(kinds) as Record<string, DiffKind>;
  const replaces = Object.keys(detailed).filter((path) => detailed[path]?.endsWith("-replace"));
  return {
    changes: changes.length > 0 ? "some" : "none",
    replaces,
    deleteBeforeReplace: replaces.length > 0 && mustKeepItsName(placed.after, live),
    detailedDiff: Object.fromEntries(
      Object.entries(detailed).map(([path, kind]) => [path, propertyDiff(kind)]),
    ),
  };
}

/** A built-in kind with the inputs of last time, as nearly all are in a preview: for a large CRD a tenth of the work. */
function isUnchanged({ news, oldOutputs }: DiffRequest): boolean {
  return isBuiltIn(news) && isDeepStrictEqual(oldOutputs["__inputs"], news);
}

function propertyDiff(kind: DiffKind): PropertyDiff {
  return kind.startsWith("delete") ? { kind, inputDiff: true } : { kind };
}

function kindOfChange(change: Change, patterns: readonly string[]): DiffKind {
  const replaces = patterns.some((pattern) => touches(change, pattern));
  const wholeMetadata = change.kind === "delete" && pathText(change.path) === "metadata";
  return replaces || wholeMetadata ? `${change.kind}-replace` : change.kind;
}

/** Both sides with a namespace where there is one, and the old side with the name it really has. */
function sameNamespace(news: KubeObject, pruned: KubeObject, live: KubeObject) {
  const scope = builtInScope(news) ?? (namespaceOf(live) === "" ? "cluster" : "namespace");
  const inScope = (namespace: PropertyValue) => (scope === "cluster" ? undefined : namespace);
  const name = nameOf(news) === "" ? at(pruned, "metadata", "name") : nameOf(live);
  const before = withMetadata(pruned, { name, namespace: inScope(namespaceOf(live) || "default") });
  if (!isPropertyMap(news["metadata"])) return { before, after: news };
  const wanted = at(news, "metadata", "namespace") ?? "default";
  return { before, after: withMetadata(news, { namespace: inScope(wanted) }) };
}

/** True if a replacement must have the name of the old object, which then has to go first. */
export function mustKeepItsName(news: KubeObject, live: KubeObject): boolean {
  return (
    isNamed(news) &&
    !isAutonamed(news) &&
    nameOf(news) === nameOf(live) &&
    namespaceOf(news) === namespaceOf(live)
  );
}

/** The live object reduced to the members that the inputs name. */
export function pruneTo(live: PropertyMap, inputs: PropertyMap): PropertyMap {
  const kept = Object.entries(live).filter(([key]) => inputs[key] !== undefined);
  return Object.fromEntries(kept.map(([key, value]) => [key, pruneValue(value, inputs[key])]));
}

function pruneValue(live: PropertyValue | undefined, input: PropertyValue | undefined) {
  if (isPropertyMap(live) && isPropertyMap(input)) return pruneTo(live, input);
  if (Array.isArray(live) && Array.isArray(input)) return pruneList(live, input);
  return live;
}

function pruneList(live: PropertyValue[], input: PropertyValue[]): PropertyValue[] {
  const items = live.slice(0, input.length);
  return items.map((item, i) => pruneValue(item, input[i]) ?? null);
}
