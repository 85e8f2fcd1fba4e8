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
}

const DEFAULT_LIMIT = 50;
const MAXIMUM_LIMIT = 100;
const PARAMETERS = ["$filter", "$page", "$limit"];

/** Answers a list request. */
export function listed<Row>(table: Table<Row>, call: Call, options: ListOptions<Row>): Reply {
  const unknown = Object.keys(call.query).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw notSimulated(`Query parameter ${unknown}`);
  const limit = wholeNumber(call, "$limit", DEFAULT_LIMIT);
  if (limit < 1 || limit > MAXIMUM_LIMIT)
    throw invalid(`$limit must be between 1 and ${MAXIMUM_LIMIT}, not ${limit}.`);
  const start = wholeNumber(call, "$page", 0) * limit;
  const filter = checkedFilter(call.query["$filter"], options.filterable);
  const rows = filter ? candidates(table, filter) : table.all();
  const inside = options.within ? rows.filter(options.within) : rows;
  if (!filter) return page(inside.slice(start, start + limit).map(options.view), inside.length);
  const found = inside.map(options.view).filter((item) => matches(filter, item));
  return page(found.slice(start, start + limit), found.length);
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

function candidates<Row>(table: Table<Row>, filter: Filter): Row[] {
  const narrow = necessaryEqualities(filter).find(
    ({ path, value }) => typeof value === "string" && table.isIndexed(path),
  );
  return narrow ? table.find(narrow.path, String(narrow.value)) : table.all();
}

function wholeNumber(call: Call, name: string, fallback: number): number {
  const text = call.query[name];
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw invalid(`${name} must be a whole number, not "${text}".`);
  return Number(text);
}
