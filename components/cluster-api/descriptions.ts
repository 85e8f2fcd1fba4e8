// CRDs without the text of their fields. It is two thirds of all that Pulumi would carry, compare and store at
// every step, and only `kubectl explain` shows it.

import type { Manifest } from "../kubernetes-object";

/** The object; a CustomResourceDefinition without its schemas' descriptions. */
export function withoutDescriptions(object: Manifest): Manifest {
  if (object.kind !== "CustomResourceDefinition") return object;
  return { ...object, spec: schema(object["spec"]) };
}

/** A schema's own `description` goes; a property of that name stays. */
function schema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(schema);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) => !(key === "description" && typeof item === "string"),
  );
  return Object.fromEntries(
    kept.map(([key, item]) => [key, key === "properties" ? properties(item) : schema(item)]),
  );
}

function properties(value: unknown): unknown {
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, item]) => [name, schema(item)]));
}
