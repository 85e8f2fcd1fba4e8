// Lists of the v4 API, page by page.
import type { PrismClient } from "./client";

interface Page<Entity> {
  data?: Entity[] | null;
  metadata?: { totalAvailableResults?: number };
}

/** The most that Prism Central gives at once. */
const PAGE = 100;

/** All entities at a path (`/api/...`), those alone that an OData filter lets through. */
export async function listAll<Entity>(
  client: PrismClient,
  path: string,
  filter?: string,
): Promise<Entity[]> {
  const all: Entity[] = [];
  const narrowed = filter === undefined ? "" : `&$filter=${encodeURIComponent(filter)}`;
  for (let page = 0; ; page += 1) {
    const answer = await client.request<Page<Entity>>(
      "GET",
      `${path}?$page=${page}&$limit=${PAGE}${narrowed}`,
    );
    const entities = answer.data ?? [];
    all.push(...entities);
    const total = answer.metadata?.totalAvailableResults ?? all.length;
    if (entities.length === 0 || all.length >= total) return all;
  }
}

/** A text as OData has it, quotes included. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
