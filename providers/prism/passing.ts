// What passes by itself, and how long to wait for that. Pure.

const STATUSES = new Set([408, 429, 502, 503, 504]);
const CODES = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
]);
const LONGEST = 120_000;

/** Whether an answer of this status may be another one a little later. */
export function passesStatus(status: number): boolean {
  return STATUSES.has(status);
}

/** Whether a connection that failed in this way may work a little later; no certificate gets better by waiting. */
export function passesCode(code: string | undefined): boolean {
  return code !== undefined && CODES.has(code);
}

/** Milliseconds before the next attempt: as the answer asks (seconds or a date), else 1, 2, 4, 8 s. */
export function delayBefore(attempt: number, retryAfter: string | undefined, now: Date): number {
  const asked = retryAfter === undefined ? NaN : askedFor(retryAfter, now);
  const delay = Number.isFinite(asked) ? asked : 500 * 2 ** attempt;
  return Math.min(Math.max(delay, 0), LONGEST);
}

function askedFor(retryAfter: string, now: Date): number {
  return /^\d+$/.test(retryAfter.trim())
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - now.getTime();
}
