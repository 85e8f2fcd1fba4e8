// The small world that is there before anybody makes anything: users, clusters and their hosts, subnets with
// pools, storage containers, projects. From a YAML file or the default below; ids follow from names, so they stay.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { labAddresses, type SubnetAddresses } from "../shared/addresses";
import type { Behaviour } from "./behaviour";
import { readBehaviour } from "./behaviour";
import type { FaultRule } from "./fault-rules";
import { readFaultRules } from "./fault-rules";
import { checkSeed } from "./seed-check";
import type { Latency } from "./tasks";

export interface Seed {
  users: { name: string; password: string }[];
  apiKeys: { name: string; key: string }[];
  prismCentral: { name: string; version: string };
  /** Prism Element clusters. */
  clusters: ClusterSeed[];
  subnets: SubnetSeed[];
  projects: { name: string }[];
  categories: { key: string; value: string; description?: string }[];
  volumeGroups: { name: string; cluster: string; sizeGiB?: number }[];
  latency: Latency;
  behaviour: Partial<Behaviour>;
  faults: FaultRule[];
}

export interface ClusterSeed {
  name: string;
  version: string;
  /** A name alone has 2048 GiB of memory and 128 threads. */
  hosts: (string | { name: string; memoryGiB?: number; threads?: number })[];
  /** A name alone has no limit. */
  storageContainers: (string | { name: string; capacityGiB?: number })[];
  gpus?: GpuSeed[];
  /** How many VMs it takes. @default any number */
  maxVms?: number;
  /** Whether it can be used; CAPX asks before it places a machine. @default true */
  isAvailable?: boolean;
}

export interface GpuSeed {
  name: string;
  deviceId: number;
  /** @default "kNvidia" */
  vendor?: "kNvidia" | "kAmd" | "kIntel";
  type: "PASSTHROUGH_COMPUTE" | "PASSTHROUGH_GRAPHICS" | "VIRTUAL";
  /** Devices, or shares of them. @default 1 */
  count?: number;
  frameBufferGiB?: number;
}

export interface SubnetSeed {
  name: string;
  /** Of an OVERLAY subnet none. */
  cluster?: string;
  /** @default "VLAN" */
  type?: "VLAN" | "OVERLAY";
  networkId: number;
  network: string;
  prefixLength: number;
  gateway: string;
  /** What its addresses are taken from; several are used one after the other. */
  pool: AddressPool | AddressPool[];
  /** Whether Prism gives the addresses; of others it only learns them. @default true */
  isManaged?: boolean;
}

export interface AddressPool {
  start: string;
  end: string;
}

/** A machine's lab with one cluster, two subnets and one project; the slot decides the subnets' addresses. */
export function defaultSeed(slot: number): Seed {
  const { vmSubnet, largeVmSubnet } = labAddresses(slot);
  return {
    users: [],
    apiKeys: [],
    prismCentral: { name: "lab-pc", version: "pc.7.5" },
    clusters: [
      {
        name: "lab-pe",
        version: "7.5",
        hosts: ["lab-pe-host-1", "lab-pe-host-2", "lab-pe-host-3"],
        storageContainers: ["default-container"],
      },
    ],
    subnets: [subnetSeed("lab-vms", 0, vmSubnet), subnetSeed("lab-vms-large", 1, largeVmSubnet)],
    projects: [{ name: "default" }],
    categories: [],
    volumeGroups: [],
    latency: {},
    behaviour: {},
    faults: [],
  };
}

function subnetSeed(name: string, networkId: number, addresses: SubnetAddresses): SubnetSeed {
  const { network, prefixLength, gateway, poolStart, poolEnd } = addresses;
  const pool = { start: poolStart, end: poolEnd };
  return { name, cluster: "lab-pe", networkId, network, prefixLength, gateway, pool };
}

/** The default seed, with a file's top-level keys in the place of its own and the environment's user added. */
export function readSeed(file: string | undefined, environment: NodeJS.ProcessEnv): Seed {
  const given: unknown = file === undefined ? {} : parse(readFileSync(file, "utf8"));
  const seed = checked(file ?? "", given, Number(environment["LAB_SLOT"] ?? 0));
  const name = environment["PRISM_CENTRAL_USERNAME"];
  const password = environment["PRISM_CENTRAL_PASSWORD"];
  const users = name && password ? [...seed.users, { name, password }] : seed.users;
  if (users.length === 0 && seed.apiKeys.length === 0)
    throw new Error(
      "Prism Central would let nobody in: there is no user. Set PRISM_CENTRAL_USERNAME and PRISM_CENTRAL_PASSWORD, or give a seed file with users.",
    );
  return { ...seed, users };
}

function checked(file: string, given: unknown, slot: number): Seed {
  try {
    const seed = { ...defaultSeed(slot), ...checkSeed(given) };
    return {
      ...seed,
      faults: readFaultRules(seed.faults),
      behaviour: readBehaviour(seed.behaviour),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`Reading the seed ${file} failed: ${message}`, { cause: error });
  }
}
