// Clusters by the v4 API. Prism Central lists itself among them, sometimes under the name of a Prism Element.
import type { PrismClient } from "./client";
import { PrismError } from "./errors";
import { listAll } from "./list";

export interface Cluster {
  extId: string;
  name: string;
  config?: {
    isAvailable?: boolean;
    /** AOS of a Prism Element, PRISM_CENTRAL. */
    clusterFunction?: string[];
    /** NOS (AOS), PRISM_CENTRAL, ... */
    clusterSoftwareMap?: { softwareType?: string; version?: string }[];
  };
}

const CLUSTERS = "/api/clustermgmt/v4.0/config/clusters";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** All of them, Prism Central included. */
export function listClusters(client: PrismClient): Promise<Cluster[]> {
  return listAll<Cluster>(client, CLUSTERS);
}

/** Those that machines can be on. */
export function prismElements(clusters: Cluster[]): Cluster[] {
  return clusters.filter((cluster) => cluster.config?.clusterFunction?.includes("AOS"));
}

/** The Prism Elements of that name or uuid. */
export function fittingElements(clusters: Cluster[], nameOrUuid: string): Cluster[] {
  const wanted = nameOrUuid.toLowerCase();
  const key = UUID.test(nameOrUuid) ? "extId" : "name";
  return prismElements(clusters).filter((cluster) => cluster[key].toLowerCase() === wanted);
}

/** The uuid of the one Prism Element of that name or uuid. */
export async function prismElementUuid(client: PrismClient, nameOrUuid: string): Promise<string> {
  const clusters = await listClusters(client);
  const fitting = fittingElements(clusters, nameOrUuid);
  const [found] = fitting;
  if (found && fitting.length === 1) return found.extId;
  const known = prismElements(clusters).map(({ name, extId }) => `${name} (${extId})`);
  throw new PrismError(
    `Finding the Prism Element ${nameOrUuid} failed: ${fitting.length} fit. Use a name or, where names are not unique, a uuid of ${known.join(", ") || "a registered one: there is none"}.`,
  );
}
