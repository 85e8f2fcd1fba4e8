// Machines of the workload cluster that are alike, how many there may be, and where they go. Pure.

import type { GpuConfig, LabConfig, MachineConfig } from "../../config/lab-config";
import { mebibytes } from "../../config/rules";

export interface MachineGroup {
  /** "control plane", or the pool's name. */
  name: string;
  /** Machines at rest. */
  least: number;
  /** Machines at most: a rollout has one more. */
  most: number;
  machine: MachineConfig;
  gpus: GpuConfig[];
  /** Prism Element and subnets, by name or UUID as the stack has them. */
  element: string;
  subnets: string[];
}

/** Every group; a control plane over several failure domains is one group for each. */
export function groupsOf({ workloadCluster: cluster }: LabConfig): MachineGroup[] {
  const { controlPlane, failureDomains, pools, prismElement, subnet } = cluster;
  const place = (domain: string | undefined) => {
    const found = failureDomains.find(({ name }) => name === domain);
    const { prismElement: element, subnets } = found ?? { prismElement, subnets: [subnet] };
    return { element, subnets };
  };
  const domains =
    controlPlane.failureDomains.length > 0 ? controlPlane.failureDomains : [undefined];
  const each = Math.ceil(controlPlane.replicas / domains.length);
  return [
    ...domains.map((domain) => ({
      ...{ name: "control plane", least: each, most: each + 1 },
      ...{ machine: controlPlane.machine, gpus: [], ...place(domain) },
    })),
    ...pools.map(({ name, min, max, machine, gpus, failureDomain }) => ({
      ...{ name, least: min, most: max + 1, machine, gpus, ...place(failureDomain) },
    })),
  ];
}

/** Every Prism Element that a stack names; the first is where its image goes. */
export function elementsOf(config: LabConfig): string[] {
  const { prismElement } = config.workloadCluster;
  return [...new Set([prismElement, ...groupsOf(config).map(({ element }) => element)])];
}

const MEBI = 2 ** 20;

export const memoryOf = ({ machine }: MachineGroup) => mebibytes(machine.memory) * MEBI;
export const diskOf = ({ machine }: MachineGroup) => mebibytes(machine.disk) * MEBI;
export const cpusOf = ({ machine }: MachineGroup) => machine.sockets * machine.coresPerSocket;

/** A sum over groups: all machines at rest, or at most. */
export function sumOf(
  groups: MachineGroup[],
  bound: "least" | "most",
  amount: (group: MachineGroup) => number,
): number {
  return groups.reduce((sum, group) => sum + group[bound] * amount(group), 0);
}

/** Bytes as people read them. */
export const gibibytes = (bytes: number) => `${Math.round(bytes / 2 ** 30)} GiB`;
