// The hypervisor's edge: powers guests on and off for VMs. A VM is ON as soon as its guest was told to boot, as
// on AHV: a guest that finds nothing to boot says so on its console and leaves the VM ON.
import { existsSync } from "node:fs";
import { link, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ImageStore } from "./image-store";
import type { VmRow } from "./vm";
import type { World } from "./world";

export class Guests {
  private readonly world: World;
  private readonly images: ImageStore;
  private readonly booting = new Map<string, Promise<void>>();
  private readonly failures = new Map<string, string>();

  constructor(world: World, images: ImageStore) {
    this.world = world;
    this.images = images;
  }

  /** Why a guest did not boot, when it did not. */
  failureOf(extId: string): string | undefined {
    return this.failures.get(extId);
  }

  /** Clones the boot image, so that deleting the image leaves the VM its disk. Guests only read it. */
  async cloneBootDisk(vm: VmRow): Promise<void> {
    const imageExtId = vm.disks[0]?.imageExtId;
    if (imageExtId === undefined || existsSync(this.diskOf(vm.extId))) return;
    await mkdir(join(this.world.dataDir, "disks"), { recursive: true });
    await link(this.images.fileOf(imageExtId), this.diskOf(vm.extId));
  }

  powerOn(vm: VmRow): void {
    if (this.world.hypervisor.state(vm.extId) === "running") return;
    this.failures.delete(vm.extId);
    const boot = this.boot(vm).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.failures.set(vm.extId, reason);
      process.stderr.write(`prism-central: VM ${vm.name} does not boot: ${reason}\n`);
    });
    this.booting.set(vm.extId, boot);
    void boot.then(() => this.booting.delete(vm.extId));
  }

  async powerOff(extId: string): Promise<void> {
    await this.world.hypervisor.powerOff(extId);
    await this.settled(extId, () => this.world.hypervisor.powerOff(extId));
  }

  async remove(extId: string): Promise<void> {
    await this.world.hypervisor.remove(extId);
    await this.settled(extId, () => this.world.hypervisor.remove(extId));
    await rm(this.diskOf(extId), { force: true });
    this.failures.delete(extId);
  }

  /** After a restart: guests that still run are kept; VMs that were ON boot again from their disks, as AHV's do. */
  adopt(): void {
    for (const vm of this.world.vms.all()) if (vm.powerState === "ON") this.powerOn(vm);
  }

  // A boot that was under way when the guest was ended may have begun it anew behind our back.
  private async settled(extId: string, again: () => Promise<void>): Promise<void> {
    const boot = this.booting.get(extId);
    if (!boot) return;
    await boot;
    await again();
  }

  private async boot(vm: VmRow): Promise<void> {
    await this.world.hypervisor.powerOn({
      extId: vm.extId,
      name: vm.name,
      vcpus: vm.numSockets * vm.numCoresPerSocket,
      memoryBytes: vm.memorySizeBytes,
      nics: vm.nics.flatMap(({ macAddress, ipAddress, prefixLength }) =>
        ipAddress === undefined ? [] : [{ macAddress, ipAddress, prefixLength }],
      ),
      ...(vm.bootSha256 && { disk: { path: this.diskOf(vm.extId), sha256: vm.bootSha256 } }),
      ...(vm.userData !== undefined && { userData: vm.userData }),
      ...(vm.metaData !== undefined && { metaData: vm.metaData }),
    });
  }

  private diskOf(extId: string): string {
    return join(this.world.dataDir, "disks", extId);
  }
}
