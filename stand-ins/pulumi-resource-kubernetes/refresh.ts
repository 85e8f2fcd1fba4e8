// The inputs after a refresh: what the cluster changed since last time, and otherwise what the program wrote.
// So a value that the server merely spells differently ("0.1" as "100m") is no drift.

import { isPropertyMap, type PropertyMap, type PropertyValue } from "../pulumi-plugin/values";
import { pruneTo } from "./diff";

type Maybe = PropertyValue | undefined;

interface Seen {
  /** The live object of last time. */
  readonly before: Maybe;
  readonly now: Maybe;
}

/** The inputs that describe the live object now. */
export function refreshedInputs(
  inputs: PropertyMap,
  before: PropertyMap,
  now: PropertyMap,
): PropertyMap {
  const entries = Object.entries(inputs).map(([key, input]): [string, Maybe] => [
    key,
    refreshed(input, { before: before[key], now: now[key] }),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function refreshed(input: Maybe, { before, now }: Seen): Maybe {
  if (JSON.stringify(before) === JSON.stringify(now)) return input;
  if (isPropertyMap(input) && isPropertyMap(now)) {
    return isPropertyMap(before) ? refreshedInputs(input, before, now) : pruneTo(now, input);
  }
  if (Array.isArray(input) && Array.isArray(before) && Array.isArray(now)) {
    const items = now.slice(0, input.length);
    return items.map((item, i) => refreshed(input[i], { before: before[i], now: item }) ?? null);
  }
  return now;
}
