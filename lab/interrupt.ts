// Ctrl-C while the engine works: the first one lets it end what it is at, the second one leaves.

import type { Console } from "./console";

export interface Interrupt {
  /** To be given to the engine. */
  signal: AbortSignal;
  /** From now on Ctrl-C ends this process again. */
  stop: () => void;
}

/**
 * Waits for Ctrl-C (SIGINT). A terminal sends it to the engine as well, which takes a second one as the order to drop
 * everything: there it is only waited for. Elsewhere (a CI job, `kill -INT`) the signal passes it on.
 */
export function onInterrupt(
  console: Pick<Console, "say">,
  hasTerminal: boolean = process.stdin.isTTY,
): Interrupt {
  const engine = new AbortController();
  let once = false;
  const interrupted = () => {
    if (once) process.exit(130);
    once = true;
    console.say("interrupted: the engine ends what it is at; once more leaves at once");
    if (!hasTerminal) engine.abort();
  };
  // It stays: execa's signal-exit ends a process that has no listener but its own.
  process.on("SIGINT", interrupted);
  return { signal: engine.signal, stop: () => process.off("SIGINT", interrupted) };
}
