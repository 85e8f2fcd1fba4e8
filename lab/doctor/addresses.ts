// The addresses of a subnet, as Prism gives them away, held against what the stack says and needs. Pure.

import { overlap, rangeOf } from "../../config/address-range";
import type { LabConfig } from "../../config/lab-config";
import type { Subnet } from "../prism/entities";
import { type Finding, findingsOf } from "./finding";
import { groupsOf, sumOf } from "./groups";
import type { World } from "./inventory";
import { type Managed, managedOf } from "./managed-subnet";
import { ownVms } from "./own-vms";
import { theSubnet, type Wanted, wantedSubnets } from "./subnet";
import { checkVip } from "./vip";

const { ok, warning, failure } = findingsOf("addresses");

export function checkAddresses(config: LabConfig, world: World): Finding[] {
  return wantedSubnets(config).flatMap((wanted) => {
    const subnet = theSubnet(world, wanted);
    return subnet ? checkSubnet(config, world, wanted, subnet) : [];
  });
}

function checkSubnet(config: LabConfig, world: World, wanted: Wanted, subnet: Subnet): Finding[] {
  const managed = managedOf(subnet);
  if (!managed)
    return [
      warning(
        `Prism gives no addresses in ${subnet.name}`,
        "A DHCP server must, and must not give away the address of the control plane. Or let Prism manage the subnet's addresses.",
      ),
    ];
  const findings = [
    ...checkRanges(config, managed),
    ...checkVip(config, world, wanted, managed),
    ...checkRoom(config, world, wanted, managed),
  ];
  const { name, range, pools, free } = managed;
  if (findings.length > 0) return findings;
  return [
    ok(`${name} has ${range}, pool ${pools.join(", ")}, ${free ?? "an unknown number"} free`),
  ];
}

/** Pods and Services hide what lies in their ranges from the machines. */
function checkRanges({ workloadCluster }: LabConfig, { name, range }: Managed): Finding[] {
  return (["podCidr", "serviceCidr"] as const)
    .filter((key) => overlap(workloadCluster[key], range))
    .map((key) =>
      failure(
        `${key} ${workloadCluster[key]} overlaps with ${name}, ${range}`,
        `Set workloadCluster.${key} to a range apart from the subnet's.`,
      ),
    );
}

function checkRoom(
  config: LabConfig,
  world: World,
  wanted: Wanted,
  { name, pools, free }: Managed,
): Finding[] {
  const groups = groupsOf(config).filter(
    ({ element, subnets }) => element === wanted.element && subnets.includes(wanted.name),
  );
  const most = sumOf(groups, "most", () => 1);
  const size = pools.reduce((sum, pool) => sum + rangeOf(pool).last - rangeOf(pool).first + 1, 0);
  const remedy = `Give the subnet a larger pool, or let workers have a smaller max.`;
  if (size < most)
    return [failure(`the pool of ${name} has ${size} addresses for ${most} machines`, remedy)];
  const missing = most - ownVms(world).length;
  if (free === undefined || free >= missing) return [];
  const least = sumOf(groups, "least", () => 1) - ownVms(world).length;
  const text = `the pool of ${name} has ${free} free addresses, and ${missing} more machines may come`;
  return [free < least ? failure(text, remedy) : warning(text, remedy)];
}
