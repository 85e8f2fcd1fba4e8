// The file behind --cloud-config: where Prism Central is and how zones are found, as the CCM's ConfigMap
// `nutanix-config` holds it.

import { BlockList, isIP } from "node:net";
import type { PrismReference } from "../shared/prism-endpoint";

/** Where zone and region of a node come from. */
export type Topology =
  { type: "Prism" } | { type: "Categories"; zoneCategory: string; regionCategory: string };

export interface CloudConfig {
  prismCentral: PrismReference;
  topology: Topology;
  /** Whether nodes get labels of their Prism Element and host. */
  customLabels: boolean;
  /** Addresses that are never a node's own, such as the control plane's virtual one. */
  isIgnored: (address: string) => boolean;
}

interface ConfigFile {
  prismCentral?: PrismReference;
  topologyDiscovery?: {
    type?: string;
    topologyCategories?: { zoneCategory?: string; regionCategory?: string };
  };
  enableCustomLabeling?: boolean;
  ignoredNodeIPs?: string[];
}

/** Reads the file's JSON. Throws a sentence that names what is wrong. */
export function readConfig(text: string): CloudConfig {
  const file = parsed(text);
  if (!file.prismCentral?.address) throw failure("prismCentral.address is missing");
  return {
    prismCentral: file.prismCentral,
    topology: topologyOf(file.topologyDiscovery),
    customLabels: file.enableCustomLabeling ?? false,
    isIgnored: ignored(file.ignoredNodeIPs ?? []),
  };
}

function parsed(text: string): ConfigFile {
  try {
    return JSON.parse(text) as ConfigFile;
  } catch (error) {
    throw failure(error instanceof Error ? error.message : String(error));
  }
}

function topologyOf({ type, topologyCategories }: ConfigFile["topologyDiscovery"] = {}): Topology {
  if (type === undefined || type === "" || type === "Prism") return { type: "Prism" };
  if (type !== "Categories") throw failure(`topologyDiscovery.type "${type}" is not supported`);
  if (!topologyCategories)
    throw failure("topologyDiscovery.topologyCategories is missing for type Categories");
  const { zoneCategory = "", regionCategory = "" } = topologyCategories;
  return { type, zoneCategory, regionCategory };
}

/** Entries are addresses, ranges (A-B) and prefixes (A/N). */
function ignored(entries: string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) addTo(list, entry);
  return (address) => list.check(address, familyOf(address));
}

function addTo(list: BlockList, entry: string): void {
  const [first = "", last] = entry.split("-");
  const [network = "", length] = entry.split("/");
  try {
    if (last !== undefined) list.addRange(first, last, familyOf(first));
    else if (length !== undefined) list.addSubnet(network, Number(length), familyOf(network));
    else list.addAddress(entry, familyOf(entry));
  } catch (error) {
    throw failure(`ignoredNodeIPs has "${entry}": ${(error as Error).message}`);
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

function failure(reason: string): Error {
  return new Error(`Reading the cloud configuration failed: ${reason}. Correct the file.`);
}
