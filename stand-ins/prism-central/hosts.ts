// Hosts of the Prism Elements, whose names the cloud controller manager puts on nodes, and how large they are.
import { clusterOf } from "./clusters";
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import type { Properties } from "./filter-match";
import { listed } from "./listing";
import type { Route } from "./route";
import { V4, param } from "./route";
import type { HostRow, World } from "./world";

const BASE = `/api/clustermgmt/${V4}/config`;

const PROPERTIES: Properties<HostRow> = {
  extId: (row) => row.extId,
  hostName: (row) => row.name,
  "cluster/uuid": (row) => row.clusterExtId,
  memorySizeBytes: (row) => row.memorySizeBytes,
};

export function hostRoutes(world: World): Route[] {
  const list = { view: (row: HostRow) => hostView(row, world), properties: PROPERTIES };
  return [
    {
      method: "GET",
      path: `${BASE}/hosts`,
      query: "list",
      handle: (call) => listed(world.hosts, call, list),
    },
    {
      method: "GET",
      path: `${BASE}/clusters/:clusterExtId/hosts`,
      query: "list",
      handle: (call) => {
        const within = { path: "cluster/uuid", value: clusterOf(world, call).extId };
        return listed(world.hosts, call, { ...list, within });
      },
    },
    {
      method: "GET",
      path: `${BASE}/clusters/:clusterExtId/hosts/:extId`,
      handle: (call) => {
        const cluster = clusterOf(world, call);
        const host = world.hosts.get(param(call, "extId"));
        if (host?.clusterExtId !== cluster.extId) throw notFound("host", param(call, "extId"));
        return single(hostView(host, world), 1);
      },
    },
  ];
}

function hostView(row: HostRow, { clusters }: World): object {
  return typed("clustermgmt.v4.config.Host", {
    extId: row.extId,
    hostName: row.name,
    hostType: "HYPER_CONVERGED",
    nodeStatus: "NORMAL",
    maintenanceState: "normal",
    memorySizeBytes: row.memorySizeBytes,
    numberOfCpuThreads: row.threads,
    cluster: typed("clustermgmt.v4.config.ClusterReference", {
      uuid: row.clusterExtId,
      name: clusters.get(row.clusterExtId)?.name,
    }),
  });
}
