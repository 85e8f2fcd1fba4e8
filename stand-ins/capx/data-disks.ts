// A machine's data disks as disks and CD-ROMs of its VM: bus and index as CAPX counts them, image and storage container
// by their ids.

import type { DataDisk, Identifier } from "./objects";
import type { PrismClient } from "../shared/prism-client";
import { image, storageContainer } from "./prism-lookup";
import { imageSource, typed, vmm } from "./vm-types";
import { bytesOf } from "../shared/quantity";

export interface PlannedDisks {
  disks: object[];
  cdRoms: object[];
}

/** A data disk once its names are ids. */
export interface ResolvedDisk {
  spec: DataDisk;
  imageExtId?: string;
  containerExtId?: string;
}

/** Finds what the disks refer to in Prism Central. */
export async function resolveDisks(
  prism: PrismClient,
  specs: DataDisk[],
  clusterExtId: string,
): Promise<ResolvedDisk[]> {
  const resolved: ResolvedDisk[] = [];
  for (const spec of specs) {
    const container = spec.storageConfig?.storageContainer;
    resolved.push({
      spec,
      ...(spec.dataSource && { imageExtId: await image(prism, spec.dataSource) }),
      ...(container && { containerExtId: await storageContainer(prism, container, clusterExtId) }),
    });
  }
  return resolved;
}

/** The disks as the create call has them. Index 0 of SCSI and IDE is the system disk's. */
export function planDisks(resolved: ResolvedDisk[]): PlannedDisks {
  const planned: PlannedDisks = { disks: [], cdRoms: [] };
  const next = new Map<string, number>([
    ["SCSI", 1],
    ["IDE", 1],
  ]);
  for (const disk of resolved) {
    const properties = disk.spec.deviceProperties;
    const busType = properties?.adapterType ?? "SCSI";
    const free = next.get(busType) ?? 0;
    next.set(busType, free + 1);
    const index = properties?.deviceIndex || free;
    const isCdRom = properties?.deviceType === "CDRom";
    const [list, kind] = isCdRom
      ? ([planned.cdRoms, "CdRom"] as const)
      : ([planned.disks, "Disk"] as const);
    list.push(
      typed(`${vmm}.${kind}`, {
        ...(isCdRom ? {} : { $backingInfoItemDiscriminator: `${vmm}.VmDisk` }),
        backingInfo: backing(disk),
        diskAddress: typed(`${vmm}.${kind}Address`, { busType, index }),
      }),
    );
  }
  return planned;
}

function backing({ spec, imageExtId, containerExtId }: ResolvedDisk): object {
  return typed(`${vmm}.VmDisk`, {
    diskSizeBytes: bytesOf(spec.diskSize),
    ...(imageExtId && { dataSource: imageSource(imageExtId) }),
    ...(spec.storageConfig && {
      storageConfig: typed(`${vmm}.VmDiskStorageConfig`, {
        isFlashModeEnabled: spec.storageConfig.diskMode === "Flash",
      }),
    }),
    ...(containerExtId && {
      storageContainer: typed(`${vmm}.VmDiskContainerReference`, { extId: containerExtId }),
    }),
  });
}

const least = 2 ** 30;
const adapters = { Disk: ["SCSI", "PCI", "SPAPR", "SATA", "IDE"], CDRom: ["IDE", "PCI"] };

/** What is wrong with the data disks, one sentence each. */
export function diskMistakes(disks: DataDisk[]): string[] {
  const taken = new Set<string>();
  return disks.flatMap((disk) => [
    ...(bytesOf(disk.diskSize) < least
      ? [`minimum data disk size is 1024Mib but given ${mebibytes(disk.diskSize)}Mib`]
      : []),
    ...deviceMistakes(disk, taken),
    ...(disk.dataSource ? identifierMistakes(disk.dataSource, "data source") : []),
    ...storageMistakes(disk.storageConfig),
  ]);
}

function deviceMistakes({ deviceProperties }: DataDisk, taken: Set<string>): string[] {
  if (!deviceProperties) return [];
  const { deviceType, adapterType, deviceIndex = 0 } = deviceProperties;
  const place = `${adapterType} ${deviceIndex}`;
  const isTaken = deviceIndex !== 0 && taken.has(place);
  taken.add(place);
  return [
    ...(adapters[deviceType].includes(adapterType)
      ? []
      : [`invalid adapter type ${adapterType} for data disk`]),
    ...(isTaken ? [`index '${deviceIndex}' is already in use`] : []),
  ];
}

function storageMistakes(config: DataDisk["storageConfig"]): string[] {
  if (!config) return [];
  const { diskMode = "", storageContainer: container } = config;
  return [
    ...(["Standard", "Flash"].includes(diskMode)
      ? []
      : [`invalid disk mode ${diskMode} for data disk`]),
    ...(container ? identifierMistakes(container, "storage container") : []),
  ];
}

function identifierMistakes({ type, name, uuid }: Identifier, what: string): string[] {
  return (type === "uuid" ? uuid : name) ? [] : [`${what} of data disk: ${type} is required`];
}

export function mebibytes(quantity: string): number {
  return Math.floor(bytesOf(quantity) / 2 ** 20);
}
