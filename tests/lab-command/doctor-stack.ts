// A stack for the tests of the doctor, a Prism Central stand-in that has all that it asks for, and what comes of both.
import { parseConfig } from "../../config";
import type { LabConfig } from "../../config/lab-config";
import { checkInventory } from "../../lab/doctor/checks";
import type { Finding } from "../../lab/doctor/finding";
import { takeInventory } from "../../lab/doctor/inventory";
import { impatientClient } from "../../lab/prism/access";
import type { Credentials } from "../../providers/prism/credentials";
import type { Seed, SubnetSeed } from "../../stand-ins/prism-central/seed";
import type { PrismCentralUnderTest } from "../support/prism-central";
import { source, type Values } from "../config/stack";

export const vlan: SubnetSeed = {
  name: "vms",
  cluster: "pe-1",
  networkId: 1,
  network: "10.0.0.0",
  prefixLength: 24,
  gateway: "10.0.0.1",
  pool: { start: "10.0.0.50", end: "10.0.0.99" },
};

/** Two hosts of 64 GiB, new enough, and one subnet. */
export const seed: Partial<Seed> = {
  prismCentral: { name: "pc", version: "pc.7.5" },
  clusters: [
    {
      name: "pe-1",
      version: "7.5",
      hosts: [
        { name: "host-1", memoryGiB: 64, threads: 16 },
        { name: "host-2", memoryGiB: 64, threads: 16 },
      ],
      storageContainers: [{ name: "default", capacityGiB: 2000 }],
    },
    { name: "pe-2", version: "7.5", hosts: ["far"], storageContainers: [], isAvailable: false },
    { name: "old", version: "6.10", hosts: ["rusty"], storageContainers: [] },
  ],
  subnets: [vlan, { ...vlan, name: "elsewhere", cluster: "old", networkId: 2 }],
};

/** A stack that has nothing wrong with it there, but for what the test changes: groups, or keys of a group. */
export function stackOf(prism: PrismCentralUnderTest, changes: Values = {}): LabConfig {
  const { prismCentral = {}, workloadCluster = {}, ...others } = changes as Record<string, object>;
  const { port, trustBundle } = prism;
  return parseConfig(
    source({
      image: { name: "node" },
      ...others,
      prismCentral: { address: "127.0.0.1", port, trustBundle, ...prismCentral },
      workloadCluster: {
        endpoint: { host: "10.0.0.9" },
        prismElement: "pe-1",
        subnet: "vms",
        workers: { max: 3 },
        ...workloadCluster,
      },
    }),
  );
}

export const admin: Credentials = { username: "admin", password: "secret" };

/** What Prism Central's answers come to. */
export async function findings(config: LabConfig, as: Credentials = admin): Promise<Finding[]> {
  return checkInventory(config, await takeInventory(impatientClient(config, as), config));
}

/** `failure subnet: text | remedy`, of what is not ok. */
export const complaints = (all: Finding[]) =>
  all
    .filter(({ level }) => level !== "ok")
    .map(({ check, level, text, remedy }) => `${level} ${check}: ${text} | ${remedy ?? ""}`);
