// What Prism Elements have room for: memory and GPUs of the hosts, counted over the VMs that are ON, and what the
// storage containers may hold. Kept up with each change of a VM, never counted anew.
import { failed, noHostHasRoom } from "./errors";
import type { GpuAsk, VmRow } from "./vm";
import type { ContainerRow, GpuRow, HostRow, World } from "./world";

type Wanted = Pick<
  VmRow,
  "extId" | "clusterExtId" | "memorySizeBytes" | "numSockets" | "numCoresPerSocket" | "disks"
>;

export class Capacity {
  private readonly world: World;
  private readonly memory = new Map<string, number>();
  private readonly storage = new Map<string, number>();
  /** GPU profile -> VMs that hold one of it, once for each. */
  private readonly holders = new Map<string, string[]>();

  constructor(world: World) {
    this.world = world;
    world.vms.watch((before, after) => {
      if (before) this.count(before, -1);
      if (after) this.count(after, 1);
    });
  }

  /** Bytes of a host's memory that its VMs have. */
  memoryUsed(hostExtId: string): number {
    return this.memory.get(hostExtId) ?? 0;
  }

  /** Bytes of a storage container that disks have. */
  storageUsed(containerExtId: string): number {
    return this.storage.get(containerExtId) ?? 0;
  }

  holdersOf(gpu: Pick<GpuRow, "extId">): string[] {
    return this.holders.get(gpu.extId) ?? [];
  }

  freeOf(gpu: GpuRow): number {
    return gpu.count - this.holdersOf(gpu).length;
  }

  /** Throws when a VM can never be on this Prism Element, or has no room for its disks. */
  admit(vm: Wanted): void {
    const cluster = this.world.clusters.get(vm.clusterExtId);
    const hosts = this.hostsOf(vm.clusterExtId);
    const vcpus = vm.numSockets * vm.numCoresPerSocket;
    const fits = (host: HostRow) =>
      host.memorySizeBytes >= vm.memorySizeBytes && host.threads >= vcpus;
    if (!hosts.some(fits))
      throw failed(
        "VMM-34418",
        "VM_NO_HOST_FOUND",
        `No host of ${cluster?.name ?? ""} can hold a VM of ${vcpus} vCPUs and ${vm.memorySizeBytes} bytes of memory.`,
      );
    const count = this.world.vms.count("cluster/extId", vm.clusterExtId);
    if (cluster?.maxVms !== undefined && count >= cluster.maxVms)
      throw noHostHasRoom("VmCreate", vm.extId);
    for (const disk of vm.disks) this.admitDisk(vm, disk.containerExtId);
  }

  /** The host with the most memory free; throws when none has enough. */
  hostFor(vm: Wanted): HostRow {
    const free = (host: HostRow) => host.memorySizeBytes - this.memoryUsed(host.extId);
    const [best] = this.hostsOf(vm.clusterExtId).sort((a, b) => free(b) - free(a));
    if (!best || free(best) < vm.memorySizeBytes) throw noHostHasRoom("VmPowerOn", vm.extId);
    return best;
  }

  /** GPU profiles with one free for each that the VM asks for; throws when there are not enough. */
  gpusFor(vm: Pick<VmRow, "extId" | "clusterExtId" | "gpus">): string[] {
    const chosen: string[] = [];
    for (const wanted of vm.gpus ?? []) {
      const chosenOf = (gpu: GpuRow) => chosen.filter((extId) => extId === gpu.extId).length;
      const found = this.profilesOf(vm.clusterExtId, wanted).find(
        (gpu) => this.freeOf(gpu) - chosenOf(gpu) > 0,
      );
      if (!found) throw noHostHasRoom("VmPowerOn", vm.extId);
      chosen.push(found.extId);
    }
    return chosen;
  }

  /** The Prism Element's profiles of a GPU that was asked for. */
  profilesOf(clusterExtId: string, { mode, deviceId }: GpuAsk): GpuRow[] {
    const index = mode === "VIRTUAL" ? "virtual" : "physical";
    return this.world.gpus
      .find(index, clusterExtId)
      .filter((gpu) => gpu.type === mode && gpu.deviceId === deviceId);
  }

  private hostsOf(clusterExtId: string): HostRow[] {
    return this.world.hosts.find("cluster/uuid", clusterExtId);
  }

  private admitDisk(vm: Wanted, containerExtId: string | undefined): void {
    const container = this.world.containers.get(containerExtId ?? "");
    if (container?.capacityBytes === undefined) return;
    const wanted = vm.disks
      .filter((disk) => disk.containerExtId === containerExtId)
      .reduce((sum, disk) => sum + disk.sizeBytes, 0);
    if (this.storageUsed(container.extId) + wanted > container.capacityBytes)
      throw this.isFull(container);
  }

  private isFull({ name }: ContainerRow) {
    return failed(
      "LAB-507",
      "RESOURCE_SHORTAGE",
      `Storage container ${name} has no room for the VM's disks.`,
    );
  }

  private count(vm: VmRow, sign: 1 | -1): void {
    for (const { containerExtId, sizeBytes } of vm.disks)
      if (containerExtId !== undefined) add(this.storage, containerExtId, sign * sizeBytes);
    if (vm.powerState !== "ON") return;
    if (vm.hostExtId !== undefined) add(this.memory, vm.hostExtId, sign * vm.memorySizeBytes);
    for (const extId of vm.gpuProfiles ?? []) this.hold(extId, vm.extId, sign);
  }

  private hold(profile: string, vmExtId: string, sign: 1 | -1): void {
    const before = this.holders.get(profile) ?? [];
    const at = before.indexOf(vmExtId);
    const after = sign === 1 ? [...before, vmExtId] : before.filter((_, place) => place !== at);
    this.holders.set(profile, after);
  }
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
