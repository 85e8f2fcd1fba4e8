// POST .../list of v3: kind, filter, length, offset, sort_attribute and sort_order in the body.
import { notSimulated, unprocessable } from "./errors";
import { FilterError } from "./filter";
import type { Properties } from "./filter-match";
import { checkProperties, isEquality, matches, necessaryEqualities } from "./filter-match";
import { bornUntil } from "./listing";
import { ordered, parseOrderBy } from "./order-by";
import { pageOf } from "./page";
import type { Call, Reply } from "./route";
import { fieldsOf, textOf } from "./route";
import type { Table } from "./table";
import { parseV3Filter } from "./v3-filter";

export interface V3ListOptions<Row> {
  kind: string;
  view: (row: Row) => object;
  properties: Properties<Row>;
  bornAt?: (row: Row) => string | undefined;
}

const KNOWN = ["kind", "filter", "length", "offset", "sort_attribute", "sort_order"];
const DEFAULT_LENGTH = 20;
const MAXIMUM_LENGTH = 500;

/** Answers a v3 list request. */
export function v3Listed<Row>(table: Table<Row>, call: Call, options: V3ListOptions<Row>): Reply {
  const body = fieldsOf(call.body);
  const unknown = Object.keys(body).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw notSimulated(`"${unknown}" in a v3 list`);
  if (body["kind"] !== undefined && body["kind"] !== options.kind)
    throw unprocessable(`kind is ${JSON.stringify(body["kind"])}; here it is "${options.kind}".`);
  const length = wholeNumber(body["length"], "length", DEFAULT_LENGTH);
  const offset = wholeNumber(body["offset"], "offset", 0);
  if (length > MAXIMUM_LENGTH)
    throw unprocessable(`length is ${length}; it may be ${MAXIMUM_LENGTH} at most.`);
  const { rows, total } = pageOf(table, {
    start: offset,
    count: length,
    ...understood(() => questionOf(body, table, options.properties)),
    keep: bornUntil(call, options.bornAt),
  });
  const entities = rows.map(options.view);
  const metadata = { kind: options.kind, total_matches: total, length: entities.length, offset };
  return { status: 200, body: { api_version: "3.1", metadata, entities } };
}

function questionOf<Row>(
  body: Record<string, unknown>,
  table: Table<Row>,
  properties: Properties<Row>,
) {
  const attribute = textOf(body["sort_attribute"]);
  const direction = body["sort_order"] === "DESCENDING" ? "desc" : "asc";
  const orderBy = attribute && parseOrderBy(`${attribute} ${direction}`, properties);
  const order = orderBy ? (rows: Row[]) => ordered(rows, orderBy, properties) : undefined;
  const filter = parseV3Filter(textOf(body["filter"]));
  if (!filter) return { order };
  checkProperties(filter, properties);
  const equals = necessaryEqualities(filter)
    .filter(({ path }) => table.isIndexed(path))
    .map(({ path, value }) => ({ path, value: String(value) }))[0];
  const isAnswered = equals !== undefined && isEquality(filter);
  const matching = isAnswered ? undefined : (row: Row) => matches(filter, row, properties);
  return { order, equals, matching };
}

function wholeNumber(value: unknown, name: string, fallback: number): number {
  const number = value ?? fallback;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0)
    throw unprocessable(`${name} is ${JSON.stringify(value)}; it must be a whole number.`);
  return number;
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FilterError) throw unprocessable(error.message);
    throw error;
  }
}
