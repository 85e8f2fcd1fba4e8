// Locks of Pulumi's file backend, which an engine that was killed leaves behind.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { identify } from "../stand-ins/shared/process";
import type { Console } from "./console";
import type { Stack } from "./engine";

interface StateLock {
  pid: number;
  hostname: string;
}

/** The locks of a stack in a file backend; other backends keep theirs to themselves. */
function locksOf(stack: string): StateLock[] {
  const folder = (process.env["PULUMI_BACKEND_URL"] ?? "").replace(/^file:\/\//, "");
  const locks = path.join(folder, ".pulumi", "locks");
  if (!existsSync(locks)) return [];
  return readdirSync(locks, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json") && path.dirname(file).endsWith(stack))
    .map((file) => JSON.parse(readFileSync(path.join(locks, file), "utf8")) as StateLock);
}

/** Whether something holds the stack; of a backend that keeps its locks to itself nobody knows. */
export function mayBeLocked(stack: string): boolean {
  const isFile = process.env["PULUMI_BACKEND_URL"]?.startsWith("file://") ?? false;
  return !isFile || locksOf(stack).length > 0;
}

/** Takes away the locks of dead engines. Throws when a living one holds the stack. */
export async function releaseLocks(stack: Stack, console: Console): Promise<void> {
  const locks = locksOf(stack.name);
  const held = locks.find(({ pid, hostname: host }) => host !== hostname() || identify(pid));
  if (held)
    throw new Error(
      `Stack ${stack.name} is being updated by process ${held.pid} on ${held.hostname}. ` +
        "Wait for it, end it, or take its lock away with `pulumi cancel`.",
    );
  if (locks.length === 0) return;
  console.say("the last run was cut off: taking its lock away");
  await stack.cancel();
}
