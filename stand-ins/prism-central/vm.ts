// A virtual machine as this Prism Central keeps it.

export interface DiskRow {
  extId: string;
  busType: string;
  index: number;
  sizeBytes: number;
  containerExtId?: string;
  imageExtId?: string;
  /** A volume group's place on the bus, where it is attached; there is no disk of the VM's own then. */
  volumeGroupExtId?: string;
}

export interface CdRomRow {
  extId: string;
  busType: string;
  index: number;
  imageExtId?: string;
  /** "GUEST_CUSTOMIZATION" for a config drive, else "OTHER". */
  isoType: string;
}

export interface NicRow {
  extId: string;
  macAddress: string;
  subnetExtId: string;
  ipAddress?: string;
  /** When clients may see the address. */
  addressSince?: string;
  /** Whether Prism gave the address, or learned it alone. @default it gave it */
  isLearned?: boolean;
  prefixLength: number;
}

/** A GPU as a client asks for it. */
export interface GpuAsk {
  extId: string;
  name?: string;
  deviceId: number;
  vendor: string;
  mode: "PASSTHROUGH_COMPUTE" | "PASSTHROUGH_GRAPHICS" | "VIRTUAL";
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
  cdRoms?: CdRomRow[];
  nics: NicRow[];
  gpus?: GpuAsk[];
  /** The profiles that its GPUs were taken from, while it is ON. */
  gpuProfiles?: string[];
  /** Decoded from guestCustomization. */
  userData?: string;
  metaData?: string;
  /** SHA-256 of the boot disk's image, cloned when the VM was made. */
  bootSha256?: string;
  createTime: string;
  updateTime: string;
}

/** Kind of a VM as tasks name it. */
export const VM_REL = "vmm:ahv:config:vm";
