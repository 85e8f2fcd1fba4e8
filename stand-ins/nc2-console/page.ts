// Pages of a list: `page` from 1, `limit` 1 to 100. Pure.
import { badRequest } from "./refusal";

const LIMIT = { fallback: 50, most: 100 };

export function page<Row>(rows: Row[], query: Record<string, string | undefined>): Row[] {
  const limit = numberIn(query["limit"], LIMIT.fallback, "limit");
  if (limit < 1 || limit > LIMIT.most) throw badRequest(`limit must be 1 to ${LIMIT.most}.`);
  const number = numberIn(query["page"], 1, "page");
  if (number < 1) throw badRequest("page must be at least 1.");
  return rows.slice((number - 1) * limit, number * limit);
}

function numberIn(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw badRequest(`${name} must be a whole number, not "${text}".`);
  return Number(text);
}
