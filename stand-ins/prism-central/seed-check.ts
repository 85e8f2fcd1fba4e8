// What a seed file may say, held against it before anything starts: the first mistake is named with its place.
import type { Seed } from "./seed";

type Rule =
  | "text"
  | "number"
  | "flag"
  | { list: Rule }
  | { map: Rule }
  | { either: Rule[] }
  | { words: string[] }
  /** Names that end with ? may be left out. */
  | { fields: Record<string, Rule> };

const pool: Rule = { fields: { start: "text", end: "text" } };

const SEED: Record<string, Rule> = {
  users: { list: { fields: { name: "text", password: "text" } } },
  apiKeys: { list: { fields: { name: "text", key: "text" } } },
  prismCentral: { fields: { name: "text", version: "text" } },
  clusters: {
    list: {
      fields: {
        name: "text",
        version: "text",
        hosts: {
          list: {
            either: [
              "text",
              { fields: { name: "text", "memoryGiB?": "number", "threads?": "number" } },
            ],
          },
        },
        storageContainers: {
          list: { either: ["text", { fields: { name: "text", "capacityGiB?": "number" } }] },
        },
        "gpus?": {
          list: {
            fields: {
              name: "text",
              deviceId: "number",
              "vendor?": { words: ["kNvidia", "kAmd", "kIntel"] },
              type: { words: ["PASSTHROUGH_COMPUTE", "PASSTHROUGH_GRAPHICS", "VIRTUAL"] },
              "count?": "number",
              "frameBufferGiB?": "number",
            },
          },
        },
        "maxVms?": "number",
        "isAvailable?": "flag",
      },
    },
  },
  subnets: {
    list: {
      fields: {
        name: "text",
        "cluster?": "text",
        "type?": { words: ["VLAN", "OVERLAY"] },
        networkId: "number",
        network: "text",
        prefixLength: "number",
        gateway: "text",
        pool: { either: [pool, { list: pool }] },
        "isManaged?": "flag",
      },
    },
  },
  projects: { list: { fields: { name: "text" } } },
  categories: { list: { fields: { key: "text", value: "text", "description?": "text" } } },
  volumeGroups: { list: { fields: { name: "text", cluster: "text", "sizeGiB?": "number" } } },
  latency: { map: { either: ["number", { list: "number" }] } },
  behaviour: { map: { either: ["text", "number", "flag"] } },
  // Fault rules have a check of their own, which also serves them at run time.
  faults: { list: { map: { either: ["text", "number", "flag", { map: "number" }] } } },
};

/** The top-level keys that a seed file gives; throws an Error that names the first mistake and what is allowed. */
export function checkSeed(given: unknown): Partial<Seed> {
  const optional = Object.fromEntries(Object.entries(SEED).map(([key, rule]) => [`${key}?`, rule]));
  const wrong = mistake(given ?? {}, { fields: optional }, "");
  if (wrong !== undefined) throw new Error(wrong);
  return given ?? {};
}

/** A sentence, or nothing when the value is right. */
function mistake(value: unknown, rule: Rule, place: string): string | undefined {
  if (typeof rule === "string") return plainMistake(value, rule, place);
  if ("words" in rule)
    return rule.words.includes(String(value))
      ? undefined
      : wanted(value, rule.words.join(" or "), place);
  if ("either" in rule) {
    const mistakes = rule.either.map((one) => mistake(value, one, place));
    return mistakes.includes(undefined) ? undefined : mistakes.at(-1);
  }
  return "list" in rule ? listMistake(value, rule.list, place) : mappingMistake(value, rule, place);
}

function listMistake(value: unknown, rule: Rule, place: string): string | undefined {
  if (!Array.isArray(value)) return wanted(value, "a list", place);
  return first(value.map((item, at) => mistake(item, rule, `${place}[${at}]`)));
}

function mappingMistake(
  value: unknown,
  rule: { map: Rule } | { fields: Record<string, Rule> },
  place: string,
): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return wanted(value, "a mapping", place);
  return "map" in rule
    ? first(Object.entries(value).map(([key, item]) => mistake(item, rule.map, under(place, key))))
    : fieldsMistake(value as Record<string, unknown>, rule.fields, place);
}

function plainMistake(value: unknown, rule: string, place: string): string | undefined {
  const type = { text: "string", number: "number", flag: "boolean" }[rule];
  return typeof value === type && value !== ""
    ? undefined
    : wanted(value, { text: "text", number: "a number", flag: "true or false" }[rule] ?? "", place);
}

function fieldsMistake(
  value: Record<string, unknown>,
  fields: Record<string, Rule>,
  place: string,
): string | undefined {
  const known = Object.keys(fields).map((name) => name.replace("?", ""));
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    return `${under(place, unknown)} is unknown; known are ${known.join(", ")}.`;
  return first(
    Object.entries(fields).map(([name, rule]) => {
      const key = name.replace("?", "");
      if (value[key] === undefined)
        return name.endsWith("?") ? undefined : `${under(place, key)} is missing.`;
      return mistake(value[key], rule, under(place, key));
    }),
  );
}

const under = (place: string, key: string) => (place === "" ? key : `${place}.${key}`);

const first = (mistakes: (string | undefined)[]) =>
  mistakes.find((sentence) => sentence !== undefined);

const wanted = (value: unknown, what: string, place: string) =>
  `${place === "" ? "it" : place} is ${JSON.stringify(value)}; it must be ${what}.`;
