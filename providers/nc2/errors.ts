// What goes wrong with the NC2 console, said so that its reader knows what was tried and what to do.
import { told } from "../prism/errors";
import { passesCode, passesStatus } from "../prism/passing";

interface Details {
  /** HTTP status, where there was an answer. */
  status?: number | undefined;
  /** The answer's Retry-After. */
  retryAfter?: string | undefined;
  cause?: unknown;
}

/** The console refused, failed or could not be reached; or what is wished cannot be. */
export class Nc2Error extends Error {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** Whether the same request may be answered well a little later. */
  readonly passes: boolean;

  constructor(message: string, { status, retryAfter, cause }: Details = {}) {
    super(message, { cause });
    this.name = "Nc2Error";
    this.status = status;
    this.retryAfter = retryAfter;
    const code = (cause as { code?: string } | undefined)?.code;
    this.passes = status === undefined ? passesCode(code) : status === 500 || passesStatus(status);
    // Pulumi prints stacks; these messages stand for themselves.
    if (!process.env["LAB_DEBUG"]) this.stack = "";
  }
}

const REMEDIES: Record<number, string> = {
  400: "Correct what the console names.",
  401: "Check NC2_KEY_ID and NC2_API_KEY, or console.keyId and console.apiKey of the stack, and that the key was not revoked.",
  403: "The key's user must be a cluster administrator of the organization.",
  404: "Check console.url, and the ids of organization and cloud account.",
  429: "The console limits its clients: try again later.",
};

interface Answer {
  status: number;
  data: unknown;
  headers: unknown;
}

/** An answer that says no. `now` is this machine's time: a token is refused where clocks differ. */
export function refusal(request: string, { status, data, headers }: Answer, now: Date): Nc2Error {
  const said = saidIn(data);
  const told = headers as Record<string, string | undefined>;
  const skew = status === 401 ? skewIn(told["date"], now) : undefined;
  const remedy = skew ?? REMEDIES[status] ?? (status >= 500 ? "Try again later." : "");
  const text = `${request} failed: it answered ${status}${said === "" ? "" : ` (${said})`}.`;
  return new Nc2Error(`${text} ${remedy}`.trim(), { status, retryAfter: told["retry-after"] });
}

/** An answer that no NC2 console gives. */
export function strange(request: string, status: number): Nc2Error {
  return new Nc2Error(
    `${request} failed: it answered ${status}, but not as the NC2 console does. Check console.url.`,
    { status },
  );
}

/** No answer at all. */
export function unreachable(request: string, cause: unknown): Nc2Error {
  const reason = told(cause);
  const code = (cause as { code?: string } | undefined)?.code;
  const remedy = /certificate|self.signed|issuer/i.test(reason)
    ? "Give its CA as console.trustBundle."
    : "Check console.url, and that this machine reaches it.";
  // An axios error carries its request, the token included.
  const plain = Object.assign(new Error(reason), { code });
  return new Nc2Error(`${request} failed: ${reason}. ${remedy}`, { cause: plain });
}

const TOLERATED_SKEW = 60_000;

function skewIn(date: string | undefined, now: Date): string | undefined {
  const skew = now.getTime() - Date.parse(date ?? "");
  if (!(Math.abs(skew) > TOLERATED_SKEW)) return undefined;
  const minutes = Math.round(Math.abs(skew) / 60_000);
  return `This machine's clock is ${minutes} min ${skew > 0 ? "ahead of" : "behind"} the console's, so its tokens are not valid: set the clock.`;
}

const LONGEST = 300;

/** No source gives the shape of a refusal: what frameworks use is read, anything else quoted. */
function saidIn(body: unknown): string {
  if (typeof body === "string") return body.slice(0, LONGEST).trim();
  const { errors, error, message } = (body ?? {}) as Record<string, unknown>;
  const found = [errors, error, message].flatMap((part) => textsIn(part));
  if (found.length > 0) return found.join("; ").slice(0, LONGEST);
  return body === undefined || body === null ? "" : JSON.stringify(body).slice(0, LONGEST);
}

function textsIn(part: unknown): string[] {
  if (typeof part === "string") return [part];
  if (Array.isArray(part)) return part.flatMap((item: unknown) => textsIn(item));
  if (typeof part !== "object" || part === null) return [];
  const { detail, message, title } = part as Record<string, unknown>;
  const said = detail ?? message ?? title;
  if (typeof said === "string") return [said];
  return Object.entries(part).flatMap(([name, item]) =>
    textsIn(item).map((text) => `${name}: ${text}`),
  );
}
