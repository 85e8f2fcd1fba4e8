// Groups that failed to grow rest: at first for the initial duration, twice as long after each further failure, at most
// for the largest one. A group that has not failed for the reset time begins anew.

import type { Flags } from "./flags";

interface Failure {
  at: number;
  duration: number;
  reason: string;
}

type Durations = Pick<
  Flags,
  | "initial-node-group-backoff-duration"
  | "max-node-group-backoff-duration"
  | "node-group-backoff-reset-timeout"
>;

export class BackOff {
  private readonly failures = new Map<string, Failure>();
  private readonly flags: Durations;

  constructor(flags: Durations) {
    this.flags = flags;
  }

  /** Notes a failure. One that happens while the group rests already makes no difference. */
  fail(group: string, reason: string, now: number): void {
    if (this.rests(group, now)) return;
    const earlier = this.recent(group, now);
    const first = this.flags["initial-node-group-backoff-duration"];
    const longest = this.flags["max-node-group-backoff-duration"];
    const duration = earlier ? Math.min(2 * earlier.duration, longest) : first;
    this.failures.set(group, { at: now, duration, reason });
  }

  /** Why a group rests; undefined when it does not. */
  reason(group: string, now: number): string | undefined {
    return this.rests(group, now) ? this.failures.get(group)?.reason : undefined;
  }

  rests(group: string, now: number): boolean {
    const failure = this.failures.get(group);
    return failure !== undefined && now < failure.at + failure.duration;
  }

  private recent(group: string, now: number): Failure | undefined {
    const failure = this.failures.get(group);
    if (!failure) return undefined;
    const forgotten = failure.at + this.flags["node-group-backoff-reset-timeout"];
    return now < forgotten ? failure : undefined;
  }
}
