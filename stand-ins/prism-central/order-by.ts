// $orderby: "name desc,createTime". What has no value comes before everything else, as OData says.
import { FilterError } from "./filter";
import type { Properties } from "./filter-match";

export interface OrderBy {
  path: string;
  descending: boolean;
}

const ITEM = /^([A-Za-z_][\w/]*)(?: +(asc|desc))?$/;

/** Parses $orderby; throws FilterError for what it does not understand or may not use. */
export function parseOrderBy<Row>(text: string, properties: Properties<Row>): OrderBy[] {
  return text.split(",").map((item) => {
    const match = ITEM.exec(item.trim());
    if (!match) throw new FilterError(`$orderby is not understood at "${item.trim()}".`);
    const path = match[1] ?? "";
    if (typeof properties[path] !== "function") {
      const known = Object.keys(properties).filter(
        (name) => typeof properties[name] === "function",
      );
      throw new FilterError(`$orderby cannot use ${path}; it can use ${known.join(", ")}.`);
    }
    return { path, descending: match[2] === "desc" };
  });
}

/** The rows in order; rows that are equal by it stay as they were. */
export function ordered<Row>(rows: Row[], orderBy: OrderBy[], properties: Properties<Row>): Row[] {
  const keys = orderBy.map(({ path, descending }) => ({
    of: properties[path] as (row: Row) => unknown,
    sign: descending ? -1 : 1,
  }));
  return [...rows].sort((a, b) => {
    for (const { of, sign } of keys) {
      const order = compared(of(a), of(b));
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

function compared(a: unknown, b: unknown): number {
  const [left, right] = [a ?? undefined, b ?? undefined] as (string | number | undefined)[];
  if (left === right) return 0;
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  return left < right ? -1 : 1;
}
