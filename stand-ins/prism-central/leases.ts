// The addresses that subnets have leased. A lease is nothing of its own: an address is taken while a VM's NIC has it.
import { failed } from "./errors";
import type { NicRow } from "./vm";
import type { SubnetRow, World } from "./world";

interface Taken {
  addresses: Set<number>;
  /** The youngest lease's place in the pools. */
  last: number;
}

export class Leases {
  private readonly subnets = new Map<string, Taken>();

  constructor({ vms }: Pick<World, "vms">) {
    vms.watch((before, after) => {
      if (before?.nics === after?.nics) return;
      for (const nic of before?.nics ?? []) this.note(nic, "delete");
      for (const nic of after?.nics ?? []) this.note(nic, "add");
    });
  }

  /** How many addresses of a subnet are taken. */
  count(subnetExtId: string): number {
    return this.subnets.get(subnetExtId)?.addresses.size ?? 0;
  }

  /**
   * A free address of the subnet's pools, taken from now on. The search begins behind the youngest lease, so that an
   * address rests before it is given again. Throws when the pools are used up.
   */
  take(subnet: SubnetRow): string {
    const taken = this.of(subnet.extId);
    const size = subnet.pools.reduce((sum, pool) => sum + sizeOf(pool), 0);
    for (let step = 1; step <= size && taken.addresses.size < size; step += 1) {
      const place = (taken.last + step) % size;
      const address = addressAt(subnet.pools, place);
      if (taken.addresses.has(address)) continue;
      taken.addresses.add(address);
      taken.last = place;
      return textOf(address);
    }
    const pools = subnet.pools.map(({ start, end }) => `${start} to ${end}`).join(", ");
    throw failed(
      "LAB-507",
      "IP_POOL_EXHAUSTED",
      `The pool ${pools} of subnet ${subnet.name} has no free address.`,
    );
  }

  /** Gives an address back that no VM came to have. */
  release(subnetExtId: string, address: string): void {
    this.of(subnetExtId).addresses.delete(numberOf(address));
  }

  private note({ subnetExtId, ipAddress }: NicRow, change: "add" | "delete"): void {
    if (ipAddress !== undefined) this.of(subnetExtId).addresses[change](numberOf(ipAddress));
  }

  private of(subnetExtId: string): Taken {
    const known = this.subnets.get(subnetExtId) ?? { addresses: new Set(), last: -1 };
    this.subnets.set(subnetExtId, known);
    return known;
  }
}

type Pool = SubnetRow["pools"][number];

/** How many addresses a pool has. */
export function sizeOf({ start, end }: Pool): number {
  return Math.max(0, numberOf(end) - numberOf(start) + 1);
}

function addressAt(pools: Pool[], place: number): number {
  let left = place;
  for (const pool of pools) {
    if (left < sizeOf(pool)) return numberOf(pool.start) + left;
    left -= sizeOf(pool);
  }
  throw new Error(`The pools have no place ${place}.`);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
