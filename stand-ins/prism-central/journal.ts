// State on disk: an append-only journal of rows, one JSON line each, rewritten when most of it is history.
// A line is written in one go before the answer leaves, so a killed process loses nothing it confirmed.
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";

/** A row's last known value by table and id. */
export type Snapshot = Map<string, Map<string, unknown>>;

const WORTH_REWRITING = 5_000;

export class Journal {
  private readonly file: string;
  private readonly latest: Snapshot;
  private descriptor: number | undefined;
  private lines = 0;

  constructor(file: string) {
    this.file = file;
    this.latest = new Map();
    if (existsSync(file)) this.read();
  }

  /** The rows that a table had when the journal was opened or last written. */
  rows(table: string): Map<string, unknown> {
    const rows = this.latest.get(table) ?? new Map<string, unknown>();
    this.latest.set(table, rows);
    return rows;
  }

  /** Notes a row's new value, or that it is gone (undefined). */
  write(table: string, id: string, row: unknown): void {
    this.apply(table, id, row);
    // The leading newline ends a line that a crash may have left half written.
    this.descriptor ??= this.openForAppending();
    writeSync(this.descriptor, `${line(table, id, row)}\n`);
    this.lines += 1;
    if (this.lines > WORTH_REWRITING + 4 * this.size()) this.rewrite();
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private read(): void {
    for (const text of readFileSync(this.file, "utf8").split("\n")) {
      const entry = parsed(text);
      if (entry === undefined) continue;
      this.lines += 1;
      this.apply(entry[0], entry[1], entry[2]);
    }
  }

  private apply(table: string, id: string, row: unknown): void {
    if (row === undefined) this.rows(table).delete(id);
    else this.rows(table).set(id, row);
  }

  private openForAppending(): number {
    const descriptor = openSync(this.file, "a", 0o600);
    writeSync(descriptor, "\n");
    return descriptor;
  }

  private size(): number {
    return [...this.latest.values()].reduce((sum, rows) => sum + rows.size, 0);
  }

  private rewrite(): void {
    this.close();
    const text = [...this.latest].flatMap(([table, rows]) =>
      [...rows].map(([id, row]) => line(table, id, row)),
    );
    writeFileSync(`${this.file}.new`, `${text.join("\n")}\n`, { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
    this.lines = text.length;
  }
}

function line(table: string, id: string, row: unknown): string {
  return JSON.stringify(row === undefined ? [table, id] : [table, id, row]);
}

/** A journal's line; undefined for an empty one and for one that a crash cut. */
function parsed(text: string): [string, string, unknown] | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as [string, string, unknown];
  } catch {
    process.stderr.write(`prism-central: a half-written line of the journal was skipped\n`);
    return undefined;
  }
}
