// What a PrismImage is asked for and what it keeps; whether a wish can be granted at all, and what a change of it
// means. Pure.
import type { Endpoint } from "../prism/client";

export interface ImageInputs {
  name: string;
  /** It need not exist before create. */
  sourcePath?: string;
  /** In the place of a file: Prism Central fetches it from there, and sha256 is given. */
  sourceUri?: string;
  /** What the file must be; computed when it is not given. */
  sha256?: string;
  imageType: string;
  description?: string;
  categories?: Record<string, string>;
  /** Name or uuid. */
  prismElement?: string;
  endpoint: Endpoint;
  replaceTrigger?: string;
  /** An image that is there already, to be taken over. */
  importUuid?: string;
}

export interface ImageOutputs extends ImageInputs {
  uuid: string;
  /** 0 while the image is half-made. */
  sizeBytes: number;
  contentSha256: string;
  prismElementUuid?: string;
}

export interface Difference {
  changes: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
}

const REPLACING = ["name", "imageType", "replaceTrigger"] as const;
const CHANGING = ["description", "categories", "sourcePath", "sourceUri", "endpoint"] as const;
const INPUTS = [
  ...REPLACING,
  ...CHANGING,
  "sha256",
  "prismElement",
  "importUuid",
] as const satisfies (keyof ImageInputs)[];

/** What the engine's placeholder for what is not known in a preview looks like. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const RULES: Partial<Record<keyof ImageInputs, [(value: unknown) => boolean, string]>> = {
  // v3's filter would read them.
  name: [(value) => isText(value) && !/[,;]/.test(value), "a text without comma and semicolon"],
  imageType: [
    (value) => value === "DISK_IMAGE" || value === "ISO_IMAGE",
    "DISK_IMAGE or ISO_IMAGE",
  ],
  sha256: [
    (value) => isText(value) && /^[0-9a-f]{64}$/i.test(value),
    "a SHA-256: 64 digits and letters a to f",
  ],
  prismElement: [isText, "name or uuid of a Prism Element"],
  endpoint: [
    (value) => (value as Endpoint).trustBundle?.includes("-----BEGIN CERTIFICATE-----") ?? true,
    "an endpoint whose trustBundle holds certificates in PEM form",
  ],
};

/** Inputs that can never be granted, each with what is allowed. */
function mistakesIn(inputs: ImageInputs): { property: string; reason: string }[] {
  return Object.entries(RULES).flatMap(([property, [isRight, allowed]]) => {
    const value = inputs[property as keyof ImageInputs];
    if (value === undefined || value === UNKNOWN || isRight(value)) return [];
    const found = typeof value === "string" ? `"${value}"` : "something else";
    return [{ property, reason: `${property} is ${found}; allowed is ${allowed}.` }];
  });
}

/** Finds what is wrong with the inputs by themselves, in a preview already. */
export function check(news: ImageInputs): {
  inputs: ImageInputs;
  failures: { property: string; reason: string }[];
} {
  return { inputs: news, failures: mistakesIn(news) };
}

/** What another wish means for an image: nothing, a change in place, or another image. */
export function diff(olds: ImageOutputs, news: ImageInputs): Difference {
  const isOther: Record<string, boolean> = {
    ...Object.fromEntries(REPLACING.map((name) => [name, differs(olds[name], news[name])])),
    endpoint: differs(addressOf(olds), addressOf(news)),
    // Without a hash among the inputs, the one found at create says nothing about the program's wish.
    sha256: differs(news.sha256?.toLowerCase() ?? olds.contentSha256, olds.contentSha256),
    prismElement: isElsewhere(olds, news),
    importUuid: differs(news.importUuid ?? olds.uuid, olds.uuid),
    [news.sourcePath === undefined ? "sourceUri" : "sourcePath"]: olds.sizeBytes === 0,
  };
  const replaces = Object.keys(isOther).filter((name) => isOther[name]);
  const changes = replaces.length > 0 || CHANGING.some((name) => differs(olds[name], news[name]));
  return { changes, replaces, deleteBeforeReplace: olds.name === news.name };
}

function addressOf({ endpoint }: ImageInputs): unknown[] {
  return [endpoint.address, endpoint.port];
}

/** The inputs among what is kept. */
export function inputsIn(outputs: ImageOutputs): ImageInputs {
  const given = INPUTS.filter((name) => outputs[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, outputs[name]])) as unknown as ImageInputs;
}

export function differs(old: unknown, wanted: unknown): boolean {
  return sorted(old) !== sorted(wanted);
}

function isElsewhere(olds: ImageOutputs, news: ImageInputs): boolean {
  const isSame = news.prismElement !== undefined && news.prismElement === olds.prismElementUuid;
  return !isSame && differs(olds.prismElement, news.prismElement);
}

/** As text, whatever the order of keys. */
function sorted(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
