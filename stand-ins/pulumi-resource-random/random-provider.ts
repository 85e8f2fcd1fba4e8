// The random package: a resource is made once, any change of what it was made from replaces it, nothing outside
// of the state exists to be read or deleted.

import { UnsupportedError } from "../pulumi-plugin/errors";
import { propertyDiff } from "../pulumi-plugin/property-diff";
import type { DiffRequest, DiffResult, Provider, ReadRequest } from "../pulumi-plugin/provider";
import { hasUnknown, type PropertyMap, UNKNOWN } from "../pulumi-plugin/values";
import { randomId } from "./random-id";
import { randomPassword } from "./random-password";
import { randomPet } from "./random-pet";

/** What one type of the package does. */
export interface RandomType {
  /** Values that inputs have when they are left out; they appear among the outputs. */
  readonly defaults: PropertyMap;
  /** Adds what was left out, where that is more than the defaults. */
  readonly filled?: (inputs: PropertyMap) => PropertyMap;
  /** Outputs that only a real creation knows. */
  readonly drawn: readonly string[];
  /** Why these inputs cannot do, or nothing. */
  readonly problem?: (inputs: PropertyMap) => { property: string; reason: string } | undefined;
  /** Draws it; inputs carry their defaults. */
  readonly create: (inputs: PropertyMap) => { id: string; outputs: PropertyMap };
  /** What `pulumi import` makes of an id. */
  readonly adopt?: (id: string) => { id: string; inputs: PropertyMap; outputs: PropertyMap };
}

const types: Readonly<Record<string, RandomType>> = {
  "random:index/randomId:RandomId": randomId,
  "random:index/randomPassword:RandomPassword": randomPassword,
  "random:index/randomPet:RandomPet": randomPet,
};

function typeOf(type: string): RandomType {
  const found = types[type];
  if (found) return found;
  const known = Object.keys(types).join(", ");
  throw new UnsupportedError(
    `Making a ${type} failed: this stand-in of the random plugin only knows ${known}.`,
  );
}

/** The provider behind pulumi-resource-random. */
export function randomProvider(): Provider {
  return {
    check: ({ type, news }) => {
      const problem = hasUnknown(news) ? undefined : typeOf(type).problem?.(news);
      return { inputs: news, failures: problem ? [problem] : [] };
    },
    diff,
    create: ({ type, inputs, preview }) => {
      const kind = typeOf(type);
      const whole = filled(kind, inputs);
      if (!preview) return kind.create(whole);
      const drawn = Object.fromEntries(kind.drawn.map((key) => [key, UNKNOWN]));
      return { id: "", outputs: { ...whole, ...drawn } };
    },
    read,
    // Nothing is changed in place: only values that do not matter, such as a default written out, come here.
    update: ({ oldOutputs, news }) => ({ ...oldOutputs, ...news }),
    delete: () => undefined,
  };
}

/** Inputs with what was left out; an empty overrideSpecial or prefix is none. */
function filled(kind: RandomType, inputs: PropertyMap): PropertyMap {
  const given = Object.entries(inputs).filter(
    ([key, value]) => !(value === "" && ["overrideSpecial", "prefix"].includes(key)),
  );
  const whole = Object.fromEntries(given);
  return kind.filled?.(whole) ?? { ...kind.defaults, ...whole };
}

/** The package answers no detailed diff, and names what replaces. */
function diff({ type, oldInputs, news }: DiffRequest): DiffResult {
  const kind = typeOf(type);
  const { changes, diffs = [] } = propertyDiff(filled(kind, oldInputs), filled(kind, news));
  return { changes, diffs, replaces: diffs };
}

function read({ type, id, inputs, outputs }: ReadRequest) {
  if (Object.keys(outputs).length > 0) return { id, inputs, outputs };
  const { adopt } = typeOf(type);
  if (adopt) return adopt(id);
  throw new UnsupportedError(`Importing a ${type} failed: this type cannot be imported.`);
}
