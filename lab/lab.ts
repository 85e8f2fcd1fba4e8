// One lab on this machine: its slot, its folders, its name. Everything else is derived from it.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { type LabAddresses, labAddresses } from "../stand-ins/shared/addresses";

export interface Lab {
  /** 0 to 15: its ports and address ranges on this machine. */
  slot: number;
  /** Name that every process of the lab carries as LAB_ID. */
  id: string;
  /** The checkout with Pulumi.yaml. */
  repository: string;
  /** Everything the lab writes, except the cache. */
  directory: string;
  /** Built tools, module caches, manifests: shared by all labs of a user. */
  cache: string;
  addresses: LabAddresses;
  /** The user's catalogue, if there is one: which programs container images stand for. */
  catalogue?: string;
}

/** The lab that the environment names (LAB_SLOT, LAB_DIR, LAB_CACHE, XDG_CACHE_HOME). */
export function currentLab(environment: NodeJS.ProcessEnv = process.env): Lab {
  const repository = path.resolve(__dirname, "..");
  const slot = Number(environment["LAB_SLOT"] ?? "0");
  const addresses = labAddresses(slot);
  const home = path.join(repository, ".lab");
  const directory = path.resolve(
    environment["LAB_DIR"] ?? (slot === 0 ? home : path.join(home, "slots", String(slot))),
  );
  const caches = environment["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache");
  const cache = path.resolve(
    environment["LAB_CACHE"] ?? path.join(caches, "nutanix-serverless-lab"),
  );
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, 8);
  const catalogue = environment["LAB_CATALOGUE"] ?? path.join(repository, "catalogue.yaml");
  return {
    slot,
    id: `lab-${slot}-${hash}`,
    repository,
    directory,
    cache,
    addresses,
    ...(environment["LAB_CATALOGUE"] || existsSync(catalogue) ? { catalogue } : {}),
  };
}
