// What a stack says about addresses, held against itself: ranges that meet, an endpoint that a pool would give away.

import { overlap, prefixOf, rangeOf, within } from "./address-range";
import { optional } from "./groups";
import type { WorkloadClusterConfig } from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";

type Network = Pick<WorkloadClusterConfig, "podCidr" | "serviceCidr" | "vip">;

/** What a stack knows of the machines' subnet. */
type Subnet = Pick<WorkloadClusterConfig, "subnetRange" | "subnetPools">;

export function subnet(section: Section): Subnet {
  return {
    ...optional("subnetRange", section.optionalText("subnetRange", rules.range)),
    subnetPools: section.texts("subnetPools", rules.pool),
  };
}

/** Every AHV host uses it towards its own controller. */
const RESERVED = "192.168.5.0/24";

/** Each node has a /24 of the pods' range. */
const NODE_PREFIX = 24;

/** Notes what cannot work. */
export function checkNetwork(section: Section, cluster: WorkloadClusterConfig): void {
  const { subnetRange: subnet = "", subnetPools: pools } = cluster;
  checkRanges(section, cluster, subnet);
  checkSizes(section, cluster);
  checkEndpoint(section, cluster);
  const { vip, kubeVip } = cluster;
  if (!rules.address.accepts(vip)) return;
  // A load balancer has its address where it is.
  if (kubeVip === "arp") checkVip(section, vip, subnet);
  checkPools(section, { vip, subnet, pools });
}

/** Addresses that nodes must reach lie outside of what the cluster keeps for itself. */
export function ownRange(address: string, cluster: Network): string | undefined {
  if (!rules.address.accepts(address)) return undefined;
  const { podCidr, serviceCidr } = cluster;
  return [podCidr, serviceCidr].find((range) => range !== "" && overlap(range, address));
}

/** Each pair of ranges once; a range that was no range is a mistake already. */
function checkRanges(section: Section, { podCidr, serviceCidr }: Network, subnet: string): void {
  const ranges = { podCidr, serviceCidr, subnetRange: subnet };
  const pairs = [
    ["podCidr", "serviceCidr"],
    ["podCidr", "subnetRange"],
    ["serviceCidr", "subnetRange"],
  ] as const;
  for (const [one, other] of pairs)
    if (ranges[one] !== "" && ranges[other] !== "" && overlap(ranges[one], ranges[other]))
      section.mistake(other, ranges[other], `a range apart from ${one} ${ranges[one]}`);
  if (subnet !== "" && overlap(subnet, RESERVED))
    section.mistake("subnetRange", subnet, `a range apart from ${RESERVED}, which AHV keeps`);
}

function checkSizes(section: Section, cluster: WorkloadClusterConfig): void {
  const { podCidr, serviceCidr, controlPlane, pools } = cluster;
  // A rollout has one machine more of each kind.
  const workers = pools.reduce((sum, { max }) => sum + max + 1, 0);
  const nodes = controlPlane.replicas + 1 + workers;
  const prefix = NODE_PREFIX - Math.ceil(Math.log2(nodes));
  if (podCidr !== "" && prefixOf(podCidr) > prefix)
    section.mistake("podCidr", podCidr, `at least a /${prefix}: a /24 for each of ${nodes} nodes`);
  if (serviceCidr !== "" && (prefixOf(serviceCidr) < 12 || prefixOf(serviceCidr) > 28))
    section.mistake("serviceCidr", serviceCidr, "a range from /12 to /28");
}

function checkEndpoint(section: Section, cluster: WorkloadClusterConfig): void {
  const { vip, endpoint } = cluster;
  const addresses = { "endpoint.host": endpoint.host, ...(section.has("vip") ? { vip } : {}) };
  for (const [key, address] of Object.entries(addresses)) {
    const range = ownRange(address, cluster);
    if (range !== undefined) section.mistake(key, address, `an address outside of ${range}`);
  }
}

/** kube-vip answers for the address in the machines' own subnet. */
function checkVip(section: Section, vip: string, subnet: string): void {
  if (subnet === "") return;
  const { first, last } = rangeOf(subnet);
  const at = rangeOf(vip).first;
  if (at <= first || at >= last)
    section.mistake(vipKey(section), vip, `an address of machines in subnetRange ${subnet}`);
}

function checkPools(
  section: Section,
  { vip, subnet, pools }: { vip: string; subnet: string; pools: string[] },
): void {
  for (const pool of pools) {
    const { first, last } = rangeOf(pool);
    if (first > last) section.mistake("subnetPools", pool, "first address - last address");
    else if (subnet !== "" && !within(pool, subnet))
      section.mistake("subnetPools", pool, `a pool within subnetRange ${subnet}`);
    if (overlap(pool, vip))
      section.mistake(
        vipKey(section),
        vip,
        `an address outside of pool ${pool}, which would give it to a machine`,
      );
  }
}

/** The key that the address of kube-vip comes from. */
function vipKey(section: Section): string {
  return section.has("vip") ? "vip" : "endpoint.host";
}
