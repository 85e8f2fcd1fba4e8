// Prism Elements by the v4 API. Prism Central lists itself among the clusters, sometimes under the same name.
import type { PrismClient } from "./client";
import { PrismError } from "./errors";

interface Cluster {
  extId: string;
  name: string;
  config?: { clusterFunction?: string[] };
}

const CLUSTERS = "/api/clustermgmt/v4.0/config/clusters";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAGE = 100;

/** The uuid of the one Prism Element of that name or uuid. */
export async function prismElementUuid(client: PrismClient, nameOrUuid: string): Promise<string> {
  const elements = (await clusters(client)).filter((cluster) =>
    cluster.config?.clusterFunction?.includes("AOS"),
  );
  const wanted = nameOrUuid.toLowerCase();
  const key = UUID.test(nameOrUuid) ? "extId" : "name";
  const fitting = elements.filter((cluster) => cluster[key].toLowerCase() === wanted);
  const [found] = fitting;
  if (found && fitting.length === 1) return found.extId;
  const known = elements.map(({ name, extId }) => `${name} (${extId})`).join(", ");
  throw new PrismError(
    `Finding the Prism Element ${nameOrUuid} failed: ${fitting.length} fit. Use a name or, where names are not unique, a uuid of ${known || "a registered one: there is none"}.`,
  );
}

async function clusters(client: PrismClient): Promise<Cluster[]> {
  const all: Cluster[] = [];
  for (let page = 0; ; page += 1) {
    const answer = await client.request<{ data?: Cluster[] | null }>(
      "GET",
      `${CLUSTERS}?$page=${page}&$limit=${PAGE}`,
    );
    const clustersOfPage = answer.data ?? [];
    all.push(...clustersOfPage);
    if (clustersOfPage.length < PAGE) return all;
  }
}
