// A subnet whose addresses Prism gives away, in the words of the configuration. Pure.

import type { Subnet } from "../prism/entities";

export interface Managed {
  name: string;
  /** Such as 10.0.0.0/24. */
  range: string;
  gateway: string;
  /** Such as 10.0.0.50-10.0.0.99. */
  pools: string[];
  /** Addresses that nobody has; undefined where Prism does not say. */
  free: number | undefined;
}

type Ipv4 = NonNullable<NonNullable<Subnet["ipConfig"]>[number]["ipv4"]>;

/** Undefined where Prism gives no addresses. */
export function managedOf({ name, ipConfig, ipUsage }: Subnet): Managed | undefined {
  const [ipv4] = (ipConfig ?? []).flatMap((each) => each.ipv4 ?? []);
  const range = ipv4 && rangeText(ipv4);
  if (range === undefined) return undefined;
  const { defaultGatewayIp: gateway, poolList = [] } = ipv4 ?? {};
  const pools = poolList.map(poolText);
  return { name, range, gateway: gateway?.value ?? "", pools, free: ipUsage?.numFreeIPs };
}

function rangeText({ ipSubnet }: Ipv4): string | undefined {
  const { ip, prefixLength } = ipSubnet ?? {};
  if (ip?.value === undefined || prefixLength === undefined) return undefined;
  return `${ip.value}/${prefixLength}`;
}

type Pool = NonNullable<Ipv4["poolList"]>[number];

const poolText = ({ startIp, endIp }: Pool) => `${startIp?.value ?? ""}-${endIp?.value ?? ""}`;
