// The address that kube-vip is to hold, held against the subnet that it answers in. Pure.

import { overlap, rangeOf, within } from "../../config/address-range";
import type { LabConfig } from "../../config/lab-config";
import { isLoopback } from "../prism-central";
import { foundIn } from "../prism/answer";
import { addressesOf } from "../prism/entities";
import { type Finding, findingsOf } from "./finding";
import type { World } from "./inventory";
import type { Managed } from "./managed-subnet";
import { ownVms } from "./own-vms";
import type { Wanted } from "./subnet";

const { failure } = findingsOf("addresses");

export function checkVip(
  config: LabConfig,
  world: World,
  wanted: Wanted,
  subnet: Managed,
): Finding[] {
  if (!isAnsweredFor(config, wanted)) return [];
  const { vip, endpoint } = config.workloadCluster;
  const wrong = mistakeIn(vip, subnet) ?? heldBy(vip, world);
  if (wrong === undefined) return [];
  const key = vip === endpoint.host ? "endpoint.host" : "vip";
  const outside = subnet.pools.join(", ") || "its pools";
  const remedy = `Set workloadCluster.${key} to a free address of ${subnet.range} outside of ${outside}.`;
  return [failure(`${vip} ${wrong}`, remedy)];
}

/** By kube-vip, from a control-plane machine in that subnet. An address of this machine is in no subnet of Nutanix. */
function isAnsweredFor({ workloadCluster }: LabConfig, { element, name }: Wanted): boolean {
  const { vip, kubeVip, failureDomains, controlPlane, prismElement, subnet } = workloadCluster;
  if (kubeVip !== "arp" || isLoopback(vip)) return false;
  const homes = failureDomains.filter((domain) =>
    controlPlane.failureDomains.includes(domain.name),
  );
  if (homes.length === 0) return element === prismElement && name === subnet;
  return homes.some((home) => home.prismElement === element && home.subnets[0] === name);
}

function mistakeIn(vip: string, { name, range, gateway, pools }: Managed): string | undefined {
  if (!within(vip, range)) return `is outside of ${name}, ${range}`;
  const { first, last } = rangeOf(range);
  if ([first, last, rangeOf(gateway).first].includes(rangeOf(vip).first))
    return `is an address that ${name} keeps for itself`;
  const pool = pools.find((each) => overlap(each, vip));
  return pool && `is in the pool ${pool} of ${name}, which would give it away`;
}

/** kube-vip puts the address on a machine of its own cluster. */
function heldBy(vip: string, world: World): string | undefined {
  const own = ownVms(world);
  const holder = (foundIn(world.vms) ?? []).find(
    (vm) => !own.includes(vm) && addressesOf(vm).includes(vip),
  );
  return holder && `is an address of the VM ${holder.name}`;
}
