// What a client may ask for when it makes a VM. Every field is read or refused by its name: a field that is taken
// in and forgotten would be a lie.
import { randomBytes, randomUUID } from "node:crypto";
import { invalid, notSimulated } from "./errors";
import { fieldsOf, itemsOf, textOf } from "./route";
import type { DiskRow, NicRow, VmRow } from "./vm";

type Fields = Record<string, unknown>;

/** A VM as asked for; what it refers to is looked up by the task that makes it. */
export type VmRequest = Omit<VmRow, "createTime" | "updateTime" | "bootSha256">;

const KNOWN = new Set(
  [
    "name description numSockets numCoresPerSocket memorySizeBytes hardwareClockTimezone cluster project",
    "categories customAttributes bootConfig disks nics guestCustomization powerState",
  ].flatMap((names) => names.split(" ")),
);

/** Reads a request to make a VM; throws the 400 or 501 that it deserves. */
export function readVmRequest(body: unknown): VmRequest {
  const fields = fieldsOf(body);
  const unknown = Object.entries(fields).find(
    ([name, value]) => !name.startsWith("$") && !KNOWN.has(name) && !isNothing(value),
  );
  if (unknown) throw notSimulated(`VM field "${unknown[0]}"`);
  const powerState = fields["powerState"];
  if (powerState === "ON") throw notSimulated("Making a VM that is ON");
  const description = textOf(fields["description"]);
  const projectExtId = extIdIn(fields["project"]);
  return {
    extId: randomUUID(),
    version: 1,
    generationUuid: randomUUID(),
    name: required(textOf(fields["name"]), "name"),
    powerState: "OFF",
    numSockets: count(fields["numSockets"], "numSockets", 1),
    numCoresPerSocket: count(fields["numCoresPerSocket"], "numCoresPerSocket", 1),
    memorySizeBytes: count(fields["memorySizeBytes"], "memorySizeBytes"),
    hardwareClockTimezone: textOf(fields["hardwareClockTimezone"]) ?? "UTC",
    clusterExtId: required(extIdIn(fields["cluster"]), "cluster.extId"),
    categories: itemsOf(fields["categories"]).map((item) =>
      required(extIdIn(item), "categories[].extId"),
    ),
    customAttributes: itemsOf(fields["customAttributes"]).map(String),
    disks: disks(fields["disks"]),
    nics: itemsOf(fields["nics"]).map(nic),
    ...customization(fields["guestCustomization"]),
    ...(description === undefined ? {} : { description }),
    ...(projectExtId === undefined ? {} : { projectExtId }),
    ...(isNothing(fields["bootConfig"]) ? {} : { bootConfig: fieldsOf(fields["bootConfig"]) }),
  };
}

// Disks without an address get the next free index of their bus.
function disks(value: unknown): DiskRow[] {
  const next = new Map<string, number>();
  return itemsOf(value).map((item) => {
    const disk = fieldsOf(item);
    const address = fieldsOf(disk["diskAddress"]);
    const busType = textOf(address["busType"]) ?? "SCSI";
    const index = Number(address["index"] ?? next.get(busType) ?? 0);
    next.set(busType, index + 1);
    return { extId: randomUUID(), busType, index, ...backing(fieldsOf(disk["backingInfo"])) };
  });
}

function backing(info: Fields): Pick<DiskRow, "sizeBytes" | "containerExtId" | "imageExtId"> {
  const source = fieldsOf(fieldsOf(info["dataSource"])["reference"]);
  const imageExtId = textOf(source["imageExtId"]);
  if (imageExtId === undefined && Object.keys(source).length > 0)
    throw notSimulated(`A disk from ${textOf(source["$objectType"]) ?? "an unnamed source"}`);
  const containerExtId = extIdIn(info["storageContainer"]);
  return {
    sizeBytes: count(info["diskSizeBytes"], "disks[].backingInfo.diskSizeBytes", 0),
    ...(containerExtId === undefined ? {} : { containerExtId }),
    ...(imageExtId === undefined ? {} : { imageExtId }),
  };
}

// Older clients fill networkInfo and backingInfo, newer ones nicNetworkInfo and nicBackingInfo.
function nic(item: unknown): NicRow {
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

function customization(value: unknown): Pick<VmRow, "userData" | "metaData"> {
  const config = fieldsOf(fieldsOf(value)["config"]);
  if (Object.keys(config).length === 0) return {};
  if (!String(config["$objectType"]).endsWith(".CloudInit"))
    throw notSimulated(`Guest customization by ${String(config["$objectType"])}`);
  const script = fieldsOf(config["cloudInitScript"]);
  if ("keyValuePairs" in script) throw notSimulated("cloudInitScript with key-value pairs");
  const userData = textOf(script["value"]);
  const metaData = textOf(config["metadata"]);
  return {
    ...(userData === undefined ? {} : { userData: decoded(userData, "cloudInitScript.value") }),
    ...(metaData === undefined ? {} : { metaData: decoded(metaData, "metadata") }),
  };
}

function decoded(text: string, what: string): string {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text))
    throw invalid(`guestCustomization.config.${what} is not base64.`);
  return Buffer.from(text, "base64").toString("utf8");
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw invalid(`A VM needs ${name}.`);
  return value;
}

function count(value: unknown, name: string, fallback?: number): number {
  const number = value ?? fallback;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0)
    throw invalid(`${name} must be a whole number.`);
  return number;
}

function extIdIn(value: unknown): string | undefined {
  return textOf(fieldsOf(value)["extId"]);
}

function firstFilled(...values: unknown[]): Fields {
  return values.map(fieldsOf).find((fields) => Object.keys(fields).length > 0) ?? {};
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** In the range that AHV gives to its guests. */
function newMacAddress(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"));
  return ["50", "6b", "8d", ...tail].join(":");
}
