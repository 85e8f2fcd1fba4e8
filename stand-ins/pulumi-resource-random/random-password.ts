// RandomPassword: drawn from chosen kinds of characters, with a minimum of each, and its bcrypt hash. Its id is
// always "none", since ids are shown.

import { randomInt } from "node:crypto";

import bcrypt from "bcryptjs";

import { type PropertyMap, Secret } from "../pulumi-plugin/values";
import type { RandomType } from "./random-provider";

const hashCost = 10;
const kinds = [
  { on: "upper", least: "minUpper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { on: "lower", least: "minLower", characters: "abcdefghijklmnopqrstuvwxyz" },
  { on: "numeric", least: "minNumeric", characters: "0123456789" },
  { on: "special", least: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
] as const;

const defaults = {
  lower: true,
  upper: true,
  number: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};

/** The type random:index/randomPassword:RandomPassword. */
export const randomPassword: RandomType = {
  defaults,
  drawn: ["id", "bcryptHash", "result"],
  filled,
  problem: (inputs) => {
    const { number, numeric } = inputs;
    if (number !== undefined && numeric !== undefined && number !== numeric)
      return {
        property: "numeric",
        reason: "number is its old name: expected the same value in both",
      };
    const length = Number(inputs["length"] ?? 0);
    const least = kinds.reduce((sum, kind) => sum + Number(inputs[kind.least] ?? 0), 0);
    if (length >= Math.max(1, least)) return undefined;
    return {
      property: "length",
      reason: `expected length to be at least ${Math.max(1, least)}, got: ${length}`,
    };
  },
  create: (inputs) => ({ id: "none", outputs: outputsOf(inputs, draw(inputs)) }),
  adopt: (result) => {
    const inputs = { length: result.length };
    return { id: "none", inputs, outputs: outputsOf({ ...defaults, ...inputs }, result) };
  },
};

function outputsOf(inputs: PropertyMap, result: string): PropertyMap {
  const bcryptHash = bcrypt.hashSync(result, hashCost).replace(/^\$2b\$/, "$2a$");
  return {
    ...inputs,
    id: "none",
    bcryptHash: new Secret(bcryptHash),
    result: new Secret(result),
  };
}

/** What was left out is the default; `number`, the old name of `numeric`, is always what that is. */
function filled(inputs: PropertyMap): PropertyMap {
  const numeric = inputs["numeric"] ?? inputs["number"] ?? true;
  return { ...defaults, ...inputs, number: numeric, numeric };
}

/** First the least of each kind, of those that are off too, then the rest from all that are on, then shuffled. */
function draw(inputs: PropertyMap): string {
  const each = kinds.map(({ least, characters, on }) => ({
    on: inputs[on] === true,
    least: Number(inputs[least] ?? 0),
    characters: on === "special" ? specialOf(inputs) : characters,
  }));
  const all = each.map(({ on, characters }) => (on ? characters : "")).join("");
  if (all === "") throw new Error("Drawing a password failed: every kind of character is off.");
  const drawn = each.flatMap(({ least, characters }) => pick(characters, least));
  const rest = Math.max(0, Number(inputs["length"]) - drawn.length);
  return shuffled([...drawn, ...pick(all, rest)]).join("");
}

function specialOf(inputs: PropertyMap): string {
  const override = inputs["overrideSpecial"];
  return typeof override === "string" && override !== "" ? override : kinds[3].characters;
}

function pick(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));
}

function shuffled(items: readonly string[]): string[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [mixed[last], mixed[other]] = [mixed[other] ?? "", mixed[last] ?? ""];
  }
  return mixed;
}
