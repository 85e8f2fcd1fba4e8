// Whether the hosts of a Prism Element can hold the machines: each of them, those at rest, and all at most. Pure.

import type { LabConfig } from "../../config/lab-config";
import { foundIn } from "../prism/answer";
import type { Host, Vm } from "../prism/entities";
import { type Finding, findingsOf } from "./finding";
import { cpusOf, gibibytes, groupsOf, type MachineGroup, memoryOf, sumOf } from "./groups";
import type { World } from "./inventory";
import { ownVms } from "./own-vms";
import { elementsNamed } from "./prism-element";

const { ok, warning, failure } = findingsOf("capacity");

export function checkCapacity(config: LabConfig, world: World): Finding[] {
  const groups = groupsOf(config);
  const elements = [...new Set(groups.map(({ element }) => element))];
  return elements.flatMap((name) => {
    const [element] = elementsNamed(foundIn(world.clusters) ?? [], name);
    const inventory = world.elements[element?.extId ?? ""];
    const here = groups.filter((group) => group.element === name);
    const hosts = foundIn(inventory?.hosts);
    return [
      ...(hosts && element ? checkHosts(here, hosts, ofElement(world, element.extId)) : []),
      ...checkGpus(here, foundIn(inventory?.gpus)),
    ];
  });
}

/** Bytes of memory that VMs of a Prism Element have now: others' and ours. */
interface Use {
  others: number;
}

function ofElement(world: World, extId: string): Use {
  const own = new Set(ownVms(world).map((vm) => vm.extId));
  const isOther = (vm: Vm) =>
    vm.cluster?.extId === extId && vm.powerState === "ON" && !own.has(vm.extId);
  const others = (foundIn(world.vms) ?? []).filter(isOther);
  return { others: others.reduce((sum, vm) => sum + (vm.memorySizeBytes ?? 0), 0) };
}

function checkHosts(groups: MachineGroup[], hosts: Host[], { others }: Use): Finding[] {
  const element = groups[0]?.element ?? "";
  const tooLarge = groups.filter((group) => !hosts.some((host) => fits(group, host)));
  if (tooLarge.length > 0)
    return tooLarge.map((group) =>
      failure(
        `no host of ${element} holds a machine of ${group.name}: ${cpusOf(group)} vCPUs, ${gibibytes(memoryOf(group))}`,
        "Make the machine smaller, or choose another Prism Element.",
      ),
    );
  if (hosts.some(({ memorySizeBytes }) => memorySizeBytes === undefined)) return [];
  const all = hosts.reduce((sum, host) => sum + (host.memorySizeBytes ?? 0), 0);
  return [checkMemory(groups, element, { all, free: all - others })];
}

/** A host that does not say how large it is holds everything. */
const fits = (group: MachineGroup, { memorySizeBytes, numberOfCpuThreads }: Host) =>
  memoryOf(group) <= (memorySizeBytes ?? Infinity) &&
  cpusOf(group) <= (numberOfCpuThreads ?? Infinity);

function checkMemory(
  groups: MachineGroup[],
  element: string,
  { all, free }: { all: number; free: number },
): Finding {
  const [least, most] = (["least", "most"] as const).map((bound) => sumOf(groups, bound, memoryOf));
  const remedy = "Let workers have a smaller max or memory, or make room on the Prism Element.";
  const asks = `machines ask for ${gibibytes(least ?? 0)} at rest, ${gibibytes(most ?? 0)} at most`;
  const has = `${element} has ${gibibytes(all)}, of which other VMs leave ${gibibytes(Math.max(0, free))}`;
  const text = `${asks}; ${has}`;
  if ((most ?? 0) > all || (least ?? 0) > free) return failure(text, remedy);
  return (most ?? 0) > free ? warning(text, remedy) : ok(text);
}

/** CAPX gives a machine up whose GPU it does not find. */
function checkGpus(groups: MachineGroup[], known: (string | number)[] | undefined): Finding[] {
  if (!known) return [];
  return groups.flatMap((group) =>
    group.gpus
      .map((gpu) => ("name" in gpu ? gpu.name : gpu.deviceId))
      .filter((gpu) => !known.includes(gpu))
      .map((gpu) =>
        failure(
          `${group.element} has no GPU ${gpu}, which pool ${group.name} asks for`,
          `Ask for one of ${known.join(", ") || "another Prism Element's: this one has none"}.`,
        ),
      ),
  );
}
