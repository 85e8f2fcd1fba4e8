// Waits for a rule to be content: looks at once, then often, then less often.

import { setTimeout as delay } from "node:timers/promises";

import type { RequestContext } from "../../pulumi-plugin/provider";
import { KubeApiError, UnreachableError } from "../client";
import type { KubeObject } from "../kube-object";
import { nameOf } from "../kube-object";
import type { Rule, Verdict } from "./verdict";

/** The object is there but not well; `object` is what was last seen of it. */
export class NotReadyError extends Error {
  readonly object: KubeObject;
  constructor(message: string, object: KubeObject) {
    super(message);
    this.name = "NotReadyError";
    this.object = object;
  }
}

/** Time, so that tests need not wait. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
}

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
};

export interface Wait {
  readonly rule: Rule;
  readonly timeoutSeconds: number;
  /** The object as it is now; undefined when it is gone. */
  readonly get: (object: KubeObject) => Promise<KubeObject | undefined>;
  readonly context: Pick<RequestContext, "signal" | "log">;
  readonly clock?: Clock;
}

/** The object once its rule is content; throws NotReadyError when time is up or it cannot become well. */
export async function waitUntilReady(written: KubeObject, wait: Wait): Promise<KubeObject> {
  const clock = wait.clock ?? realClock;
  const start = clock.now();
  let live = written;
  let shown = "";
  for (;;) {
    const verdict = await wait.rule(live, wait.get);
    if (verdict.ready) {
      if (shown !== "") await wait.context.log("info", "", { ephemeral: true });
      return live;
    }
    if (verdict.status !== shown) {
      shown = verdict.status;
      void wait.context.log("info", shown, { ephemeral: true });
    }
    giveUpIfHopeless(verdict, live, wait, clock.now() - start);
    await clock.sleep(pause(clock.now() - start), wait.context.signal).catch(() => undefined);
    live = await look(live, wait);
  }
}

function giveUpIfHopeless(verdict: Verdict, live: KubeObject, wait: Wait, elapsed: number): void {
  if (wait.context.signal.aborted) {
    throw new NotReadyError(`Resource operation was cancelled for "${nameOf(live)}"`, live);
  }
  if (verdict.hopeless) {
    throw new NotReadyError(`'${nameOf(live)}' failed: ${verdict.status}`, live);
  }
  if (elapsed >= wait.timeoutSeconds * 1000) {
    const message = `'${nameOf(live)}' timed out waiting to be Ready: ${verdict.status}`;
    throw new NotReadyError(message, live);
  }
}

async function look(last: KubeObject, wait: Wait): Promise<KubeObject> {
  let live: KubeObject | undefined;
  try {
    live = await wait.get(last);
  } catch (error) {
    // An API server may be away for a moment; the time-out is what ends the wait.
    if (error instanceof UnreachableError || isServerTrouble(error)) return last;
    throw error;
  }
  if (!live) throw new NotReadyError(`'${nameOf(last)}' was deleted while waiting for it`, last);
  return live;
}

function isServerTrouble(error: unknown): boolean {
  return error instanceof KubeApiError && error.status >= 500;
}

/** Milliseconds until the next look: latency first, then calm. */
export function pause(elapsed: number): number {
  if (elapsed < 1000) return 100;
  if (elapsed < 10_000) return 250;
  return elapsed < 60_000 ? 500 : 1000;
}
