// The small world that is there before anybody makes anything: users, clusters and their hosts, subnets with
// pools, storage containers, projects. From a YAML file or the default below; ids follow from names, so they stay.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { labAddresses } from "../shared/addresses";
import type { FaultRule } from "./fault-rules";
import { readFaultRules } from "./fault-rules";
import type { Latency } from "./tasks";

export interface Seed {
  users: { name: string; password: string }[];
  apiKeys: { name: string; key: string }[];
  prismCentral: { name: string; version: string };
  /** Prism Element clusters. */
  clusters: { name: string; version: string; hosts: string[]; storageContainers: string[] }[];
  subnets: SubnetSeed[];
  projects: { name: string }[];
  latency: Latency;
  faults: FaultRule[];
}

export interface SubnetSeed {
  name: string;
  cluster: string;
  networkId: number;
  network: string;
  prefixLength: number;
  gateway: string;
  pool: { start: string; end: string };
}

/** A machine's lab with one cluster, one subnet and one project; the slot decides the subnet's addresses. */
export function defaultSeed(slot: number): Seed {
  const { vmSubnet } = labAddresses(slot);
  return {
    users: [],
    apiKeys: [],
    prismCentral: { name: "lab-pc", version: "pc.7.3" },
    clusters: [
      {
        name: "lab-pe",
        version: "7.3",
        hosts: ["lab-pe-host-1", "lab-pe-host-2", "lab-pe-host-3"],
        storageContainers: ["default-container"],
      },
    ],
    subnets: [
      {
        name: "lab-vms",
        cluster: "lab-pe",
        networkId: 0,
        network: vmSubnet.network,
        prefixLength: vmSubnet.prefixLength,
        gateway: vmSubnet.gateway,
        pool: { start: vmSubnet.poolStart, end: vmSubnet.poolEnd },
      },
    ],
    projects: [{ name: "default" }],
    latency: {},
    faults: [],
  };
}

/** The default seed, with a file's top-level keys in the place of its own and the environment's user added. */
export function readSeed(file: string | undefined, environment: NodeJS.ProcessEnv): Seed {
  const given =
    file === undefined ? {} : (parse(readFileSync(file, "utf8")) as Partial<Seed> | null);
  const seed = { ...defaultSeed(Number(environment["LAB_SLOT"] ?? 0)), ...given };
  const unknown = Object.keys(seed).find((key) => !(key in defaultSeed(0)));
  if (unknown !== undefined)
    throw new Error(`Reading the seed ${file ?? ""} failed: it has an unknown key "${unknown}".`);
  const faults = readFaultRules(seed.faults);
  const name = environment["PRISM_CENTRAL_USERNAME"];
  const password = environment["PRISM_CENTRAL_PASSWORD"];
  const users = name && password ? [...seed.users, { name, password }] : seed.users;
  if (users.length === 0 && seed.apiKeys.length === 0)
    throw new Error(
      "Prism Central would let nobody in: there is no user. Set PRISM_CENTRAL_USERNAME and PRISM_CENTRAL_PASSWORD, or give a seed file with users.",
    );
  return { ...seed, faults, users };
}

/** A UUID that is the same for the same words. */
export function uuidFor(...words: string[]): string {
  const hex = createHash("sha256").update(words.join("\n")).digest("hex");
  const variant = "89ab"[parseInt(hex.slice(16, 17), 16) % 4] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
