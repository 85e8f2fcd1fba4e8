// A plugin lives as long as its engine: it ends on SIGINT and SIGTERM, and when the pipe that the engine holds
// open as its stdin closes, which is how it learns of an engine that was killed.

import { fstatSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** The engine kills what is not gone 5 s after SIGINT. */
const graceMilliseconds = 4000;
const flushMilliseconds = 20;

/** What ends everything, and what has to end before the process may. */
export class Lifetime {
  readonly stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** Lets the process wait for this work when it is told to end. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Aborts the work, waits for it and for its answers to be sent, but not longer than the engine would. */
  async end(): Promise<void> {
    this.stop.abort();
    if (this.#running.size === 0) return;
    const idle = Promise.allSettled([...this.#running]).then(() => delay(flushMilliseconds));
    await Promise.race([idle, delay(graceMilliseconds)]);
  }
}

/** Ends the process when the engine asks for it or is gone. */
export function endWithEngine(lifetime: Lifetime): void {
  const end = () => void lifetime.end().then(() => process.exit(0));
  process.once("SIGINT", end).once("SIGTERM", end);
  if (!fstatSync(0).isFIFO()) return;
  process.stdin.once("end", end).once("error", end).resume();
}
