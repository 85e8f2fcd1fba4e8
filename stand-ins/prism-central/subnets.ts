// Managed VLAN subnets of the seed, and the addresses that they lease. A lease is nothing of its own: an address
// is taken while a VM's NIC has it.
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import { listed } from "./listing";
import type { Route } from "./route";
import { V4, param } from "./route";
import type { SubnetRow, World } from "./world";

export function subnetRoutes(world: World): Route[] {
  const base = `/api/networking/${V4}/config/subnets`;
  return [
    {
      method: "GET",
      path: base,
      handle: (call) =>
        listed(world.subnets, call, {
          view: subnetView,
          filterable: ["name", "extId", "clusterReference", "subnetType", "networkId"],
        }),
    },
    {
      method: "GET",
      path: `${base}/:extId`,
      handle: (call) => {
        const subnet = world.subnets.get(param(call, "extId"));
        if (!subnet) throw notFound("subnet", param(call, "extId"));
        return single(subnetView(subnet), 1);
      },
    },
  ];
}

/**
 * A free address of the subnet's pool. The search begins behind the youngest lease, so that an address rests
 * before it is given again. Throws when the pool is used up.
 */
export function freeAddress(world: World, subnet: SubnetRow): string {
  const start = numberOf(subnet.pool.start);
  const size = numberOf(subnet.pool.end) - start + 1;
  const last = world.lastLeases.get(subnet.extId);
  const first = last === undefined ? 0 : numberOf(last) - start + 1;
  for (let step = 0; step < size; step += 1) {
    const address = textOf(start + ((first + step) % size));
    if (world.vms.find("nics/ipAddress", address).length > 0) continue;
    world.lastLeases.set(subnet.extId, address);
    return address;
  }
  throw new Error(
    `The pool ${subnet.pool.start} to ${subnet.pool.end} of subnet ${subnet.name} has no free address.`,
  );
}

function subnetView(row: SubnetRow): object {
  const ipv4 = (value: string) =>
    typed("common.v1.config.IPv4Address", { value, prefixLength: 32 });
  return typed("networking.v4.config.Subnet", {
    extId: row.extId,
    name: row.name,
    subnetType: "VLAN",
    networkId: row.networkId,
    clusterReference: row.clusterExtId,
    isExternal: false,
    ipConfig: [
      typed("networking.v4.config.IPConfig", {
        ipv4: typed("networking.v4.config.IPv4Config", {
          ipSubnet: typed("networking.v4.config.IPv4Subnet", {
            ip: ipv4(row.network),
            prefixLength: row.prefixLength,
          }),
          defaultGatewayIp: ipv4(row.gateway),
          poolList: [
            typed("networking.v4.config.IPv4Pool", {
              startIp: ipv4(row.pool.start),
              endIp: ipv4(row.pool.end),
            }),
          ],
        }),
      }),
    ],
  });
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
