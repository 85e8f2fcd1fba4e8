// What goes wrong with Prism Central, said so that its reader knows what was tried and what to do.
import { passesCode, passesStatus } from "./passing";

interface Details {
  /** HTTP status, where there was an answer. */
  status?: number | undefined;
  /** The answer's Retry-After. */
  retryAfter?: string | undefined;
  /** What to do, which the message ends with. */
  remedy?: string | undefined;
  cause?: unknown;
}

/** Prism Central refused, failed or could not be reached. */
export class PrismError extends Error {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** Whether the same request may be answered well a little later. */
  readonly passes: boolean;
  /** What was tried and what answered, and what to do about it: together the message. */
  readonly said: string;
  readonly remedy: string | undefined;

  constructor(message: string, { status, retryAfter, remedy, cause }: Details = {}) {
    super(remedy === undefined ? message : `${message} ${remedy}`, { cause });
    this.said = message;
    this.remedy = remedy;
    this.name = "PrismError";
    this.status = status;
    this.retryAfter = retryAfter;
    this.passes = status === undefined ? passesCode(codeOf(cause)) : passesStatus(status);
    // Pulumi prints stacks; these messages stand for themselves.
    if (!process.env["LAB_DEBUG"]) this.stack = "";
  }
}

const REMEDIES: Record<number, string> = {
  401: "Check NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, in the environment, or prismCentral.username and prismCentral.password of the stack.",
  403: "The user's role must allow to make, upload, change and delete images.",
  404: "Check that address and port are those of a Prism Central.",
  409: "Something else changed it at the same time: try again.",
  429: "Prism Central limits its clients: try again later.",
};

/** An answer that says no. */
export function refusal(
  request: string,
  answer: { status: number; data: unknown; headers: unknown },
): PrismError {
  const { status } = answer;
  const said = messagesIn(answer.data);
  const remedy = REMEDIES[status];
  const text = `${request} failed: it answered ${status}${said === "" ? "" : ` (${said})`}.`;
  const retryAfter = (answer.headers as Record<string, string | undefined>)["retry-after"];
  return new PrismError(text, { status, retryAfter, remedy });
}

/** An answer that no Prism Central gives. */
export function strange(request: string, status: number): PrismError {
  return new PrismError(
    `${request} failed: it answered ${status}, but not as Prism Central does.`,
    {
      status,
      remedy: REMEDIES[404],
    },
  );
}

const OTHER_NAMES =
  "The certificate is for other names: use one of them as address, or set insecure.";
const CAUSES: Record<string, string> = {
  ENOTFOUND: "No such host is known: check address.",
  EAI_AGAIN: "No name server answers: check address, and this machine's DNS.",
  ECONNREFUSED: "Nothing listens there: check address and port.",
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAMES,
  CERT_HAS_EXPIRED: "Its certificate must be renewed; until then, set insecure.",
  EPROTO: "That port does not speak TLS: check address and port.",
  ERR_SSL_WRONG_VERSION_NUMBER: "That port does not speak TLS: check address and port.",
};

/** No answer at all. */
export function unreachable(request: string, cause: unknown): PrismError {
  const reason = told(cause);
  const known = CAUSES[codeOf(cause) ?? ""];
  const isUntrusted = /certificate|self.signed|issuer/i.test(reason);
  const otherwise = isUntrusted
    ? "Give its CA as trustBundle, or set insecure."
    : "Check address and port, and that this machine reaches them.";
  // An axios error carries its request, credentials included.
  const plain = Object.assign(new Error(reason), { code: codeOf(cause) });
  return new PrismError(`${request} failed: ${reason}.`, {
    remedy: known ?? otherwise,
    cause: plain,
  });
}

/** What an error says. */
export function told(error: unknown): string {
  const { message, name } = (error ?? {}) as { message?: string; name?: string };
  return message ? message : (name ?? String(error));
}

function codeOf(cause: unknown): string | undefined {
  return (cause as { code?: string } | undefined)?.code;
}

/** v3's message_list or v4's list of errors, as one line. */
function messagesIn(body: unknown): string {
  const { message_list: v3, data } = (body ?? {}) as {
    message_list?: { message?: string }[];
    data?: { error?: { message?: string }[] };
  };
  const list = v3 ?? data?.error;
  return Array.isArray(list) ? list.map((item) => item.message ?? "").join("; ") : "";
}
