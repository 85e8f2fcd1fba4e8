// Which rules hit a request or a task: their counters and their random, so that tests and people can make Prism
// Central misbehave, the same way each time.
import { ApiError, staleEtag } from "./errors";
import type { FaultRule } from "./fault-rules";
import { isOfTasks } from "./fault-rules";
import { rateLimitHeaders } from "./rate-limit";

/** What befalls one request or task; of two rules that hit it, delays add up and else the first one counts. */
export type Fault = Omit<FaultRule, "when">;

interface Entry {
  rule: FaultRule;
  fits: RegExp;
  random: () => number;
  seen: number;
  hit: number;
}

export class Faults {
  private entries: Entry[] = [];

  constructor(rules: FaultRule[]) {
    this.replace(rules);
  }

  /** Puts other rules in the place of all; counting begins anew. */
  replace(rules: FaultRule[]): void {
    this.entries = rules.map((rule, at) => ({
      rule,
      fits: patternOf(rule),
      random: seededRandom(rule.randomSeed ?? at + 1),
      seen: 0,
      hit: 0,
    }));
  }

  /** The rules with how many they have seen (fitting `when`) and hit. */
  statistics(): (FaultRule & { seen: number; hit: number })[] {
    return this.entries.map(({ rule, seen, hit }) => ({ ...rule, seen, hit }));
  }

  /** What befalls a request; counts it. */
  ofRequest({ method, path }: { method: string; path: string }): Fault | undefined {
    return this.meet(`${method} ${path}`);
  }

  /** What befalls a new task; counts it. */
  ofTask(operation: string): Fault | undefined {
    return this.meet(operation);
  }

  private meet(what: string): Fault | undefined {
    let fault: Fault | undefined;
    for (const entry of this.entries) {
      if (!entry.fits.test(what) || !hits(entry)) continue;
      const delay = (fault?.delay ?? 0) + (entry.rule.delay ?? 0);
      fault = { ...entry.rule, ...fault, delay };
    }
    return fault;
  }
}

/** The answer of a rule that fails requests. */
export function injected(status: number, retryAfter = status === 429 ? 1 : undefined): ApiError {
  if (status === 412) return staleEtag("of a fault rule");
  return new ApiError({
    status,
    code: `LAB-${status}`,
    group: status === 429 ? "RATE_LIMIT_EXCEEDED" : "INJECTED_FAULT",
    message: `A fault rule answered ${status}.`,
    headers: {
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(status === 429 ? rateLimitHeaders(A_SMALL_ONE, 0, retryAfter ?? 1) : {}),
    },
  });
}

/** Requests a second that the smaller sizes of pc.7.6 allow. */
const A_SMALL_ONE = 40;

function hits(entry: Entry): boolean {
  const { skip = 0, times = Infinity, every = 1, probability = 1 } = entry.rule;
  entry.seen += 1;
  const number = entry.seen - skip;
  // Drawn each time, so that skip and times do not shift what follows.
  const isDrawn = entry.random() < probability;
  if (number <= 0 || number % every !== 0 || !isDrawn || entry.hit >= times) return false;
  entry.hit += 1;
  return true;
}

function patternOf(rule: FaultRule): RegExp {
  const isExact = rule.when.endsWith("$") || isOfTasks(rule);
  const source = rule.when
    .replace(/\$$/, "")
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^/ ]*");
  return new RegExp(`^${source}${isExact ? "$" : ""}`);
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
