// Which rows a page is made of. With neither `keep` nor `matching` only the page itself is looked at.
import type { Table } from "./table";

export interface Selection<Row> {
  start: number;
  count: number;
  /** An indexed property's value. */
  equals?: { path: string; value: string } | undefined;
  /** A part of an indexed property's order, by places. */
  range?: { path: string; from: number; to: number; descending?: boolean } | undefined;
  keep?: ((row: Row) => boolean) | undefined;
  matching?: ((row: Row) => boolean) | undefined;
  /** Puts all rows that fit in order. */
  order?: ((rows: Row[]) => Row[]) | undefined;
}

export interface Page<Row> {
  rows: Row[];
  /** On all pages. */
  total: number;
}

/** One page of a table's rows. */
export function pageOf<Row>(table: Table<Row>, selection: Selection<Row>): Page<Row> {
  const { start, count, equals, keep, matching, order } = selection;
  const fits = both(keep, matching);
  if (fits ?? order) {
    const fitting = fits ? candidates(table, selection).filter(fits) : candidates(table, selection);
    const rows = order ? order(fitting) : fitting;
    return { rows: rows.slice(start, start + count), total: rows.length };
  }
  if (selection.range) return rangePage(table, selection.range, { start, count });
  if (!equals) return { rows: table.slice(start, count), total: table.size };
  const { path, value } = equals;
  return { rows: table.find(path, value, start, count), total: table.count(path, value) };
}

function candidates<Row>(table: Table<Row>, { equals, range }: Selection<Row>): Row[] {
  if (equals) return table.find(equals.path, equals.value);
  if (range) return rangePage(table, range, { start: 0, count: Infinity }).rows;
  return table.all();
}

function rangePage<Row>(
  table: Table<Row>,
  { path, from, to, descending }: NonNullable<Selection<Row>["range"]>,
  { start, count }: { start: number; count: number },
): Page<Row> {
  const order = table.inOrder(path);
  const last = Math.min(start + count, to - from);
  const ids = descending
    ? (order?.ids(to - last, to - start) ?? []).reverse()
    : (order?.ids(from + start, from + last) ?? []);
  return { rows: ids.flatMap((id) => table.get(id) ?? []), total: to - from };
}

export function both<Row>(
  first: ((row: Row) => boolean) | undefined,
  second: ((row: Row) => boolean) | undefined,
): ((row: Row) => boolean) | undefined {
  return first && second ? (row) => first(row) && second(row) : (first ?? second);
}
