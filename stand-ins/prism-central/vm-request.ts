// What a client may ask for when it makes or changes a VM. Every field is read or refused by its name: a field that is
// taken in and forgotten would be a lie.
import { randomUUID } from "node:crypto";
import { failed, notSimulated } from "./errors";
import { fieldsOf, itemsOf, textOf } from "./route";
import type { VmRow } from "./vm";
import { cdRoms, disks, gpu, nic } from "./vm-devices";
import { count, decoded, extIdIn, isNothing, required } from "./vm-fields";

type Fields = Record<string, unknown>;

/** A VM as asked for; what it refers to is looked up by the task that makes it. */
export type VmRequest = Omit<VmRow, "createTime" | "updateTime" | "bootSha256">;

/** What a PUT may change. */
export type VmChanges = Pick<
  VmRow,
  "name" | "numSockets" | "numCoresPerSocket" | "memorySizeBytes" | "categories"
> &
  Partial<Pick<VmRow, "description" | "hardwareClockTimezone" | "projectExtId" | "bootConfig">>;

const CHANGEABLE = [
  "name description numSockets numCoresPerSocket memorySizeBytes hardwareClockTimezone project categories bootConfig",
].flatMap((names) => names.split(" "));
const KNOWN = new Set([
  ...CHANGEABLE,
  ..."cluster customAttributes disks cdRoms nics gpus guestCustomization powerState".split(" "),
]);
/** What a VM shows that no request decides: taken back as it was shown. */
const SHOWN = new Set(
  "extId biosUuid generationUuid host createTime updateTime machineType numThreadsPerCore links tenantId".split(
    " ",
  ),
);

/** Reads a request to make a VM of that id; throws the 400 or 501 that it deserves. */
export function readVmRequest(body: unknown, extId: string): VmRequest {
  const fields = fieldsOf(body);
  refuseUnknown(fields, (name) => KNOWN.has(name));
  if (fields["powerState"] === "ON")
    throw failed("VMM-30109", "VM_INVALID_POWER_STATE", "A VM cannot be made ON: power it on.");
  const roms = cdRoms(fields["cdRoms"]);
  const gpus = itemsOf(fields["gpus"]).map(gpu);
  return {
    extId,
    version: 1,
    generationUuid: randomUUID(),
    powerState: "OFF",
    hardwareClockTimezone: "UTC",
    clusterExtId: required(extIdIn(fields["cluster"]), "cluster.extId"),
    customAttributes: itemsOf(fields["customAttributes"]).map(String),
    disks: disks(fields["disks"]),
    nics: itemsOf(fields["nics"]).map(nic),
    ...readVmChanges(fields),
    ...customization(fields["guestCustomization"]),
    ...(roms.length === 0 ? {} : { cdRoms: roms }),
    ...(gpus.length === 0 ? {} : { gpus }),
  };
}

/** Reads a VM as a client wants it to become: the whole of it, devices as they are. */
export function readVmUpdate(body: unknown, shown: object): VmChanges {
  const fields = fieldsOf(body);
  refuseUnknown(fields, (name) => KNOWN.has(name) || SHOWN.has(name));
  for (const name of ["disks", "cdRoms", "nics", "gpus", "cluster", "powerState"])
    if (!isNothing(fields[name]) && !isSame(fields[name], (shown as Fields)[name]))
      throw notSimulated(`Changing "${name}" of a VM`);
  return readVmChanges(fields);
}

function readVmChanges(fields: Fields): VmChanges {
  const description = textOf(fields["description"]);
  const projectExtId = extIdIn(fields["project"]);
  const hardwareClockTimezone = textOf(fields["hardwareClockTimezone"]);
  return {
    name: required(textOf(fields["name"]), "name"),
    numSockets: count(fields["numSockets"], "numSockets", { fallback: 1, least: 1 }),
    numCoresPerSocket: count(fields["numCoresPerSocket"], "numCoresPerSocket", {
      fallback: 1,
      least: 1,
    }),
    memorySizeBytes: count(fields["memorySizeBytes"], "memorySizeBytes", { least: 1 }),
    categories: itemsOf(fields["categories"]).map((item) =>
      required(extIdIn(item), "categories[].extId"),
    ),
    ...(hardwareClockTimezone === undefined ? {} : { hardwareClockTimezone }),
    ...(description === undefined ? {} : { description }),
    ...(projectExtId === undefined ? {} : { projectExtId }),
    ...(isNothing(fields["bootConfig"]) ? {} : { bootConfig: fieldsOf(fields["bootConfig"]) }),
  };
}

function refuseUnknown(fields: Fields, isKnown: (name: string) => boolean): void {
  const unknown = Object.entries(fields).find(
    ([name, value]) => !name.startsWith("$") && !isKnown(name) && !isNothing(value),
  );
  if (unknown) throw notSimulated(`VM field "${unknown[0]}"`);
}

// The same ids in the same order: clients send back what they read, often without what they do not know.
function isSame(given: unknown, shown: unknown): boolean {
  const ids = (value: unknown) =>
    typeof value === "object" && value !== null
      ? JSON.stringify((Array.isArray(value) ? value : [value]).map(extIdIn))
      : JSON.stringify(value);
  return ids(given) === ids(shown);
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
  const place = "guestCustomization.config";
  return {
    ...(userData === undefined
      ? {}
      : { userData: decoded(userData, `${place}.cloudInitScript.value`) }),
    ...(metaData === undefined ? {} : { metaData: decoded(metaData, `${place}.metadata`) }),
  };
}
