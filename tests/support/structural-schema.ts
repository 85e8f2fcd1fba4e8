// Holds an object against a CRD's structural schema, as strictly as the API server with fieldValidation=Strict: types,
// unknown and missing fields, enums, patterns and bounds. Rules in CEL are not evaluated.

export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  minProperties?: number;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
}

/** What is wrong with a value, each with its path; empty when it is valid. */
export function mistakesIn(value: unknown, schema: Schema, path = ""): string[] {
  if (schema["x-kubernetes-int-or-string"]) return [];
  const type = typeOf(value);
  if (schema.type && !isOfType(type, schema.type)) return [`${path}: ${type}, not ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value))
    return [`${path}: none of ${schema.enum.join()}`];
  if (Array.isArray(value)) return inArray(value, schema, path);
  if (type === "object") return inObject(value as Record<string, unknown>, schema, path);
  if (fits(value, schema)) return [];
  return [`${path}: ${JSON.stringify(value)} is out of bounds`];
}

const isOfType = (type: string, wanted: string) =>
  type === wanted || (type === "integer" && wanted === "number");

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function inArray(value: unknown[], { items, minItems = 0 }: Schema, path: string): string[] {
  const few = value.length < minItems ? [`${path}: fewer than ${minItems}`] : [];
  return [
    ...few,
    ...value.flatMap((item, at) => (items ? mistakesIn(item, items, `${path}[${at}]`) : [])),
  ];
}

function inObject(value: Record<string, unknown>, schema: Schema, path: string): string[] {
  const { properties = {}, additionalProperties, required = [], minProperties = 0 } = schema;
  const missing = required
    .filter((name) => !(name in value))
    .map((name) => `${path}.${name}: missing`);
  const few = Object.keys(value).length < minProperties ? [`${path}: empty`] : [];
  const own = Object.entries(value).flatMap(([name, item]) => {
    const known = properties[name] ?? (additionalProperties === true ? {} : additionalProperties);
    if (known) return mistakesIn(item, known, `${path}.${name}`);
    return schema["x-kubernetes-preserve-unknown-fields"] ? [] : [`${path}.${name}: unknown`];
  });
  return [...missing, ...few, ...own];
}

function fits(value: unknown, schema: Schema): boolean {
  if (typeof value === "number") return within(value, schema.minimum, schema.maximum);
  if (typeof value !== "string") return true;
  const { pattern, minLength, maxLength } = schema;
  const matches = pattern === undefined || new RegExp(pattern).test(value);
  return matches && within(value.length, minLength, maxLength);
}

const within = (value: number, least = -Infinity, most = Infinity) =>
  value >= least && value <= most;
