// A VM as the v4 API shows it. guestCustomization is kept but not shown. CAPX reads a NIC's networkInfo, the cloud
// controller manager its nicNetworkInfo: both are filled.
import { typed } from "./envelope";
import type { Properties } from "./filter-match";
import type { CdRomRow, DiskRow, GpuAsk, NicRow, VmRow } from "./vm";

/** What a filter and an order of VMs may name. */
export const VM_PROPERTIES: Properties<VmRow> = {
  name: (row) => row.name,
  extId: (row) => row.extId,
  description: (row) => row.description,
  powerState: (row) => row.powerState,
  numSockets: (row) => row.numSockets,
  numCoresPerSocket: (row) => row.numCoresPerSocket,
  memorySizeBytes: (row) => row.memorySizeBytes,
  createTime: (row) => row.createTime,
  updateTime: (row) => row.updateTime,
  "cluster/extId": (row) => row.clusterExtId,
  "host/extId": (row) => row.hostExtId,
  "project/extId": (row) => row.projectExtId,
  categories: {
    itemsOf: (row) => row.categories.map((extId) => ({ extId })),
    properties: ["extId"],
  },
  customAttributes: { itemsOf: (row) => row.customAttributes, properties: [] },
};

/** `now` decides which addresses are known already. */
export function vmView(row: VmRow, now: Date): object {
  return typed("vmm.v4.ahv.config.Vm", {
    extId: row.extId,
    biosUuid: row.extId,
    generationUuid: row.generationUuid,
    name: row.name,
    description: row.description,
    powerState: row.powerState,
    machineType: "PC",
    numSockets: row.numSockets,
    numCoresPerSocket: row.numCoresPerSocket,
    numThreadsPerCore: 1,
    memorySizeBytes: row.memorySizeBytes,
    hardwareClockTimezone: row.hardwareClockTimezone,
    cluster: reference("ClusterReference", row.clusterExtId),
    host: row.hostExtId && reference("HostReference", row.hostExtId),
    project: row.projectExtId && reference("ProjectReference", row.projectExtId),
    customAttributes: row.customAttributes,
    categories: row.categories.map((extId) => reference("CategoryReference", extId)),
    bootConfig: row.bootConfig,
    disks: row.disks.map(diskView),
    cdRoms: row.cdRoms?.map(cdRomView),
    nics: row.nics.map((nic) => nicView(nic, now)),
    gpus: row.gpus?.map(gpuView),
    createTime: row.createTime,
    updateTime: row.updateTime,
  });
}

/** A disk, or the place of a volume group that is attached. */
export function diskView(disk: DiskRow): object {
  const { busType, index, volumeGroupExtId } = disk;
  return typed("vmm.v4.ahv.config.Disk", {
    extId: disk.extId,
    diskAddress: typed("vmm.v4.ahv.config.DiskAddress", { busType, index }),
    backingInfo:
      volumeGroupExtId === undefined
        ? vmDisk(disk)
        : typed("vmm.v4.ahv.config.ADSFVolumeGroupReference", { volumeGroupExtId }),
  });
}

function vmDisk(disk: Partial<DiskRow>): object {
  return typed("vmm.v4.ahv.config.VmDisk", {
    diskExtId: disk.extId,
    diskSizeBytes: disk.sizeBytes,
    storageContainer:
      disk.containerExtId && reference("VmDiskContainerReference", disk.containerExtId),
    dataSource:
      disk.imageExtId &&
      typed("vmm.v4.ahv.config.DataSource", {
        reference: typed("vmm.v4.ahv.config.ImageReference", { imageExtId: disk.imageExtId }),
      }),
  });
}

function cdRomView(cdRom: CdRomRow): object {
  const { extId, busType, index, imageExtId, isoType } = cdRom;
  return typed("vmm.v4.ahv.config.CdRom", {
    extId,
    diskAddress: typed("vmm.v4.ahv.config.CdRomAddress", { busType, index }),
    ...(imageExtId === undefined ? {} : { backingInfo: vmDisk({ extId, imageExtId }) }),
    isoType,
  });
}

/** A NIC; `now` decides whether its address is known already. */
export function nicView(nic: NicRow, now: Date): object {
  const backing = { macAddress: nic.macAddress, isConnected: true };
  const network = {
    nicType: "NORMAL_NIC",
    subnet: reference("SubnetReference", nic.subnetExtId),
    ...addresses(nic, now),
  };
  return typed("vmm.v4.ahv.config.Nic", {
    extId: nic.extId,
    backingInfo: typed("vmm.v4.ahv.config.EmulatedNic", backing),
    nicBackingInfo: typed("vmm.v4.ahv.config.VirtualEthernetNic", backing),
    networkInfo: typed("vmm.v4.ahv.config.NicNetworkInfo", network),
    nicNetworkInfo: typed("vmm.v4.ahv.config.VirtualEthernetNicNetworkInfo", network),
  });
}

// An ipv4Config without an address crashes the cloud controller manager: it is left out until there is one.
function addresses(nic: NicRow, now: Date): object {
  if (nic.ipAddress === undefined || (nic.addressSince ?? "") > now.toISOString()) return {};
  const address = typed("common.v1.config.IPv4Address", {
    value: nic.ipAddress,
    prefixLength: 32,
  });
  return {
    ...(nic.isLearned
      ? {}
      : {
          ipv4Config: typed("vmm.v4.ahv.config.Ipv4Config", {
            shouldAssignIp: true,
            ipAddress: address,
          }),
        }),
    ipv4Info: typed("vmm.v4.ahv.config.Ipv4Info", { learnedIpAddresses: [address] }),
  };
}

function gpuView({ extId, name, deviceId, vendor, mode }: GpuAsk): object {
  return typed("vmm.v4.ahv.config.Gpu", { extId, name, deviceId, vendor, mode });
}

function reference(type: string, extId: string): object {
  return typed(`vmm.v4.ahv.config.${type}`, { extId });
}
