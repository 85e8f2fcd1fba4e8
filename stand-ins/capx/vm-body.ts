// The body of the VM create call, as CAPX v1.10 sends it: no $objectType at the top, one on each nested object.

import type { GuestCustomization } from "./bootstrap-data";
import type { NutanixMachineSpec } from "./objects";
import { bytesOf } from "../shared/quantity";

const reserved = { $fv: "v4.r2" };

/** What a VM is made of, once all names are resolved to ids. */
export interface VmPlan {
  name: string;
  spec: NutanixMachineSpec;
  clusterExtId: string;
  subnetExtIds: string[];
  imageExtId: string;
  categoryExtIds: string[];
  projectExtId?: string;
  guest: GuestCustomization;
}

/** A nested object of the v4 API. */
function typed(objectType: string, fields: object): object {
  return { $objectType: objectType, $reserved: reserved, ...fields };
}

const vmm = "vmm.v4.ahv.config";

function systemDisk(plan: VmPlan): object {
  const reference = typed(`${vmm}.ImageReference`, { imageExtId: plan.imageExtId });
  return typed(`${vmm}.Disk`, {
    $backingInfoItemDiscriminator: `${vmm}.VmDisk`,
    backingInfo: typed(`${vmm}.VmDisk`, {
      diskSizeBytes: bytesOf(plan.spec.systemDiskSize),
      dataSource: typed(`${vmm}.DataSource`, {
        $referenceItemDiscriminator: `${vmm}.ImageReference`,
        reference,
      }),
    }),
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
    disks: [systemDisk(plan)],
    nics: plan.subnetExtIds.map(nic),
    guestCustomization: cloudInit(plan.guest),
    ...boot(plan.spec.bootType),
  };
}
