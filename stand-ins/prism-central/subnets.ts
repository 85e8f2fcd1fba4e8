// Subnets of the seed, read-only: VLANs of one Prism Element and overlays, with their pools and how much of these is
// leased.
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import type { Properties } from "./filter-match";
import type { Leases } from "./leases";
import { sizeOf } from "./leases";
import { listed } from "./listing";
import type { Route } from "./route";
import { V4, param } from "./route";
import type { SubnetRow, World } from "./world";

const PROPERTIES: Properties<SubnetRow> = {
  name: (row) => row.name,
  extId: (row) => row.extId,
  clusterReference: (row) => row.clusterExtId,
  subnetType: (row) => row.type,
  networkId: (row) => row.networkId,
  isExternal: () => false,
};

export function subnetRoutes(world: World, leases: Leases): Route[] {
  const base = `/api/networking/${V4}/config/subnets`;
  const view = (row: SubnetRow) => subnetView(row, leases);
  return [
    {
      method: "GET",
      path: base,
      query: "list",
      handle: (call) => listed(world.subnets, call, { view, properties: PROPERTIES }),
    },
    {
      method: "GET",
      path: `${base}/:extId`,
      handle: (call) => {
        const subnet = world.subnets.get(param(call, "extId"));
        if (!subnet) throw notFound("subnet", param(call, "extId"));
        return single(view(subnet), 1);
      },
    },
  ];
}

function subnetView(row: SubnetRow, leases: Leases): object {
  return typed("networking.v4.config.Subnet", {
    extId: row.extId,
    name: row.name,
    subnetType: row.type,
    networkId: row.networkId,
    clusterReference: row.clusterExtId,
    isExternal: false,
    isAdvancedNetworking: row.type === "OVERLAY",
    ...(row.isManaged ? managedView(row, leases) : {}),
  });
}

// Of a subnet whose addresses Prism does not give, Prism knows no addresses.
function managedView(row: SubnetRow, leases: Leases): object {
  const size = row.pools.reduce((sum, pool) => sum + sizeOf(pool), 0);
  const taken = leases.count(row.extId);
  return {
    ipConfig: [
      typed("networking.v4.config.IPConfig", {
        ipv4: typed("networking.v4.config.IPv4Config", {
          ipSubnet: typed("networking.v4.config.IPv4Subnet", {
            ip: ipv4(row.network),
            prefixLength: row.prefixLength,
          }),
          defaultGatewayIp: ipv4(row.gateway),
          poolList: row.pools.map(({ start, end }) =>
            typed("networking.v4.config.IPv4Pool", { startIp: ipv4(start), endIp: ipv4(end) }),
          ),
        }),
      }),
    ],
    ipUsage: typed("networking.v4.config.IPUsage", {
      numAssignedIPs: taken,
      numFreeIPs: size - taken,
      numMacs: taken,
      ipPoolUsages: row.pools.map((pool) =>
        typed("networking.v4.config.IPPoolUsage", {
          range: typed("networking.v4.config.IPv4Pool", {
            startIp: ipv4(pool.start),
            endIp: ipv4(pool.end),
          }),
          numTotalIPs: sizeOf(pool),
        }),
      ),
    }),
  };
}

function ipv4(value: string): object {
  return typed("common.v1.config.IPv4Address", { value, prefixLength: 32 });
}
