// What goes wrong with Prism Central, said so that its reader knows what was tried and what to do.

/** Prism Central refused, failed or could not be reached. */
export class PrismError extends Error {
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "PrismError";
    this.status = options.status;
  }
}

const REMEDIES: Record<number, string> = {
  401: "Check NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY.",
  403: "The user's role must allow to make, upload and delete images.",
  409: "Something else changed it at the same time: try again.",
  429: "Prism Central limits its clients: try again later.",
};

/** An answer that says no. */
export function refusal(request: string, status: number, body: unknown): PrismError {
  const said = messagesIn(body);
  const remedy = REMEDIES[status];
  const text = `${request} failed: it answered ${status}${said === "" ? "" : ` (${said})`}.`;
  return new PrismError(remedy === undefined ? text : `${text} ${remedy}`, { status });
}

/** No answer at all. */
export function unreachable(request: string, cause: unknown): PrismError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  const remedy = /certificate|self.signed|issuer/i.test(reason)
    ? "Give its CA as trustBundle, or set insecure."
    : "Check address and port, and that this machine reaches them.";
  return new PrismError(`${request} failed: ${reason}. ${remedy}`, { cause });
}

/** v3's message_list, as one line. */
function messagesIn(body: unknown): string {
  const list = (body as { message_list?: { message?: string }[] } | undefined)?.message_list;
  return Array.isArray(list) ? list.map((item) => item.message ?? "").join("; ") : "";
}
