// Faults as data: rules that answer in the place of a route, so that tests can make Prism Central misbehave.
import { ApiError } from "./errors";

export interface FaultRule {
  /** Method and start of the path: "POST /api/vmm/". */
  when: string;
  status: number;
  /** How many requests it hits; without it, all. */
  times?: number;
  /** How many requests it lets pass first. @default 0 */
  skip?: number;
}

/** Counts the requests that each rule has seen; the first rule that fits answers. */
export class Faults {
  private readonly rules: { rule: FaultRule; seen: number }[];

  constructor(rules: FaultRule[]) {
    this.rules = rules.map((rule) => ({ rule, seen: 0 }));
  }

  /** Throws what a rule says about this request, if one does. */
  meet(request: { method: string; path: string }): void {
    for (const entry of this.rules) {
      const { when, status, times, skip = 0 } = entry.rule;
      if (!`${request.method} ${request.path}`.startsWith(when)) continue;
      entry.seen += 1;
      const hit = entry.seen - skip;
      if (hit > 0 && hit <= (times ?? Infinity))
        throw new ApiError({
          status,
          code: `LAB-${status}`,
          group: status === 429 ? "RATE_LIMIT_EXCEEDED" : "INJECTED_FAULT",
          message: `Fault rule "${when}" answered ${status}.`,
        });
    }
  }
}
