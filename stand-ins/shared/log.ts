// Log lines of the stand-ins' controllers: a time, a sentence, then name="value" pairs, on standard error.

/** Writes one line. */
export function log(message: string, fields: Record<string, unknown> = {}): void {
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  process.stderr.write(`${new Date().toISOString()} ${message}${pairs.join("")}\n`);
}
