// Whether each subnet that machines go to is there once, on their Prism Element, as CAPX looks it up. Pure.

import type { LabConfig } from "../../config/lab-config";
import { foundIn } from "../prism/answer";
import type { Subnet } from "../prism/entities";
import { type Finding, findingsOf } from "./finding";
import { groupsOf } from "./groups";
import type { World } from "./inventory";
import { elementsNamed } from "./prism-element";

const { ok, failure } = findingsOf("subnet");

/** A subnet by its name, and the Prism Element that machines reach it from. */
export interface Wanted {
  name: string;
  element: string;
}

/** Each subnet of the stack once for each Prism Element that has machines on it. */
export function wantedSubnets(config: LabConfig): Wanted[] {
  const all = groupsOf(config).flatMap(({ element, subnets }) =>
    subnets.map((name) => ({ name, element })),
  );
  return all.filter(
    (each, at) => all.findIndex((o) => o.name === each.name && o.element === each.element) === at,
  );
}

/** The one subnet that CAPX takes for a name on a Prism Element. */
export function theSubnet(world: World, wanted: Wanted): Subnet | undefined {
  const fitting = fittingSubnets(world, wanted);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Overlays, and VLANs of that Prism Element. */
function fittingSubnets(world: World, { name, element }: Wanted): Subnet[] {
  const [cluster] = elementsNamed(foundIn(world.clusters) ?? [], element);
  const all = foundIn(world.subnets[name]) ?? [];
  return all.filter(
    ({ subnetType, clusterReference, clusterReferenceList = [] }) =>
      subnetType === "OVERLAY" ||
      [clusterReference, ...clusterReferenceList].includes(cluster?.extId ?? ""),
  );
}

export function checkSubnets(config: LabConfig, world: World): Finding[] {
  const clusters = foundIn(world.clusters);
  if (!clusters) return [];
  return wantedSubnets(config)
    .filter(({ name, element }) => {
      const isKnown = elementsNamed(clusters, element).length === 1;
      return isKnown && foundIn(world.subnets[name]) !== undefined;
    })
    .map((wanted) => checkSubnet(wanted, world));
}

function checkSubnet(wanted: Wanted, world: World): Finding {
  const { name, element } = wanted;
  const named = foundIn(world.subnets[name]) ?? [];
  const fitting = fittingSubnets(world, wanted);
  const [subnet] = fitting;
  if (!subnet) return missing(wanted, named.length);
  if (fitting.length > 1)
    return failure(
      `${name} is the name of ${fitting.length} subnets of ${element} (${fitting.map(({ extId }) => extId).join(", ")})`,
      "Rename all but one of them: CAPX takes a name that only one has.",
    );
  if (subnet.isExternal)
    return failure(
      `${name} is an external subnet, which no machine can be on`,
      "Set workloadCluster.subnet to an overlay subnet of the VPC behind it.",
    );
  return ok(`${name} (${subnet.extId}), ${subnet.subnetType ?? "of no type"}, for ${element}`);
}

function missing({ name, element }: Wanted, elsewhere: number): Finding {
  if (elsewhere === 0)
    return failure(
      `${name} is the name of no subnet`,
      "Set workloadCluster.subnet to a subnet's name as Prism Central has it, capitals included.",
    );
  return failure(
    `${name} is a subnet of other Prism Elements, not of ${element}`,
    `Choose a subnet of ${element}, or another workloadCluster.prismElement.`,
  );
}
