// What a filter means for a row: which of the row's properties it speaks of, whether the row passes, and which
// equalities every match must meet, so that an index can narrow the search.
import type { Comparison, Filter, Literal, TextFunction } from "./filter";
import { FilterError } from "./filter";

/** A collection that lambdas go through: its items and the names of their properties; none for items of text. */
export interface Collection<Row> {
  itemsOf: (row: Row) => readonly unknown[];
  properties: string[];
}

/** What a list may be filtered and ordered by: property path (`cluster/extId`) -> its value, or a collection. */
export type Properties<Row> = Record<string, ((row: Row) => unknown) | Collection<Row>>;

/** Throws a FilterError that names the first property which is not among those that a filter may use. */
export function checkProperties<Row>(filter: Filter, properties: Properties<Row>): void {
  const unknown = propertiesOf(filter).find(
    ({ path, isItem }) => !isKnown(path, isItem, properties),
  );
  if (unknown === undefined) return;
  throw new FilterError(
    `$filter cannot use ${unknown.path}; it can use ${spellings(properties).join(", ")}.`,
  );
}

function isKnown<Row>(path: string, isItem: boolean, properties: Properties<Row>): boolean {
  if (!isItem) return typeof properties[path] === "function";
  return spellings(properties).includes(path) && typeof properties[path] !== "function";
}

/** All names: a collection's as `collection/property`. */
function spellings<Row>(properties: Properties<Row>): string[] {
  return Object.entries(properties).flatMap(([path, property]) => {
    if (typeof property === "function") return [path];
    if (property.properties.length === 0) return [path];
    return property.properties.map((name) => `${path}/${name}`);
  });
}

interface Used {
  path: string;
  /** Of a collection's items. */
  isItem: boolean;
}

function propertiesOf(filter: Filter, variables: Record<string, string> = {}): Used[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return [...propertiesOf(filter.left, variables), ...propertiesOf(filter.right, variables)];
    case "not":
      return propertiesOf(filter.inner, variables);
    case "any":
    case "all": {
      const collection = spelled(filter.path, variables);
      return propertiesOf(filter.inner, { ...variables, [filter.variable]: collection });
    }
    default:
      return [
        { path: spelled(filter.path, variables), isItem: (filter.path[0] ?? "") in variables },
      ];
  }
}

/** Whether a row passes a filter whose properties have been checked. */
export function matches<Row>(filter: Filter, row: Row, properties: Properties<Row>): boolean {
  return passes(filter, (path) => valueOf(path, row, properties));
}

type Lookup = (path: string[]) => unknown;

function valueOf<Row>(path: string[], row: Row, properties: Properties<Row>): unknown {
  const property = properties[path.length === 1 ? (path[0] ?? "") : path.join("/")];
  if (property === undefined) return undefined;
  return typeof property === "function" ? property(row) : property.itemsOf(row);
}

function passes(filter: Filter, lookup: Lookup): boolean {
  switch (filter.kind) {
    case "and":
      return passes(filter.left, lookup) && passes(filter.right, lookup);
    case "or":
      return passes(filter.left, lookup) || passes(filter.right, lookup);
    case "not":
      return !passes(filter.inner, lookup);
    case "any":
      return items(filter.path, lookup).some((item) => passesItem(filter, item, lookup));
    case "all":
      return items(filter.path, lookup).every((item) => passesItem(filter, item, lookup));
    default:
      return holds(filter, lookup(filter.path));
  }
}

function holds(filter: Extract<Filter, { path: string[] }>, value: unknown): boolean {
  switch (filter.kind) {
    case "in":
      return filter.values.includes((value ?? null) as Literal);
    case "text":
      return TEXT[filter.function](value, filter.value);
    case "compare":
      return COMPARE[filter.operator]((value ?? null) as Literal, filter.value);
    default:
      return false;
  }
}

function items(path: string[], lookup: Lookup): readonly unknown[] {
  const found = lookup(path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

function passesItem(
  { inner, variable }: { inner: Filter; variable: string },
  item: unknown,
  outer: Lookup,
): boolean {
  return passes(inner, (path) => {
    if (path[0] !== variable) return outer(path);
    return path
      .slice(1)
      .reduce<unknown>(
        (value, step) => (value as Record<string, unknown> | null | undefined)?.[step],
        item,
      );
  });
}

const COMPARE: Record<Comparison, (left: Literal, right: Literal) => boolean> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: (left, right) => difference(left, right) > 0,
  ge: (left, right) => difference(left, right) >= 0,
  lt: (left, right) => difference(left, right) < 0,
  le: (left, right) => difference(left, right) <= 0,
};

// Nothing is above or below null, nor a text above or below a number: NaN.
function difference(left: Literal, right: Literal): number {
  if (left === null || right === null || typeof left !== typeof right) return NaN;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const TEXT: Record<TextFunction, (value: unknown, part: string) => boolean> = {
  startswith: (value, part) => typeof value === "string" && value.startsWith(part),
  endswith: (value, part) => typeof value === "string" && value.endsWith(part),
  contains: (value, part) => typeof value === "string" && value.includes(part),
};

/** Equalities that every match must meet, so that an index can narrow the search. */
export function necessaryEqualities(
  filter: Filter,
  variables: Record<string, string> = {},
): { path: string; value: Literal }[] {
  if (filter.kind === "compare" && filter.operator === "eq")
    return [{ path: spelled(filter.path, variables), value: filter.value }];
  if (filter.kind === "and")
    return [filter.left, filter.right].flatMap((side) => necessaryEqualities(side, variables));
  if (filter.kind === "any") {
    const collection = spelled(filter.path, variables);
    return necessaryEqualities(filter.inner, { ...variables, [filter.variable]: collection });
  }
  return [];
}

/** Whether the filter says nothing but one equality. */
export function isEquality(filter: Filter): boolean {
  if (filter.kind === "any") return isEquality(filter.inner);
  return filter.kind === "compare" && filter.operator === "eq";
}

function spelled(path: string[], variables: Record<string, string>): string {
  const [first = "", ...rest] = path;
  return [variables[first] ?? first, ...rest].join("/");
}
