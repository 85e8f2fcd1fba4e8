// GPU profiles of a Prism Element: physical ones, a profile for each device, and virtual ones with their shares. CAPX
// takes any that is not in use.
import type { Capacity } from "./capacity";
import { clusterOf } from "./clusters";
import { typed } from "./envelope";
import type { Properties } from "./filter-match";
import { listed } from "./listing";
import type { Route } from "./route";
import { V4 } from "./route";
import type { GpuRow, World } from "./world";

type Kind = "physical" | "virtual";

export function gpuRoutes(world: World, capacity: Capacity): Route[] {
  return [route("physical", world, capacity), route("virtual", world, capacity)];
}

function route(kind: Kind, world: World, capacity: Capacity): Route {
  return {
    method: "GET",
    path: `/api/clustermgmt/${V4}/config/clusters/:clusterExtId/${kind}-gpu-profiles`,
    query: "list",
    handle: (call) =>
      listed(world.gpus, call, {
        view: (row) => gpuView(row, kind, capacity),
        properties: properties(kind, capacity),
        within: { path: kind, value: clusterOf(world, call).extId },
      }),
  };
}

function properties(kind: Kind, capacity: Capacity): Properties<GpuRow> {
  const config = `${kind}GpuConfig`;
  return {
    extId: (row) => row.extId,
    [`${config}/deviceName`]: (row: GpuRow) => row.name,
    [`${config}/deviceId`]: (row: GpuRow) => row.deviceId,
    [`${config}/vendorName`]: (row: GpuRow) => row.vendor,
    [`${config}/type`]: (row: GpuRow) => row.type,
    [`${config}/isInUse`]: (row: GpuRow) => capacity.freeOf(row) === 0,
    [`${config}/assignable`]: (row: GpuRow) => capacity.freeOf(row),
  };
}

function gpuView(row: GpuRow, kind: Kind, capacity: Capacity): object {
  const isVirtual = kind === "virtual";
  const name = isVirtual ? "VirtualGpu" : "PhysicalGpu";
  const config = {
    deviceName: row.name,
    deviceId: row.deviceId,
    vendorName: row.vendor,
    type: row.type,
    frameBufferSizeBytes: row.frameBufferBytes,
    assignable: capacity.freeOf(row),
    isInUse: capacity.freeOf(row) === 0,
    ...(isVirtual ? {} : { mode: "USED_FOR_PASSTHROUGH" }),
  };
  const holders = capacity.holdersOf(row);
  return typed(`clustermgmt.v4.config.${name}Profile`, {
    extId: row.extId,
    ...(holders.length === 0 ? {} : { allocatedVmExtIds: [...new Set(holders)] }),
    [`${kind}GpuConfig`]: typed(`clustermgmt.v4.config.${name}Config`, config),
  });
}
