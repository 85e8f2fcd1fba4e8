// $filter, $page and $limit of every v4 list, over a table: an index narrows the search where the filter allows.
import { page } from "./envelope";
import { invalid, notSimulated } from "./errors";
import type { Filter } from "./filter";
import { FilterError, matches, necessaryEqualities, parseFilter, propertiesOf } from "./filter";
import type { Call, Reply } from "./route";
import type { Table } from "./table";

export interface ListOptions<Row> {
  view: (row: Row) => object;
  /** Properties that a filter may name; another is refused, as Prism refuses it. */
  filterable: string[];
  /** Rows of this list alone, where the table holds those of several. */
  within?: (row: Row) => boolean;
  /** When a row was made, for lists that lag. */
  bornAt?: (row: Row) => string | undefined;
}

const DEFAULT_LIMIT = 50;
const MAXIMUM_LIMIT = 100;
const PARAMETERS = ["$filter", "$page", "$limit"];

/** Answers a list request. */
export function listed<Row>(table: Table<Row>, call: Call, options: ListOptions<Row>): Reply {
  const unknown = Object.keys(call.query).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw notSimulated(`Query parameter ${unknown}`);
  const count = wholeNumber(call, "$limit", DEFAULT_LIMIT);
  if (count < 1 || count > MAXIMUM_LIMIT)
    throw invalid(`$limit must be between 1 and ${MAXIMUM_LIMIT}, not ${count}.`);
  const start = wholeNumber(call, "$page", 0) * count;
  const filter = checkedFilter(call.query["$filter"], options.filterable);
  const { rows, total } = pageOf(table, {
    start,
    count,
    ...(filter && narrowed(table, filter, options.view)),
    keep: both(options.within, bornUntil(call, options.bornAt)),
  });
  return page(rows.map(options.view), total);
}

/** Which rows a page is made of; with neither `keep` nor `matching` only the page itself is looked at. */
export interface Selection<Row> {
  start: number;
  count: number;
  /** An indexed property's value. */
  equals?: { path: string; value: string } | undefined;
  keep?: ((row: Row) => boolean) | undefined;
  matching?: ((row: Row) => boolean) | undefined;
}

/** One page of a table's rows, and how many there are on all pages. */
export function pageOf<Row>(
  table: Table<Row>,
  { start, count, equals, keep, matching }: Selection<Row>,
): { rows: Row[]; total: number } {
  const fits = both(keep, matching);
  if (fits) {
    const all = equals ? table.find(equals.path, equals.value) : table.all();
    const rows = all.filter(fits);
    return { rows: rows.slice(start, start + count), total: rows.length };
  }
  if (!equals) return { rows: table.slice(start, count), total: table.size };
  const { path, value } = equals;
  return { rows: table.find(path, value, start, count), total: table.count(path, value) };
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

function both<Row>(
  first: ((row: Row) => boolean) | undefined,
  second: ((row: Row) => boolean) | undefined,
): ((row: Row) => boolean) | undefined {
  return first && second ? (row) => first(row) && second(row) : (first ?? second);
}

function checkedFilter(text: string | undefined, filterable: string[]): Filter | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  try {
    const filter = parseFilter(text);
    const unknown = propertiesOf(filter).find((path) => !filterable.includes(path));
    if (unknown !== undefined)
      throw new FilterError(`$filter cannot use ${unknown}; it can use ${filterable.join(", ")}.`);
    return filter;
  } catch (error) {
    if (error instanceof FilterError) throw invalid(error.message);
    throw error;
  }
}

/** The index that narrows the search most, and the test of what it leaves. */
function narrowed<Row>(
  table: Table<Row>,
  filter: Filter,
  view: (row: Row) => object,
): Pick<Selection<Row>, "equals" | "matching"> {
  const matching = (row: Row) => matches(filter, view(row));
  const [equals] = necessaryEqualities(filter)
    .filter(({ path, value }) => typeof value === "string" && table.isIndexed(path))
    .map(({ path, value }) => ({ path, value: String(value) }))
    .sort((a, b) => table.count(a.path, a.value) - table.count(b.path, b.value));
  if (!equals || !isEquality(filter)) return { equals, matching };
  // The index answers alone, unless the filter takes a collection for a property: then nothing matches.
  const [first] = table.find(equals.path, equals.value, 0, 1);
  return first === undefined || matching(first) ? { equals } : { equals, matching };
}

function isEquality(filter: Filter): boolean {
  return filter.kind === "any" ? isEquality(filter.inner) : filter.kind === "compare";
}

function wholeNumber(call: Call, name: string, fallback: number): number {
  const text = call.query[name];
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw invalid(`${name} must be a whole number, not "${text}".`);
  return Number(text);
}
