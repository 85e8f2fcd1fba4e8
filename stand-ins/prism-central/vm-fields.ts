// Reading a VM's fields: each is as the API wants it, or the request is refused by the field's name.
import { invalid } from "./errors";
import { fieldsOf, textOf } from "./route";

export function required(value: string | undefined, name: string): string {
  if (value === undefined) throw invalid(`A VM needs ${name}.`, name);
  return value;
}

/** A whole number that is not below `least`. */
export function count(
  value: unknown,
  name: string,
  { fallback, least = 0 }: { fallback?: number; least?: number } = {},
): number {
  const number = value ?? fallback;
  if (typeof number !== "number" || !Number.isSafeInteger(number))
    throw invalid(`${name} must be a whole number.`, name);
  if (number < least) throw invalid(`${name} must be at least ${least}, not ${number}.`, name);
  return number;
}

export function extIdIn(value: unknown): string | undefined {
  return textOf(fieldsOf(value)["extId"]);
}

export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

export function decoded(text: string, what: string): string {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw invalid(`${what} is not base64.`, what);
  return Buffer.from(text, "base64").toString("utf8");
}
