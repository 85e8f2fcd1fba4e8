// CRDs without the text of their fields. It is two thirds of all that Pulumi would carry, compare and store at
// every step, and only `kubectl explain` shows it.

import type { Manifest } from "../kubernetes-object";

/** The object; a CustomResourceDefinition without its schemas' descriptions. */
export function withoutDescriptions(object: Manifest): Manifest {
  if (object.kind !== "CustomResourceDefinition") return object;
  return { ...object, spec: schema(object["spec"]) };
}

/** Data that a schema holds, in which `description` may be anything. */
const DATA = new Set(["default", "enum", "example"]);

/** A schema's description is a text; a property of that name is a schema, and stays. */
function schema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(schema);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) => !(key === "description" && typeof item === "string"),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, DATA.has(key) ? item : schema(item)]));
}
