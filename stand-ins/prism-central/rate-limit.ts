// How many requests a user may make in a second: a bucket that refills with time and holds a second's worth.
import { tooMany } from "./errors";

interface Bucket {
  left: number;
  at: number;
}

export class RateLimit {
  private readonly perSecond: number;
  private readonly now: () => Date;
  private readonly buckets = new Map<string, Bucket>();

  /** 0 for no limit. */
  constructor(perSecond: number, now: () => Date) {
    this.perSecond = perSecond;
    this.now = now;
  }

  /** Takes one request from the user's bucket: the headers for its answer. Throws 429 when it is empty. */
  take(user: string): Record<string, string> {
    if (this.perSecond === 0) return {};
    const now = this.now().getTime();
    const before = this.buckets.get(user) ?? { left: this.perSecond, at: now };
    const refilled = before.left + ((now - before.at) / 1000) * this.perSecond;
    const left = Math.min(this.perSecond, refilled);
    const isEmpty = left < 1;
    this.buckets.set(user, { left: isEmpty ? left : left - 1, at: now });
    const headers = rateLimitHeaders(this.perSecond, isEmpty ? 0 : Math.floor(left - 1), 1);
    if (!isEmpty) return headers;
    const refusal = tooMany(this.perSecond, 1);
    Object.assign(refusal.refusal.headers ?? {}, headers);
    throw refusal;
  }
}

/** As pc.7.6 sends them; times in seconds. */
export function rateLimitHeaders(
  limit: number,
  remaining: number,
  reset: number,
): Record<string, string> {
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(reset),
    "x-api-ratelimit-limit": String(limit),
    "x-api-ratelimit-refresh-period-seconds": "1",
  };
}
