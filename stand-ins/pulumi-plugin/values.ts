// The values that travel between the engine and a plugin, as plain JavaScript plus a few typed wrappers.
// Signatures are those of the Pulumi wire format; every other object with a signature is refused by name.

const signatureKey = "4dabf18193072939515e22adb298388d";
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  bytes: "803fd3297a5875dc03ca845dda5d2a98",
};

/** The class of UNKNOWN; its one instance is compared by identity. */
export class Unknown {
  readonly known = false;
}

/** A value that a preview does not know yet. */
export const UNKNOWN = new Unknown();

/** A value that must not be shown or stored in the clear. */
export class Secret {
  readonly value: PropertyValue;
  constructor(value: PropertyValue) {
    this.value = value;
  }
}

/** A file's contents by path, text or uri; old ones come with their hash only. */
export class Asset {
  readonly fields: { path?: string; text?: string; uri?: string; hash?: string };
  constructor(fields: Asset["fields"]) {
    this.fields = fields;
  }
}

/** A folder's contents by path, uri or members; old ones come with their hash only. */
export class Archive {
  readonly fields: { assets?: PropertyMap; path?: string; uri?: string; hash?: string };
  constructor(fields: Archive["fields"]) {
    this.fields = fields;
  }
}

/** Another resource, passed as a value. */
export class ResourceReference {
  readonly urn: string;
  readonly fields: PropertyMap;
  constructor(urn: string, fields: PropertyMap) {
    this.urn = urn;
    this.fields = fields;
  }
}

export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Unknown
  | Secret
  | Asset
  | Archive
  | ResourceReference
  | PropertyValue[]
  | PropertyMap;

export interface PropertyMap {
  [key: string]: PropertyValue | undefined;
}

/** JSON as it lies in a protobuf Struct. */
export type WireValue =
  null | boolean | number | string | WireValue[] | { [key: string]: WireValue };
export type WireObject = Record<string, WireValue>;

/** True for an object that is none of the wrappers. */
export function isPropertyMap(value: PropertyValue | undefined): value is PropertyMap {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const wrappers = [Unknown, Secret, Asset, Archive, ResourceReference, Uint8Array];
  return !wrappers.some((wrapper) => value instanceof wrapper);
}

/** The value without its secret wrappers, at any depth; wrappers of other kinds stay. */
export function withoutSecrets(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return withoutSecrets(value.value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return isPropertyMap(value) ? mapValues(value, withoutSecrets) : value;
}

/** True if the value is, or holds at any depth, a secret. */
export function hasSecret(value: PropertyValue | undefined): boolean {
  return holds(value, (inner) => inner instanceof Secret);
}

/** True if the value is, or holds at any depth, something a preview does not know yet. */
export function hasUnknown(value: PropertyValue | undefined): boolean {
  return holds(value, (inner) => inner === UNKNOWN);
}

function holds(
  value: PropertyValue | undefined,
  found: (inner: PropertyValue) => boolean,
): boolean {
  if (value === undefined) return false;
  if (found(value)) return true;
  if (value instanceof Secret) return holds(value.value, found);
  if (value instanceof Archive) return holds(value.fields.assets, found);
  if (Array.isArray(value)) return value.some((item) => holds(item, found));
  return isPropertyMap(value) && Object.values(value).some((item) => holds(item, found));
}

/** Reads one value as the engine sent it. */
export function fromWire(wire: WireValue): PropertyValue {
  if (wire === unknownText) return UNKNOWN;
  if (Array.isArray(wire)) return wire.map(fromWire);
  if (typeof wire !== "object" || wire === null) return wire;
  return signatureKey in wire ? wrapped(wire) : mapFromWire(wire);
}

/** Reads a whole map as the engine sent it. */
export function mapFromWire(wire: WireObject): PropertyMap {
  return Object.fromEntries(Object.entries(wire).map(([key, value]) => [key, fromWire(value)]));
}

function wrapped(wire: WireObject): PropertyValue {
  const { [signatureKey]: signature, ...fields } = wire;
  delete fields["__pulumiAsset"];
  delete fields["__pulumiArchive"];
  switch (signature) {
    case signatures.secret:
      return new Secret(fromWire(fields["value"] ?? null));
    case signatures.output:
      return fromOutput(fields);
    case signatures.asset:
      return new Asset(fields);
    case signatures.archive:
      return new Archive(mapFromWire(fields));
    case signatures.resource:
      return new ResourceReference(textOf(fields["urn"]), mapFromWire(fields));
    case signatures.bytes:
      return new Uint8Array(Buffer.from(textOf(fields["value"]), "base64"));
    default:
      throw new Error(
        `Reading a value failed: its signature ${JSON.stringify(signature)} is unknown.`,
      );
  }
}

function textOf(value: WireValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function fromOutput(fields: WireObject): PropertyValue {
  const value = fields["value"] === undefined ? UNKNOWN : fromWire(fields["value"]);
  return fields["secret"] === true ? new Secret(value) : value;
}

/** Writes one value as the engine wants it. */
export function toWire(value: PropertyValue): WireValue {
  if (value instanceof Unknown) return unknownText;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toWire);
  return isPropertyMap(value) ? mapToWire(value) : wrap(value);
}

/** Writes a whole map as the engine wants it; undefined members are left out. */
export function mapToWire(map: PropertyMap): WireObject {
  const known = Object.entries(map).filter(
    (entry): entry is [string, PropertyValue] => entry[1] !== undefined,
  );
  return Object.fromEntries(known.map(([key, value]) => [key, toWire(value)]));
}

type Wrapper = Secret | Asset | Archive | ResourceReference | Uint8Array;

function wrap(value: Exclude<PropertyValue, PropertyMap> & object): WireObject {
  const wrapper = value as Wrapper;
  if (wrapper instanceof Secret) return signed("secret", { value: wrapper.value });
  if (wrapper instanceof Asset) return signed("asset", wrapper.fields);
  if (wrapper instanceof Archive) return signed("archive", wrapper.fields);
  if (wrapper instanceof ResourceReference) return signed("resource", wrapper.fields);
  return signed("bytes", { value: Buffer.from(wrapper).toString("base64") });
}

function signed(kind: keyof typeof signatures, fields: PropertyMap): WireObject {
  return { [signatureKey]: signatures[kind], ...mapToWire(fields) };
}

function mapValues(map: PropertyMap, change: (value: PropertyValue) => PropertyValue): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [key, value === undefined ? value : change(value)]),
  );
}
