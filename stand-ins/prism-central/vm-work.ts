// What the tasks of VMs do. Each may be done again after a restart, and each takes the VM as it is then.
import type { Behaviour } from "./behaviour";
import type { Capacity } from "./capacity";
import { failed } from "./errors";
import type { Guests } from "./guests";
import type { Leases } from "./leases";
import type { NicRow, VmRow } from "./vm";
import { createVm } from "./vm-create";
import type { VmChanges, VmRequest } from "./vm-request";
import type { World } from "./world";

/** What a kVmUpdate is to do. */
export interface VmUpdate {
  extId: string;
  changes?: VmChanges;
  /** Custom attributes. */
  add?: string[];
  remove?: string[];
  /** Categories. */
  associate?: string[];
  disassociate?: string[];
}

export interface VmWork {
  world: World;
  guests: Guests;
  leases: Leases;
  capacity: Capacity;
  behaviour: Behaviour;
}

/** Tells the task engine how VMs are made, changed and ended. */
export function registerVmWork(work: VmWork): void {
  const { world, guests } = work;
  const { tasks } = world;
  tasks.register("kVmCreate", (request: VmRequest) => createVm(work, request));
  tasks.register("kVmPowerOn", (extId: string) => powerOn(work, extId));
  tasks.register("kVmPowerOff", (extId: string) => powerOff(work, extId));
  tasks.register("kVmPowerCycle", async (extId: string) => {
    await powerOff(work, extId);
    powerOn(work, extId);
  });
  tasks.register("kVmReset", async (extId: string) => {
    await guests.powerOff(extId);
    guests.powerOn(present(world, extId));
  });
  tasks.register("kVmUpdate", (input: VmUpdate) => update(world, input));
  tasks.register("kVmDelete", async (extId: string) => {
    await guests.remove(extId);
    world.vms.delete(extId);
    detachVolumeGroups(world, extId);
  });
}

function powerOn(work: VmWork, extId: string): void {
  const { world, guests, capacity } = work;
  const vm = present(world, extId);
  if (vm.powerState === "ON") {
    guests.powerOn(vm);
    return;
  }
  const host = capacity.hostFor(vm);
  const gpuProfiles = capacity.gpusFor(vm);
  const nics = leased(work, vm);
  guests.powerOn(
    change(world, extId, {
      nics,
      powerState: "ON",
      hostExtId: host.extId,
      ...(gpuProfiles.length === 0 ? {} : { gpuProfiles }),
    }),
  );
}

async function powerOff({ world, guests }: VmWork, extId: string): Promise<void> {
  await guests.powerOff(extId);
  change(world, extId, { powerState: "OFF", hostExtId: undefined, gpuProfiles: undefined });
}

// Either every NIC gets an address, or none does.
function leased(work: VmWork, vm: VmRow): NicRow[] {
  const { world, leases, behaviour } = work;
  const taken: NicRow[] = [];
  const since = new Date(world.now().getTime() + behaviour.addressDelay).toISOString();
  const addressSince = behaviour.addressDelay > 0 ? { addressSince: since } : {};
  try {
    return vm.nics.map((nic) => {
      if (nic.ipAddress !== undefined) return { ...nic, ...addressSince };
      const subnet = world.subnets.get(nic.subnetExtId);
      if (!subnet) throw new Error(`Subnet ${nic.subnetExtId} is not there any more.`);
      const learned = subnet.isManaged ? {} : { isLearned: true };
      const row = { ...nic, ipAddress: leases.take(subnet), ...learned, ...addressSince };
      taken.push(row);
      return row;
    });
  } catch (error) {
    for (const nic of taken) leases.release(nic.subnetExtId, nic.ipAddress ?? "");
    throw error;
  }
}

function update(world: World, input: VmUpdate): void {
  const vm = present(world, input.extId);
  const { changes, add = [], remove = [], associate = [], disassociate = [] } = input;
  const wanted = { ...vm, ...changes };
  requireCategories(world, [...associate, ...(changes?.categories ?? [])]);
  if (vm.powerState === "ON" && SIZES.some((name) => wanted[name] !== vm[name]))
    throw failed("LAB-409", "VM_IS_ON", `VM ${vm.name} is ON: power it off to change its size.`);
  change(world, input.extId, {
    ...changes,
    customAttributes: changed(vm.customAttributes, add, remove),
    categories: changed(wanted.categories, associate, disassociate),
  });
}

function requireCategories(world: World, extIds: string[]): void {
  for (const extId of extIds)
    if (!world.categories.get(extId)) throw new Error(`The category ${extId} does not exist.`);
}

const SIZES = ["memorySizeBytes", "numSockets", "numCoresPerSocket"] as const;

function changed(list: string[], added: string[], removed: string[]): string[] {
  return [...new Set([...list, ...added])].filter((item) => !removed.includes(item));
}

function detachVolumeGroups({ volumeGroups }: World, vmExtId: string): void {
  for (const group of volumeGroups.find("attachments/extId", vmExtId)) {
    const attachments = group.attachments.filter((item) => item.vmExtId !== vmExtId);
    volumeGroups.put(group.extId, { ...group, attachments, version: group.version + 1 });
  }
}

function present(world: World, extId: string): VmRow {
  const vm = world.vms.get(extId);
  if (!vm) throw new Error(`VM ${extId} is not there any more.`);
  return vm;
}

function change(world: World, extId: string, changes: Partial<VmRow>): VmRow {
  const updateTime = world.now().toISOString();
  return world.vms.put(extId, { ...present(world, extId), ...changes, updateTime });
}
