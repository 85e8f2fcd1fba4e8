// A plugin lives as long as its engine: it ends on SIGINT and SIGTERM, and when the pipe that the engine holds
// open as its stdin closes, which is how it learns of an engine that was killed.

import { fstatSync } from "node:fs";

import type { Server } from "@grpc/grpc-js";

/** The engine kills what is not gone 5 s after SIGINT. */
const graceMilliseconds = 4000;

/** Aborts running requests and ends the process when the engine asks for it or is gone. */
export function stopWithEngine(server: Server, stop: AbortController): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop.abort();
    setTimeout(() => process.exit(0), graceMilliseconds).unref();
    server.tryShutdown(() => process.exit(0));
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  if (!fstatSync(0).isFIFO()) return;
  process.stdin.on("end", end).on("error", end).resume();
}
