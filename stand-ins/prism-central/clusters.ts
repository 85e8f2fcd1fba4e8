// Clusters (Prism Elements and Prism Central itself, which the cloud controller manager looks for), their hosts
// and their storage containers. Read-only: they come from the seed.
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import { listed } from "./listing";
import type { Call, Route } from "./route";
import { V4, param } from "./route";
import type { ClusterRow, ContainerRow, HostRow, World } from "./world";

const BASE = `/api/clustermgmt/${V4}/config`;

export function clusterRoutes(world: World): Route[] {
  return [
    {
      method: "GET",
      path: `${BASE}/clusters`,
      handle: (call) =>
        listed(world.clusters, call, { view: clusterView, filterable: ["name", "extId"] }),
    },
    {
      method: "GET",
      path: `${BASE}/clusters/:clusterExtId`,
      handle: (call) => single(clusterView(clusterOf(world, call)), 1),
    },
    {
      method: "GET",
      path: `${BASE}/clusters/:clusterExtId/hosts`,
      handle: (call) => {
        const cluster = clusterOf(world, call);
        return listed(world.hosts, call, {
          view: (row) => hostView(row, cluster),
          filterable: ["hostName", "extId"],
          within: (row) => row.clusterExtId === cluster.extId,
        });
      },
    },
    {
      method: "GET",
      path: `${BASE}/clusters/:clusterExtId/hosts/:extId`,
      handle: (call) => {
        const cluster = clusterOf(world, call);
        const host = world.hosts.get(param(call, "extId"));
        if (host?.clusterExtId !== cluster.extId) throw notFound("host", param(call, "extId"));
        return single(hostView(host, cluster), 1);
      },
    },
    {
      method: "GET",
      path: `${BASE}/storage-containers`,
      handle: (call) =>
        listed(world.containers, call, {
          view: containerView,
          filterable: ["name", "clusterExtId", "containerExtId"],
        }),
    },
  ];
}

function clusterOf(world: World, call: Call): ClusterRow {
  const extId = param(call, "clusterExtId");
  const cluster = world.clusters.get(extId);
  if (!cluster) throw notFound("cluster", extId);
  return cluster;
}

function clusterView(row: ClusterRow): object {
  const isCentral = row.kind === "PRISM_CENTRAL";
  const softwareType = isCentral ? "PRISM_CENTRAL" : "NOS";
  return typed("clustermgmt.v4.config.Cluster", {
    extId: row.extId,
    name: row.name,
    config: typed("clustermgmt.v4.config.ClusterConfigReference", {
      isAvailable: true,
      clusterFunction: [row.kind],
      clusterSoftwareMap: [
        typed("clustermgmt.v4.config.SoftwareMapReference", { softwareType, version: row.version }),
      ],
      ...(isCentral ? {} : { hypervisorTypes: ["AHV"] }),
    }),
  });
}

function hostView(row: HostRow, cluster: ClusterRow): object {
  return typed("clustermgmt.v4.config.Host", {
    extId: row.extId,
    hostName: row.name,
    cluster: typed("clustermgmt.v4.config.ClusterReference", {
      uuid: cluster.extId,
      name: cluster.name,
    }),
  });
}

function containerView(row: ContainerRow): object {
  return typed("clustermgmt.v4.config.StorageContainer", {
    containerExtId: row.extId,
    name: row.name,
    clusterExtId: row.clusterExtId,
    clusterName: row.clusterName,
  });
}
