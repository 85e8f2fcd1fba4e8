// The disks, CD-ROMs, NICs and GPUs that a client asks for when it makes a VM.
import { randomBytes, randomUUID } from "node:crypto";
import { invalid, notSimulated } from "./errors";
import { fieldsOf, itemsOf, textOf } from "./route";
import type { CdRomRow, DiskRow, GpuAsk, NicRow } from "./vm";
import { count, extIdIn, required } from "./vm-fields";

type Fields = Record<string, unknown>;

const GPU_MODES: readonly unknown[] = ["PASSTHROUGH_COMPUTE", "PASSTHROUGH_GRAPHICS", "VIRTUAL"];

export function disks(value: unknown): DiskRow[] {
  return placed(value, "SCSI").map(({ place, fields }) => {
    const info = fieldsOf(fields["backingInfo"]);
    const containerExtId = extIdIn(info["storageContainer"]);
    const imageExtId = imageIn(info);
    return {
      extId: randomUUID(),
      ...place,
      sizeBytes: count(info["diskSizeBytes"], "disks[].backingInfo.diskSizeBytes", { fallback: 0 }),
      ...(containerExtId === undefined ? {} : { containerExtId }),
      ...(imageExtId === undefined ? {} : { imageExtId }),
    };
  });
}

export function cdRoms(value: unknown): CdRomRow[] {
  return placed(value, "IDE").map(({ place, fields }) => {
    const imageExtId = imageIn(fieldsOf(fields["backingInfo"]));
    const isoType = textOf(fields["isoType"]) ?? "OTHER";
    return { extId: randomUUID(), ...place, isoType, ...(imageExtId && { imageExtId }) };
  });
}

// Disks without an address get the next free index of their bus.
function placed(value: unknown, defaultBus: string) {
  const next = new Map<string, number>();
  return itemsOf(value).map((item) => {
    const fields = fieldsOf(item);
    const address = fieldsOf(fields["diskAddress"]);
    const busType = textOf(address["busType"]) ?? defaultBus;
    const index = Number(address["index"] ?? next.get(busType) ?? 0);
    next.set(busType, index + 1);
    return { place: { busType, index }, fields };
  });
}

function imageIn(info: Fields): string | undefined {
  const type = textOf(info["$objectType"]);
  if (type !== undefined && !type.endsWith(".VmDisk"))
    throw notSimulated(`A disk backed by ${type}`);
  const source = fieldsOf(fieldsOf(info["dataSource"])["reference"]);
  const imageExtId = textOf(source["imageExtId"]);
  if (imageExtId === undefined && Object.keys(source).length > 0)
    throw notSimulated(`A disk from ${textOf(source["$objectType"]) ?? "an unnamed source"}`);
  return imageExtId;
}

// Older clients fill networkInfo and backingInfo, newer ones nicNetworkInfo and nicBackingInfo.
export function nic(item: unknown): NicRow {
  const fields = fieldsOf(item);
  const network = firstFilled(fields["nicNetworkInfo"], fields["networkInfo"]);
  const hardware = firstFilled(fields["nicBackingInfo"], fields["backingInfo"]);
  const subnetExtId = required(extIdIn(network["subnet"]), "nics[].networkInfo.subnet.extId");
  const asked = textOf(fieldsOf(fieldsOf(network["ipv4Config"])["ipAddress"])["value"]);
  if (asked !== undefined) throw notSimulated("A NIC with an address of its own");
  return {
    extId: randomUUID(),
    macAddress: textOf(hardware["macAddress"]) ?? newMacAddress(),
    subnetExtId,
    prefixLength: 32,
  };
}

export function gpu(item: unknown): GpuAsk {
  const fields = fieldsOf(item);
  const mode = fields["mode"];
  if (!GPU_MODES.includes(mode))
    throw invalid(`gpus[].mode must be one of ${GPU_MODES.join(", ")}.`, "gpus[].mode");
  const name = textOf(fields["name"]);
  return {
    extId: randomUUID(),
    mode: mode as GpuAsk["mode"],
    deviceId: count(fields["deviceId"], "gpus[].deviceId"),
    vendor: textOf(fields["vendor"]) ?? "NVIDIA",
    ...(name === undefined ? {} : { name }),
  };
}

function firstFilled(...values: unknown[]): Fields {
  return values.map(fieldsOf).find((fields) => Object.keys(fields).length > 0) ?? {};
}

/** In the range that AHV gives to its guests. */
function newMacAddress(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"));
  return ["50", "6b", "8d", ...tail].join(":");
}
