// Faults as data: what a rule may say, and the check that finds what it says wrongly. Rules come from the seed and,
// at run time, from PUT /debug/faults.
import { invalid } from "./errors";

/** A number of bytes (or bytes a second) of what the client sends or of what it is sent. */
export interface Sides {
  request?: number;
  response?: number;
}

export interface FaultRule {
  /**
   * What it meets. Requests: a method or `*`, and the start of a path ("GET /api/vmm/*\/ahv/config/vms"), where `*` is
   * one segment and a `$` at the end means the end. Tasks: an operation ("kVmCreate") or `k*`.
   */
  when: string;
  /** How many it lets pass first. @default 0 */
  skip?: number;
  /** How many it hits at most; without it, all. */
  times?: number;
  /** Hits each nth. */
  every?: number;
  /** Hits this share, 0 to 1, by a seeded random: the same run gets the same faults. */
  probability?: number;
  /** Of the random. @default the rule's place in the list */
  randomSeed?: number;
  /** Requests: answers this status in the place of the route. Tasks: the error they end with. */
  fail?: number | string;
  /** Seconds that a 429 or 503 tells to wait. @default 1 for a 429 */
  retryAfter?: number;
  /** Milliseconds before the request is looked at, or before the task's work. */
  delay?: number;
  /** Drops the connection after so many bytes of a body. An answer is lost after its route has acted. */
  drop?: Sides;
  /** Bytes a second. */
  slow?: Sides;
  /** Lists leave out what is younger than this many milliseconds. */
  lag?: number;
  /** Sessions (cookies) end before the request is judged. */
  endSessions?: boolean;
  /** The answer's ETag is out of date, so that a change based on it gets 412. */
  staleEtag?: boolean;
  /**
   * Ends the task in its work's place: CANCELED, SUSPENDED, or FAILED without any error message. The Go SDK waits for
   * ever on all three.
   */
  end?: "CANCELED" | "SUSPENDED" | "FAILED";
  /** The task stays RUNNING for ever: its work never done, or done. It does not hold up the entity's other tasks. */
  hang?: "before" | "after";
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Check = (value) => isCount(value) && value !== 0;
const isShare: Check = (value) => typeof value === "number" && value >= 0 && value <= 1;
const isSides =
  (isSize: Check): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(
      ([side, size]) => ["request", "response"].includes(side) && isSize(size),
    );

const isStatus: Check = (value) => isCount(value) && Number(value) >= 400 && Number(value) <= 599;
const isText: Check = (value) => typeof value === "string" && value !== "";
const isHang: Check = (value) => value === "before" || value === "after";
const isFlag: Check = (value) => typeof value === "boolean";
const isEnd: Check = (value) => ["CANCELED", "SUSPENDED", "FAILED"].includes(String(value));

const WHICH: Record<string, [Check, string]> = {
  when: [isText, ""],
  skip: [isCount, "a whole number"],
  times: [isCount, "a whole number"],
  every: [isPositive, "a whole number above 0"],
  probability: [isShare, "a number from 0 to 1"],
  randomSeed: [isCount, "a whole number"],
  delay: [isCount, "milliseconds"],
};
const OF_REQUESTS: typeof WHICH = {
  ...WHICH,
  fail: [isStatus, "a status from 400 to 599"],
  retryAfter: [isCount, "seconds"],
  drop: [isSides(isCount), "{ request: bytes } or { response: bytes }"],
  slow: [isSides(isPositive), "{ request: bytes a second } or { response: bytes a second }"],
  lag: [isCount, "milliseconds"],
  endSessions: [isFlag, "true or false"],
  staleEtag: [isFlag, "true or false"],
};
const OF_TASKS: typeof WHICH = {
  ...WHICH,
  fail: [isText, "the error's message"],
  hang: [isHang, '"before" or "after" (its work)'],
  end: [isEnd, "CANCELED, SUSPENDED or FAILED"],
};

const REQUESTS = /^(?:\*|GET|POST|PUT|DELETE|OPTIONS) \/api\/\S*$/;
const TASKS = /^k(?:\*|[A-Z]\w*)$/;

/** Whether a rule is about tasks rather than requests. */
export function isOfTasks(rule: FaultRule): boolean {
  return TASKS.test(rule.when);
}

/** The rules that a seed or a body holds; throws a 400 that names the first mistake and what is allowed. */
export function readFaultRules(value: unknown): FaultRule[] {
  if (!Array.isArray(value)) throw invalid("Fault rules are a list.");
  return value.map((rule, at) => {
    const wrong = mistakeIn(rule);
    if (wrong !== undefined) throw invalid(`Fault rule ${at + 1}: ${wrong}`);
    return rule as FaultRule;
  });
}

function mistakeIn(value: unknown): string | undefined {
  const rule = (value ?? {}) as FaultRule;
  const when: unknown = rule.when;
  if (typeof when !== "string" || !(REQUESTS.test(when) || TASKS.test(when)))
    return `when is ${JSON.stringify(when)}; it must be like "POST /api/vmm/", "* /api/" or "kVmCreate".`;
  const known = isOfTasks(rule) ? OF_TASKS : OF_REQUESTS;
  return Object.entries(rule)
    .map(([key, given]) => mistakeAt(key, given, known))
    .find((mistake) => mistake !== undefined);
}

function mistakeAt(key: string, given: unknown, known: typeof WHICH): string | undefined {
  const [isRight, wanted] = known[key] ?? [];
  if (!isRight) return `"${key}" is unknown here; known are ${Object.keys(known).join(", ")}.`;
  return isRight(given) ? undefined : `${key} is ${JSON.stringify(given)}; it must be ${wanted}.`;
}
