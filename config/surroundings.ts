// What the machines of a workload cluster are told of the network around them, and of which kind their subnet is.

import { optional } from "./groups";
import type { WorkloadClusterConfig } from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";

/** IPv6 needs 1280; jumbo frames end at 9000 with AHV. */
const MTU = { min: 1280, max: 9000 };

export function surroundings(section: Section): WorkloadClusterConfig["surroundings"] {
  const value = {
    dns: section.texts("dns", rules.address),
    ntp: section.texts("ntp", rules.host),
    ...optional("mtu", section.has("mtu") ? section.count("mtu", 1500, MTU) : undefined),
    ...optional("proxy", section.has("proxy") ? proxy(section.section("proxy")) : undefined),
    mirrors: {},
  };
  // systemd-resolved asks no more, and neither does anybody else.
  if (value.dns.length > 3) section.mistake("dns", `${value.dns.length} name servers`, "at most 3");
  return value;
}

function proxy(section: Section) {
  const value = {
    ...optional("http", section.optionalText("http", rules.proxy)),
    ...optional("https", section.optionalText("https", rules.proxy)),
    noProxy: section.texts("noProxy"),
  };
  if (value.http === undefined && value.https === undefined)
    section.mistake("http", "nothing", "the proxy's address, here or as https");
  section.close();
  return value;
}

/** What kinds of subnets let an address move between machines. */
const KINDS = ["vlan", "overlay", "aws"] as const;

/** Notes what cannot work in a subnet of its kind. Reads subnetKind, which only serves this. */
export function checkKind(section: Section, { kubeVip }: WorkloadClusterConfig): void {
  const kind = section.choice("subnetKind", KINDS, "vlan");
  if (kind === "aws" && kubeVip === "arp")
    section.mistake(
      "kubeVip",
      "arp in a subnet of AWS, which knows the addresses of its machines and no others",
      "none, and a load balancer (NLB) as endpoint",
    );
}
