// The body of the VM create call, as CAPX v1.10 sends it: no $objectType at the top, one on each nested object.

import type { GuestCustomization } from "./bootstrap-data";
import type { NutanixMachineSpec } from "./objects";
import type { PlannedDisks } from "./data-disks";
import { imageSource, typed, vmm } from "./vm-types";
import { bytesOf } from "../shared/quantity";

/** What a VM is made of, once all names are resolved to ids. */
export interface VmPlan {
  name: string;
  spec: NutanixMachineSpec;
  clusterExtId: string;
  subnetExtIds: string[];
  imageExtId: string;
  categoryExtIds: string[];
  projectExtId?: string;
  /** In the config drive; or, in its place, the image of a CD-ROM that brings the bootstrap data. */
  guest?: GuestCustomization;
  bootstrapImageExtId?: string;
  dataDisks?: PlannedDisks;
  gpus?: object[];
}

function systemDisk(plan: VmPlan): object {
  return typed(`${vmm}.Disk`, {
    $backingInfoItemDiscriminator: `${vmm}.VmDisk`,
    backingInfo: typed(`${vmm}.VmDisk`, {
      diskSizeBytes: bytesOf(plan.spec.systemDiskSize),
      dataSource: imageSource(plan.imageExtId),
    }),
  });
}

/** IDE 0, as CAPX has it, without a size: it is as large as its image. */
function bootstrapCdRom(imageExtId: string): object {
  return typed(`${vmm}.CdRom`, {
    backingInfo: typed(`${vmm}.VmDisk`, { dataSource: imageSource(imageExtId) }),
    diskAddress: typed(`${vmm}.CdRomAddress`, { busType: "IDE", index: 0 }),
  });
}

function nic(subnetExtId: string): object {
  return typed(`${vmm}.Nic`, {
    networkInfo: typed(`${vmm}.NicNetworkInfo`, {
      subnet: typed(`${vmm}.SubnetReference`, { extId: subnetExtId }),
    }),
  });
}

function cloudInit(guest: GuestCustomization): object {
  return typed(`${vmm}.GuestCustomizationParams`, {
    $configItemDiscriminator: `${vmm}.CloudInit`,
    config: typed(`${vmm}.CloudInit`, {
      datasourceType: "CONFIG_DRIVE_V2",
      metadata: guest.metaData,
      $cloudInitScriptItemDiscriminator: `${vmm}.Userdata`,
      cloudInitScript: typed(`${vmm}.Userdata`, { value: guest.userData }),
    }),
  });
}

function boot(bootType: "legacy" | "uefi" | undefined): object {
  const kind = bootType === "uefi" ? `${vmm}.UefiBoot` : `${vmm}.LegacyBoot`;
  return {
    $bootConfigItemDiscriminator: kind,
    bootConfig: typed(kind, { bootOrder: ["CDROM", "DISK", "NETWORK"] }),
  };
}

/** The create call's body. */
export function vmBody(plan: VmPlan): object {
  const { disks, cdRoms } = plan.dataDisks ?? { disks: [], cdRoms: [] };
  const bootstrap = plan.bootstrapImageExtId ? [bootstrapCdRom(plan.bootstrapImageExtId)] : [];
  const allCdRoms = [...bootstrap, ...cdRoms];
  return {
    name: plan.name,
    numSockets: plan.spec.vcpuSockets,
    numCoresPerSocket: plan.spec.vcpusPerSocket,
    memorySizeBytes: bytesOf(plan.spec.memorySize),
    hardwareClockTimezone: "UTC",
    cluster: typed(`${vmm}.ClusterReference`, { extId: plan.clusterExtId }),
    categories: plan.categoryExtIds.map((extId) => typed(`${vmm}.CategoryReference`, { extId })),
    ...(plan.projectExtId && {
      project: typed(`${vmm}.ProjectReference`, { extId: plan.projectExtId }),
    }),
    ...(plan.gpus?.length && { gpus: plan.gpus }),
    disks: [systemDisk(plan), ...disks],
    ...(allCdRoms.length > 0 && { cdRoms: allCdRoms }),
    nics: plan.subnetExtIds.map(nic),
    ...(plan.guest && { guestCustomization: cloudInit(plan.guest) }),
    ...boot(plan.spec.bootType),
  };
}
