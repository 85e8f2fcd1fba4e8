// What the tasks of VMs do. Each may be done again after a restart, and each takes the VM as it is then.
import type { Guests } from "./guests";
import { freeAddress } from "./subnets";
import type { NicRow, VmRow } from "./vm";
import type { VmRequest } from "./vm-request";
import type { World } from "./world";

/** Tells the task engine how VMs are made, changed and ended. */
export function registerVmWork(world: World, guests: Guests): void {
  const { tasks } = world;
  tasks.register("kVmCreate", (request: VmRequest) => create(world, guests, request));
  tasks.register("kVmPowerOn", (extId: string) => powerOn(world, guests, extId));
  tasks.register("kVmPowerOff", (extId: string) => powerOff(world, guests, extId));
  tasks.register("kVmReset", async (extId: string) => {
    await guests.powerOff(extId);
    guests.powerOn(present(world, extId));
  });
  tasks.register("kVmUpdate", (input: { extId: string; customAttributes: string[] }) => {
    const vm = present(world, input.extId);
    const customAttributes = [...new Set([...vm.customAttributes, ...input.customAttributes])];
    change(world, input.extId, { customAttributes });
  });
  tasks.register("kVmDelete", async (extId: string) => {
    await guests.remove(extId);
    world.vms.delete(extId);
  });
}

async function create(world: World, guests: Guests, request: VmRequest): Promise<void> {
  refuseUnknown("cluster", request.clusterExtId, world.clusters);
  if (world.clusters.get(request.clusterExtId)?.kind !== "AOS")
    throw new Error(`Cluster ${request.clusterExtId} is no Prism Element: it runs no VMs.`);
  for (const extId of request.categories) refuseUnknown("category", extId, world.categories);
  for (const disk of request.disks)
    if (disk.containerExtId)
      refuseUnknown("storage container", disk.containerExtId, world.containers);
  const nics = request.nics.map((nic) => {
    refuseUnknown("subnet", nic.subnetExtId, world.subnets);
    return { ...nic, prefixLength: world.subnets.get(nic.subnetExtId)?.prefixLength ?? 32 };
  });
  const images = request.disks.map((disk) => imageContent(world, disk.imageExtId));
  const bootSha256 = images[0]?.sha256;
  const time = world.now().toISOString();
  const disks = request.disks.map((disk, at) => ({
    ...disk,
    sizeBytes: Math.max(disk.sizeBytes, images[at]?.sizeBytes ?? 0),
  }));
  const vm: VmRow = {
    ...request,
    disks,
    nics,
    createTime: time,
    updateTime: time,
    ...(bootSha256 === undefined ? {} : { bootSha256 }),
  };
  await guests.cloneBootDisk(vm);
  world.vms.put(vm.extId, vm);
}

function powerOn(world: World, guests: Guests, extId: string): void {
  const vm = present(world, extId);
  const nics = vm.nics.map((nic) => ({ ...nic, ipAddress: nic.ipAddress ?? lease(world, nic) }));
  const hosts = world.hosts.all().filter((host) => host.clusterExtId === vm.clusterExtId);
  const host = hosts[world.vms.size % Math.max(hosts.length, 1)];
  guests.powerOn(
    change(world, extId, {
      nics,
      powerState: "ON",
      ...(host ? { hostExtId: host.extId } : {}),
    }),
  );
}

async function powerOff(world: World, guests: Guests, extId: string): Promise<void> {
  await guests.powerOff(extId);
  change(world, extId, { powerState: "OFF", hostExtId: undefined });
}

function lease(world: World, nic: NicRow): string {
  const subnet = world.subnets.get(nic.subnetExtId);
  if (!subnet) throw new Error(`Subnet ${nic.subnetExtId} is not there any more.`);
  return freeAddress(world, subnet);
}

function imageContent(world: World, imageExtId: string | undefined) {
  if (imageExtId === undefined) return undefined;
  const image = world.images.get(imageExtId);
  if (!image) throw new Error(`Image ${imageExtId} does not exist.`);
  if (!image.content) throw new Error(`Image ${image.name} (${imageExtId}) has no content.`);
  return image.content;
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

function refuseUnknown(kind: string, extId: string, table: { get: (id: string) => unknown }): void {
  if (table.get(extId) === undefined) throw new Error(`The ${kind} ${extId} does not exist.`);
}
