// A virtual machine as this Prism Central keeps it, and as the v4 API shows it. guestCustomization is kept but
// not shown. CAPX reads a NIC's networkInfo, the cloud controller manager its nicNetworkInfo: both are filled.
import { typed } from "./envelope";

export interface DiskRow {
  extId: string;
  busType: string;
  index: number;
  sizeBytes: number;
  containerExtId?: string;
  imageExtId?: string;
}

export interface NicRow {
  extId: string;
  macAddress: string;
  subnetExtId: string;
  ipAddress?: string;
  prefixLength: number;
}

export interface VmRow {
  extId: string;
  version: number;
  generationUuid: string;
  name: string;
  description?: string;
  powerState: "ON" | "OFF";
  numSockets: number;
  numCoresPerSocket: number;
  memorySizeBytes: number;
  hardwareClockTimezone: string;
  clusterExtId: string;
  hostExtId?: string;
  projectExtId?: string;
  categories: string[];
  customAttributes: string[];
  /** Shown as it was given. */
  bootConfig?: object;
  disks: DiskRow[];
  nics: NicRow[];
  /** Decoded from guestCustomization. */
  userData?: string;
  metaData?: string;
  /** SHA-256 of the boot disk's image, cloned when the VM was made. */
  bootSha256?: string;
  createTime: string;
  updateTime: string;
}

export const VM_REL = "vmm:ahv:config:vm";

/** Properties of vmView that a filter may name. */
export const VM_FILTERABLE = ["name", "extId", "powerState", "cluster/extId", "categories/extId"];

export function vmView(row: VmRow): object {
  return typed("vmm.v4.ahv.config.Vm", {
    extId: row.extId,
    biosUuid: row.extId,
    generationUuid: row.generationUuid,
    name: row.name,
    description: row.description,
    powerState: row.powerState,
    numSockets: row.numSockets,
    numCoresPerSocket: row.numCoresPerSocket,
    memorySizeBytes: row.memorySizeBytes,
    hardwareClockTimezone: row.hardwareClockTimezone,
    cluster: reference("ClusterReference", row.clusterExtId),
    host: row.hostExtId && reference("HostReference", row.hostExtId),
    project: row.projectExtId && reference("ProjectReference", row.projectExtId),
    customAttributes: row.customAttributes,
    categories: row.categories.map((extId) => reference("CategoryReference", extId)),
    bootConfig: row.bootConfig,
    disks: row.disks.map(diskView),
    nics: row.nics.map(nicView),
    createTime: row.createTime,
    updateTime: row.updateTime,
  });
}

function diskView(disk: DiskRow): object {
  return typed("vmm.v4.ahv.config.Disk", {
    extId: disk.extId,
    diskAddress: typed("vmm.v4.ahv.config.DiskAddress", {
      busType: disk.busType,
      index: disk.index,
    }),
    backingInfo: typed("vmm.v4.ahv.config.VmDisk", {
      diskSizeBytes: disk.sizeBytes,
      storageContainer:
        disk.containerExtId && reference("VmDiskContainerReference", disk.containerExtId),
      dataSource:
        disk.imageExtId &&
        typed("vmm.v4.ahv.config.DataSource", {
          reference: typed("vmm.v4.ahv.config.ImageReference", { imageExtId: disk.imageExtId }),
        }),
    }),
  });
}

function nicView(nic: NicRow): object {
  const backing = { macAddress: nic.macAddress, isConnected: true };
  const network = {
    nicType: "NORMAL_NIC",
    subnet: reference("SubnetReference", nic.subnetExtId),
    ...addresses(nic),
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
function addresses(nic: NicRow): object {
  if (nic.ipAddress === undefined) return {};
  const address = typed("common.v1.config.IPv4Address", {
    value: nic.ipAddress,
    prefixLength: 32,
  });
  return {
    ipv4Config: typed("vmm.v4.ahv.config.Ipv4Config", {
      shouldAssignIp: true,
      ipAddress: address,
    }),
    ipv4Info: typed("vmm.v4.ahv.config.Ipv4Info", { learnedIpAddresses: [address] }),
  };
}

function reference(type: string, extId: string): object {
  return typed(`vmm.v4.ahv.config.${type}`, { extId });
}
