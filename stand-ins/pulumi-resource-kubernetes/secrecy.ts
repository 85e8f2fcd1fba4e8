// Which parts of an answer are secret: those whose inputs were, and the contents of every Secret.

import {
  hasSecret,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
} from "../pulumi-plugin/values";

/** The outputs with secrets wherever the inputs of the same path hold one; a list is secret as a whole. */
export function markSecrets(outs: PropertyMap, ins: PropertyMap): PropertyMap {
  if (outs["kind"] === "Secret") return markMembers(outs, ["data", "stringData"]);
  return Object.fromEntries(Object.entries(outs).map(([key, out]) => [key, marked(out, ins[key])]));
}

function marked(out: PropertyValue | undefined, into: PropertyValue | undefined) {
  if (out === undefined || into === undefined) return out;
  if (isPropertyMap(out) && isPropertyMap(into)) return markSecrets(out, into);
  return hasSecret(into) ? asSecret(out) : out;
}

function markMembers(map: PropertyMap, names: string[]): PropertyMap {
  const entries = names
    .filter((name) => map[name] !== undefined)
    .map((name) => [name, asSecret(map[name] ?? null)]);
  return { ...map, ...(Object.fromEntries(entries) as PropertyMap) };
}

function asSecret(value: PropertyValue): Secret {
  return value instanceof Secret ? value : new Secret(value);
}
