// Values that Kubernetes takes for the same: "0.5" and "500m" of a quantity, and a member that is absent or null.

import type { PropertyValue } from "../pulumi-plugin/values";
import { factors } from "../shared/quantity";

const quantityParents = new Set([
  "allocatable",
  "capacity",
  "default",
  "defaultRequest",
  "hard",
  "limits",
  "max",
  "min",
  "podFixed",
  "requests",
]);
const quantityNames = new Set(["sizeLimit", "divisor"]);

/** True for two absent values, or two texts of one quantity where the path leads to a quantity. */
export function meansTheSame(
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: readonly (string | number)[],
): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (!isQuantityPath(path)) return false;
  const [old, young] = [quantity(before), quantity(after)];
  return old !== undefined && old === young;
}

function isQuantityPath(path: readonly (string | number)[]): boolean {
  const [name, parent] = [path.at(-1), path.at(-2)];
  return (
    (typeof parent === "string" && quantityParents.has(parent)) ||
    (typeof name === "string" && quantityNames.has(name))
  );
}

/** The number that a quantity stands for, or undefined if it is none. */
function quantity(value: PropertyValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkKMGTPE]?i?)$/.exec(value);
  const scale = factors[match?.[2] ?? "?"];
  const number = Number(match?.[1]) * (scale ?? NaN);
  return Number.isNaN(number) ? undefined : Number(number.toPrecision(12));
}
