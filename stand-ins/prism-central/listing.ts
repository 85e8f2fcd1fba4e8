// $filter, $orderby, $select, $page and $limit of every v4 list, over a table: an index narrows the search where
// filter and order allow.
import { page } from "./envelope";
import { invalidQuery, notSimulated } from "./errors";
import type { Filter } from "./filter";
import { FilterError, parseFilter } from "./filter";
import type { Properties } from "./filter-match";
import { checkProperties, isEquality, matches, necessaryEqualities } from "./filter-match";
import type { OrderBy } from "./order-by";
import { ordered, parseOrderBy } from "./order-by";
import type { Selection } from "./page";
import { both, pageOf } from "./page";
import type { Call, Reply } from "./route";
import { select } from "./select";
import type { SortedIndex } from "./sorted-index";
import type { Table } from "./table";

export interface ListOptions<Row> {
  view: (row: Row) => object;
  /** What a filter and an order may name; another property is refused, as Prism refuses it. */
  properties: Properties<Row>;
  /** Rows of this list alone, where the table holds those of several: an indexed property's value. */
  within?: { path: string; value: string };
  /** When a row was made, for lists that lag. */
  bornAt?: (row: Row) => string | undefined;
}

const DEFAULT_LIMIT = 50;
const MAXIMUM_LIMIT = 100;
const PARAMETERS = ["$filter", "$orderby", "$select", "$page", "$limit"];
const NOT_SIMULATED = ["$expand", "$apply", "$skip", "$top", "$count", "$search"];

/** Answers a list request. */
export function listed<Row>(table: Table<Row>, call: Call, options: ListOptions<Row>): Reply {
  checkParameters(call);
  const count = limitOf(call);
  const start = wholeNumber(call, "$page", 0) * count;
  const { filter, orderBy } = questionOf(call, options.properties);
  const { rows, total } = pageOf(table, {
    start,
    count,
    ...planned(table, { filter, orderBy, options }),
    keep: bornUntil(call, options.bornAt),
  });
  return page(select(rows.map(options.view), call.query["$select"]), total);
}

interface Question {
  filter: Filter | undefined;
  orderBy: OrderBy[] | undefined;
}

function questionOf<Row>({ query }: Call, properties: Properties<Row>): Question {
  const [filterText, orderText] = [query["$filter"] ?? "", query["$orderby"] ?? ""];
  const filter = understood("$filter", filterText, (text) => {
    const parsed = parseFilter(text);
    checkProperties(parsed, properties);
    return parsed;
  });
  const orderBy = understood("$orderby", orderText, (text) => parseOrderBy(text, properties));
  return { filter, orderBy };
}

/** How the rows are found: by which index, and by which test of what that leaves. */
function planned<Row>(
  table: Table<Row>,
  { filter, orderBy, options }: Question & { options: ListOptions<Row> },
): Partial<Selection<Row>> {
  const { properties, within } = options;
  const range = within ? undefined : rangeOf(table, filter, orderBy);
  if (range) return { range };
  const order = orderBy && ((rows: Row[]) => ordered(rows, orderBy, properties));
  const equals = narrowest(table, filter, within);
  const matching = filter && ((row: Row) => matches(filter, row, properties));
  if (!equals || equals === within) return { equals, matching, order };
  if (within) {
    const inside = insideOf(table, within, properties);
    return { equals, matching: both(matching, inside), order };
  }
  // The index answers a single equality alone.
  return { equals, matching: filter && isEquality(filter) ? undefined : matching, order };
}

function insideOf<Row>(
  table: Table<Row>,
  within: { path: string; value: string },
  properties: Properties<Row>,
): (row: Row) => boolean {
  const property = properties[within.path];
  if (typeof property === "function") return (row) => property(row) === within.value;
  const inside = new Set(table.find(within.path, within.value));
  return (row) => inside.has(row);
}

/** A part of a kept order that is the whole answer: all rows by one property, or those with a prefix of it. */
function rangeOf<Row>(
  table: Table<Row>,
  filter: Filter | undefined,
  orderBy: OrderBy[] | undefined,
): Selection<Row>["range"] {
  const prefix = filter && prefixOf(filter);
  const by = prefix ? (orderBy ?? [{ path: prefix.path, descending: false }]) : orderBy;
  const [first, ...others] = by ?? [];
  if ((filter && !prefix) || !first || others.length > 0) return undefined;
  const order = table.inOrder(first.path);
  return order && prefixedOrder(order, first, prefix);
}

/** Undefined where rows are wanted in the order of another property than the prefix's. */
function prefixedOrder(
  order: SortedIndex,
  by: OrderBy,
  prefix: { path: string; text: string } | undefined,
) {
  if (prefix && prefix.path !== by.path) return undefined;
  return { ...by, ...partOf(order, prefix?.text) };
}

function partOf(order: SortedIndex, prefix: string | undefined): { from: number; to: number } {
  return prefix === undefined ? { from: 0, to: order.size } : order.prefix(prefix);
}

function prefixOf(filter: Filter): { path: string; text: string } | undefined {
  if (filter.kind !== "text" || filter.function !== "startswith") return undefined;
  return { path: filter.path.join("/"), text: filter.value };
}

/** The index that narrows the search most. */
function narrowest<Row>(
  table: Table<Row>,
  filter: Filter | undefined,
  within: { path: string; value: string } | undefined,
): { path: string; value: string } | undefined {
  const equalities = (filter ? necessaryEqualities(filter) : [])
    .filter(({ path, value }) => typeof value === "string" && table.isIndexed(path))
    .map(({ path, value }) => ({ path, value: String(value) }));
  const [best] = (within ? [within, ...equalities] : equalities).sort(
    (a, b) => table.count(a.path, a.value) - table.count(b.path, b.value),
  );
  return best;
}

/** Leaves out what a lagging list does not show yet. */
export function bornUntil<Row>(
  call: Call,
  bornAt: ((row: Row) => string | undefined) | undefined,
): ((row: Row) => boolean) | undefined {
  const { listsUntil } = call;
  if (listsUntil === undefined || !bornAt) return undefined;
  return (row) => (bornAt(row) ?? "") <= listsUntil;
}

function checkParameters({ query }: Call): void {
  for (const name of Object.keys(query)) {
    if (PARAMETERS.includes(name)) continue;
    if (NOT_SIMULATED.includes(name)) throw notSimulated(`Query parameter ${name}`);
    throw invalidQuery(
      name,
      `Query parameter ${name} is unknown; known are ${PARAMETERS.join(", ")}.`,
    );
  }
}

function limitOf(call: Call): number {
  const count = wholeNumber(call, "$limit", DEFAULT_LIMIT);
  if (count < 1 || (count > MAXIMUM_LIMIT && !call.behaviour.capsLimit))
    throw invalidQuery("$limit", `$limit must be between 1 and ${MAXIMUM_LIMIT}, not ${count}.`);
  return Math.min(count, MAXIMUM_LIMIT);
}

function wholeNumber({ query }: Call, name: string, fallback: number): number {
  const text = query[name];
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text))
    throw invalidQuery(name, `${name} must be a whole number, not "${text}".`);
  return Number(text);
}

function understood<T>(name: string, text: string, read: (text: string) => T): T | undefined {
  if (text.trim() === "") return undefined;
  try {
    return read(text);
  } catch (error) {
    if (error instanceof FilterError) throw invalidQuery(name, error.message);
    throw error;
  }
}
