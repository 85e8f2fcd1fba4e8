// What the Prism Central stand-in asks of the machine under its virtual machines.

/** A virtual machine as it is powered on. */
export interface GuestSpec {
  /** The VM's extId; also its SMBIOS UUID, so the node's systemUUID. */
  extId: string;
  name: string;
  vcpus: number;
  memoryBytes: number;
  /** The boot disk's image in the image store, and its SHA-256 (hex). Absent: nothing to boot from. */
  disk?: { path: string; sha256: string };
  /** Config drive (CONFIG_DRIVE_V2), decoded. */
  userData?: string;
  metaData?: string;
  nics: { macAddress: string; ipAddress: string; prefixLength: number }[];
}

export type GuestState = "running" | "stopped" | "crashed";

export interface Hypervisor {
  /** Boots the guest. A guest that cannot boot says why on its console and is "crashed"; this rejects with the same sentence. */
  powerOn(spec: GuestSpec): Promise<void>;
  /** Ends every process of the guest, at once. No error when it is off or unknown. */
  powerOff(extId: string): Promise<void>;
  /** powerOff, and all of its files with it. */
  remove(extId: string): Promise<void>;
  state(extId: string): GuestState;
  /** The serial console's log, a file that exists from the first powerOn. */
  consoleFile(extId: string): string;
}
