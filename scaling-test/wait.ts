// Waiting for a phase, never longer than its budget, whatever a server does. This program's own clock is for
// budgets only, never for a time in the report.

const POLL_MILLISECONDS = 150;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const GONE = Symbol("time is up");

/** What `work` comes to, or GONE when it takes longer. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | typeof GONE> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<typeof GONE>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, milliseconds), GONE);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

export interface Patience {
  seconds: number;
  /** Between two looks. @default 150 */
  pauseMilliseconds?: number;
  /** Called every `everySeconds` while nothing was found. */
  meanwhile?: { everySeconds: number; tell: () => Promise<void> };
  signal?: AbortSignal;
}

/**
 * Looks until something is found. Answers undefined and the last problem when the time is up, or when it was told to
 * stop; never later than that, even while a look is still under way.
 */
export async function until<T>(
  look: () => Promise<T | undefined>,
  { seconds, pauseMilliseconds = POLL_MILLISECONDS, meanwhile, signal }: Patience,
): Promise<{ found?: T; problem?: string }> {
  const deadline = Date.now() + seconds * 1000;
  const telling = teller(meanwhile);
  let last: { problem?: string } = {};
  while (Date.now() < deadline && signal?.aborted !== true) {
    const result = await within(deadline - Date.now(), attempt(look));
    if (result === GONE) return { problem: "a server did not answer", ...last };
    if (result.found !== undefined) return { found: result.found };
    if (result.problem !== undefined) last = { problem: result.problem };
    await within(deadline - Date.now(), telling());
    await sleep(pauseMilliseconds);
  }
  return last;
}

async function attempt<T>(
  look: () => Promise<T | undefined>,
): Promise<{ found?: T | undefined; problem?: string }> {
  try {
    const found = await look();
    return { found };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Tells when it is time again; what goes wrong in telling is nobody's concern. */
function teller(meanwhile: Patience["meanwhile"]): () => Promise<void> {
  if (!meanwhile) return () => Promise.resolve();
  const pause = meanwhile.everySeconds * 1000;
  let next = Date.now() + pause;
  return async () => {
    if (Date.now() < next) return;
    next = Date.now() + pause;
    await meanwhile.tell().catch(() => undefined);
  };
}
