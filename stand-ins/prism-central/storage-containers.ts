// Storage containers of the Prism Elements: CAPX looks one up by name and cluster for a machine's data disks.
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import type { Properties } from "./filter-match";
import { listed } from "./listing";
import type { Route } from "./route";
import { V4, param } from "./route";
import type { ContainerRow, World } from "./world";

const PROPERTIES: Properties<ContainerRow> = {
  name: (row) => row.name,
  extId: (row) => row.extId,
  containerExtId: (row) => row.extId,
  clusterExtId: (row) => row.clusterExtId,
  clusterName: (row) => row.clusterName,
};

export function containerRoutes(world: World): Route[] {
  const base = `/api/clustermgmt/${V4}/config/storage-containers`;
  return [
    {
      method: "GET",
      path: base,
      query: "list",
      handle: (call) =>
        listed(world.containers, call, { view: containerView, properties: PROPERTIES }),
    },
    {
      method: "GET",
      path: `${base}/:extId`,
      handle: (call) => {
        const container = world.containers.get(param(call, "extId"));
        if (!container) throw notFound("storage container", param(call, "extId"));
        return single(containerView(container), 1);
      },
    },
  ];
}

function containerView(row: ContainerRow): object {
  return typed("clustermgmt.v4.config.StorageContainer", {
    extId: row.extId,
    containerExtId: row.extId,
    name: row.name,
    clusterExtId: row.clusterExtId,
    clusterName: row.clusterName,
    replicationFactor: 2,
    maxCapacityBytes: row.capacityBytes,
  });
}
