// The world that is there before anybody asks: API keys, organizations, cloud accounts, clusters. From a YAML file or
// the default below.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { FaultRule } from "../prism-central/fault-rules";
import { readFaultRules } from "../prism-central/fault-rules";
import type { Latency } from "../prism-central/tasks";
import { type Behaviour, readBehaviour } from "./behaviour";
import { badRequest } from "./refusal";

export interface ApiKeySeed {
  name: string;
  id: string;
  key: string;
}

export interface Seed {
  keys: ApiKeySeed[];
  organizations: { id: string; name: string }[];
  cloudAccounts: CloudAccountSeed[];
  clusters: ClusterSeed[];
  latency: Latency;
  behaviour: Partial<Behaviour>;
  faults: FaultRule[];
}

export interface CloudAccountSeed {
  id: string;
  name: string;
  organization: string;
  provider: "amazon" | "azure" | "gcp";
}

export interface ClusterSeed {
  id: string;
  name: string;
  organization: string;
  cloudAccount: string;
  region: string;
  hostType: string;
  hosts: number;
  /** @default "running" */
  status?: string;
}

const ORGANIZATION = "6ddad15e-9607-42fd-809e-729f6ac1e633";

export const DEFAULT_SEED: Seed = {
  keys: [],
  organizations: [{ id: ORGANIZATION, name: "lab" }],
  cloudAccounts: [
    { id: "bGFiLWF3cw==", name: "lab-aws", organization: ORGANIZATION, provider: "amazon" },
    { id: "bGFiLWF6dXJl", name: "lab-azure", organization: ORGANIZATION, provider: "azure" },
    { id: "bGFiLWdjcA==", name: "lab-gcp", organization: ORGANIZATION, provider: "gcp" },
  ],
  clusters: [],
  latency: {},
  behaviour: {},
  faults: [],
};

const FIELDS: Record<"keys" | "organizations" | "cloudAccounts" | "clusters", string[]> = {
  keys: ["name", "id", "key"],
  organizations: ["id", "name"],
  cloudAccounts: ["id", "name", "organization", "provider"],
  clusters: ["id", "name", "organization", "cloudAccount", "region", "hostType", "hosts"],
};

/** The default seed, with a file's top-level keys in the place of its own and the environment's API key added. */
export function readSeed(file: string | undefined, environment: NodeJS.ProcessEnv): Seed {
  const given: unknown = file === undefined ? {} : parse(readFileSync(file, "utf8"));
  const seed = checked(file ?? "", given);
  const { NC2_CONSOLE_KEY_ID: id, NC2_CONSOLE_API_KEY: key } = environment;
  const keys = id && key ? [...seed.keys, { name: "environment", id, key }] : seed.keys;
  if (keys.length > 0) return { ...seed, keys };
  throw new Error(
    "The console would let nobody in: there is no API key. Set NC2_CONSOLE_KEY_ID and NC2_CONSOLE_API_KEY, or give a seed file with keys.",
  );
}

/** Rules that this stand-in can follow: it has neither sessions, ETags nor lagging lists. */
export function readRules(value: unknown): FaultRule[] {
  const rules = readFaultRules(value);
  for (const [at, rule] of rules.entries())
    for (const name of ["endSessions", "staleEtag", "lag"] as const)
      if (rule[name] !== undefined)
        throw badRequest(`Fault rule ${at + 1}: ${name} means nothing here.`);
  return rules;
}

function checked(file: string, given: unknown): Seed {
  try {
    const parts = (given ?? {}) as Partial<Seed>;
    const unknown = Object.keys(parts).find((name) => !(name in DEFAULT_SEED));
    if (unknown !== undefined)
      throw new Error(`${unknown} is unknown; known are ${Object.keys(DEFAULT_SEED).join(", ")}.`);
    for (const [list, names] of Object.entries(FIELDS))
      checkRows(list, parts[list as keyof typeof FIELDS] ?? [], names);
    const seed = { ...DEFAULT_SEED, ...parts };
    return { ...seed, faults: readRules(seed.faults), behaviour: readBehaviour(seed.behaviour) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`Reading the seed ${file} failed: ${message}`, { cause: error });
  }
}

function checkRows(list: string, rows: unknown, names: string[]): void {
  if (!Array.isArray(rows)) throw new Error(`${list} must be a list.`);
  for (const [at, row] of rows.entries()) {
    const missing = names.find(
      (name) => (row as Record<string, unknown> | null)?.[name] === undefined,
    );
    if (missing !== undefined) throw new Error(`${list}[${at}].${missing} is missing.`);
  }
}
