// Where things are: addresses of the API objects (198.18.0.0/15, the benchmark range of RFC 2544, never
// dialled) and their twins on loopback, which are. See docs/architecture.md, "Addresses".

/** Network, gateway and pool of a subnet. */
export interface SubnetAddresses {
  cidr: string;
  network: string;
  prefixLength: number;
  gateway: string;
  poolStart: string;
  poolEnd: string;
}

/** Addresses and ports of one lab on this machine, from its slot (0 to 15). */
export interface LabAddresses {
  /** Port of Prism Central on 127.0.0.1. */
  prismCentralPort: number;
  /** Where machines are: 201 addresses. */
  vmSubnet: SubnetAddresses;
  /** The same for many machines: 2045 addresses. */
  largeVmSubnet: SubnetAddresses;
  /** Control-plane endpoint of the workload cluster: already a loopback address, since clients dial it. */
  controlPlaneEndpoint: { host: string; port: number };
  /** The management cluster's node and the range of its pods. */
  managementNode: string;
  managementPodCidr: string;
  /** Pod range of the workload cluster. */
  workloadPodCidr: string;
}

/** The addresses of a lab. Throws when the slot is not a whole number from 0 to 15. */
export function labAddresses(slot: number): LabAddresses {
  if (!Number.isInteger(slot) || slot < 0 || slot > 15)
    throw new Error(`LAB_SLOT must be a whole number from 0 to 15, not ${slot}.`);
  const n = 16 * slot;
  return {
    prismCentralPort: 9440 + slot,
    vmSubnet: {
      cidr: `198.18.${n}.0/24`,
      network: `198.18.${n}.0`,
      prefixLength: 24,
      gateway: `198.18.${n}.1`,
      poolStart: `198.18.${n}.50`,
      poolEnd: `198.18.${n}.250`,
    },
    largeVmSubnet: {
      cidr: `198.18.${n + 8}.0/21`,
      network: `198.18.${n + 8}.0`,
      prefixLength: 21,
      gateway: `198.18.${n + 8}.1`,
      poolStart: `198.18.${n + 8}.2`,
      poolEnd: `198.18.${n + 15}.254`,
    },
    controlPlaneEndpoint: { host: `127.18.${n}.10`, port: 6443 },
    managementNode: `198.18.${n + 1}.1`,
    managementPodCidr: `198.18.${n + 2}.0/24`,
    workloadPodCidr: `198.19.${n}.0/20`,
  };
}

/** The loopback address behind an address of 198.18.0.0/15; loopback addresses are their own twins. */
export function twin(address: string): string {
  if (address.startsWith("127.")) return address;
  const match = /^198\.(18|19)\.(\d+)\.(\d+)$/.exec(address);
  if (!match) throw new Error(`${address} has no twin: it is not in 198.18.0.0/15.`);
  return `127.${match[1] ?? ""}.${match[2] ?? ""}.${match[3] ?? ""}`;
}
