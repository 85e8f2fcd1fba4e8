// What a noun's file offers to the server: routes whose handlers know nothing of HTTP's machinery.
import type { Readable } from "node:stream";
import type { Behaviour } from "./behaviour";

export interface Call {
  params: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  /** The body as it comes, for requests that carry bytes. */
  stream: Readable;
  user: string;
  behaviour: Behaviour;
  /** Lists leave out what was made after this time. */
  listsUntil?: string;
}

export interface Reply {
  status: number;
  body?: object | Readable;
  headers?: Record<string, string>;
}

export interface Route {
  method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  /** As the server's router writes it; `V4` below stands for the version. */
  path: string;
  /** Answers without credentials. */
  open?: boolean;
  /** Changes something: a repeated NTNX-Request-Id gets the first answer again. Whether one must be there. */
  once?: "required" | "optional";
  /** Query parameters that are understood; `list` for those of a v4 list. @default none */
  query?: string[] | "list";
  handle: (call: Call) => Reply | Promise<Reply>;
}

/** The version in a path: v4.0 to v4.3. */
export const V4 = ":version(^v4\\.[0-3]$)";

export function param(call: Call, name: string): string {
  return call.params[name] ?? "";
}

export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A JSON object's fields, or an empty record where something else came. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** A JSON array's items, or none. */
export function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
