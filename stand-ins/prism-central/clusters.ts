// Clusters: Prism Elements, and Prism Central itself, which the cloud controller manager looks for. Read-only: they
// come from the seed.
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import type { Properties } from "./filter-match";
import { listed } from "./listing";
import type { Call, Route } from "./route";
import { V4, param } from "./route";
import type { ClusterRow, World } from "./world";

const BASE = `/api/clustermgmt/${V4}/config/clusters`;

const PROPERTIES: Properties<ClusterRow> = {
  name: (row) => row.name,
  extId: (row) => row.extId,
  "config/isAvailable": (row) => row.isAvailable,
  "config/clusterFunction": { itemsOf: (row) => [row.kind], properties: [] },
};

export function clusterRoutes(world: World): Route[] {
  return [
    {
      method: "GET",
      path: BASE,
      query: "list",
      handle: (call) =>
        listed(world.clusters, call, {
          view: (row) => clusterView(row, world),
          properties: PROPERTIES,
        }),
    },
    {
      method: "GET",
      path: `${BASE}/:clusterExtId`,
      handle: (call) => single(clusterView(clusterOf(world, call), world), 1),
    },
  ];
}

/** The cluster that a path names; throws 404. */
export function clusterOf(world: World, call: Call): ClusterRow {
  const extId = param(call, "clusterExtId");
  const cluster = world.clusters.get(extId);
  if (!cluster) throw notFound("cluster", extId);
  return cluster;
}

function clusterView(row: ClusterRow, { hosts, vms }: World): object {
  const isCentral = row.kind === "PRISM_CENTRAL";
  const softwareType = isCentral ? "PRISM_CENTRAL" : "NOS";
  const nodes = hosts.find("cluster/uuid", row.extId);
  return typed("clustermgmt.v4.config.Cluster", {
    extId: row.extId,
    name: row.name,
    config: typed("clustermgmt.v4.config.ClusterConfigReference", {
      isAvailable: row.isAvailable,
      clusterArch: "X86_64",
      clusterFunction: [row.kind],
      clusterSoftwareMap: [
        typed("clustermgmt.v4.config.SoftwareMapReference", { softwareType, version: row.version }),
      ],
      ...(isCentral ? {} : { hypervisorTypes: ["AHV"] }),
    }),
    ...(isCentral
      ? {}
      : {
          nodes: typed("clustermgmt.v4.config.NodeReference", {
            numberOfNodes: nodes.length,
            nodeList: nodes.map(({ extId }) =>
              typed("clustermgmt.v4.config.NodeListItemReference", { nodeUuid: extId }),
            ),
          }),
          vmCount: vms.count("cluster/extId", row.extId),
        }),
  });
}
