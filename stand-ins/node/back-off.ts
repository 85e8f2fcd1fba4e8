// How long a kubelet waits before it tries again, and a wait that can be called off.

const steadyMilliseconds = 10 * 60 * 1000;

/** The wait before the next start: none at first, then 10 s doubling to 5 min; a long run starts it over. */
export function restartDelay(failures: number): number {
  return failures === 0 ? 0 : Math.min(10_000 * 2 ** (failures - 1), 300_000);
}

/** How many quick endings there are in a row after one more. */
export function failuresAfter(failures: number, ranMilliseconds: number): number {
  return ranMilliseconds >= steadyMilliseconds ? 0 : failures + 1;
}

/** Milliseconds as Go writes a duration: 10s, 2m40s, 5m0s. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** Waits, or returns early when the signal is aborted. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
