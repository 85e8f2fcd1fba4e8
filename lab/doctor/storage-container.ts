// Where volumes and disks go: the storage container that the stack names, and how much its Prism Element can hold. Pure.

import type { LabConfig } from "../../config/lab-config";
import { foundIn } from "../prism/answer";
import { type Finding, findingsOf } from "./finding";
import { diskOf, gibibytes, groupsOf, sumOf } from "./groups";
import type { World } from "./inventory";
import { elementsNamed } from "./prism-element";

const { ok, warning, failure } = findingsOf("storage container");

/** Nutanix's CSI driver makes volumes in it; disks of machines go where their image is. */
export function checkStorage(config: LabConfig, world: World): Finding[] {
  const { csi, prismElement } = config.workloadCluster;
  const [element] = elementsNamed(foundIn(world.clusters) ?? [], prismElement);
  const all = foundIn(world.containers);
  if (!element || !all) return [];
  const here = all.filter(({ clusterExtId }) => clusterExtId === element.extId);
  const named = csi === "nutanix" ? [checkNamed(config, here)] : [];
  return [...named, ...checkSize(config, here)];
}

type Containers = NonNullable<
  ReturnType<typeof foundIn<{ name: string; maxCapacityBytes?: number }[]>>
>;

function checkNamed({ workloadCluster }: LabConfig, here: Containers): Finding {
  const { storageContainer, prismElement } = workloadCluster;
  if (here.some(({ name }) => name === storageContainer))
    return ok(`${storageContainer} of ${prismElement}, for volumes`);
  const known = here.map(({ name }) => name).join(", ") || "those that you make there first";
  return failure(
    `${storageContainer} is no storage container of ${prismElement}`,
    `Set workloadCluster.storageContainer to one of ${known}.`,
  );
}

/** Disks are thin: what they may grow to is a warning. */
function checkSize(config: LabConfig, here: Containers): Finding[] {
  const { prismElement } = config.workloadCluster;
  const groups = groupsOf(config).filter(({ element }) => element === prismElement);
  const wanted = sumOf(groups, "most", diskOf);
  const sizes = here.map(({ maxCapacityBytes }) => maxCapacityBytes);
  if (here.length === 0 || sizes.includes(undefined)) return [];
  const largest = Math.max(...sizes.map((size) => size ?? 0));
  if (wanted <= largest) return [];
  return [
    warning(
      `disks of ${gibibytes(wanted)} may come to be on ${prismElement}, whose largest storage container has ${gibibytes(largest)}`,
      "Let workers have a smaller max or disk, or enlarge the storage container.",
    ),
  ];
}
