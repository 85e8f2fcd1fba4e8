// What a person sees while the lab works: on a terminal a board of rows that is redrawn, elsewhere one plain line per
// thing that happens, for machines one JSON object a line. Long waits repeat what is under way, so that silence
// never lasts.

import { createLogUpdate } from "log-update";
import { boardLines, type Mode, modeOf, plainLine, type Row, usesColour } from "./terminal";

export interface Console {
  /** A line for people (and for machines as type "message"). */
  say(line: string): void;
  /** Puts a row on the board, or changes it. */
  show(row: Row): void;
  /** An object for machines; people are not told. */
  tell(object: { type: string } & Record<string, unknown>): void;
  /** Leaves the board as it is; later rows begin a new one. */
  settle(): void;
  /** Seconds since the console was made. */
  elapsed(): number;
}

export interface ConsoleOptions {
  json?: boolean;
  environment?: NodeJS.ProcessEnv;
  /** Milliseconds. */
  now?: () => number;
}

type Stream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

const REPEAT_SECONDS = 10;

/** A console that writes to a stream (stderr for commands whose stdout is data). */
export function makeConsole(
  stream: Stream = process.stdout,
  options: ConsoleOptions = {},
): Console {
  const { json = false, environment = process.env, now = Date.now } = options;
  const mode = modeOf(stream, environment, json);
  const start = now();
  const elapsed = () => (now() - start) / 1000;
  const write = (text: string) => void stream.write(text);
  return { elapsed, ...WRITERS[mode]({ stream, write, elapsed, environment }) };
}

interface Surroundings {
  stream: Stream;
  write: (text: string) => void;
  elapsed: () => number;
  environment: NodeJS.ProcessEnv;
}

type Writer = Omit<Console, "elapsed">;

const nothing = () => undefined;

const stamped = (seconds: number, text: string) => {
  const stamp = `${seconds.toFixed(0).padStart(4)}s`;
  return text
    .split("\n")
    .map((part) => `${`${stamp}  ${part}`.trimEnd()}\n`)
    .join("");
};

/** A line for each change of state, and every ten seconds what goes on. */
function plainWriter({ write, elapsed }: Surroundings): Writer {
  const last = new Map<string, { state: string; at: number }>();
  return {
    say: (line) => {
      write(stamped(elapsed(), line));
    },
    show: (row) => {
      const before = last.get(row.name);
      const isNew = before?.state !== row.state && row.state !== "waiting";
      const isBusy = row.state === "running" && row.detail !== undefined;
      const isDue = isBusy && elapsed() - (before?.at ?? 0) >= REPEAT_SECONDS;
      if (!isNew && !isDue) return;
      last.set(row.name, { state: row.state, at: elapsed() });
      write(stamped(elapsed(), plainLine(row)));
    },
    tell: nothing,
    settle: () => {
      last.clear();
    },
  };
}

/** Objects, each with the seconds since the start; rows as type "progress". */
function jsonWriter({ write, elapsed }: Surroundings): Writer {
  const last = new Map<string, string>();
  const put = (object: object) => {
    write(`${JSON.stringify({ at: Math.round(elapsed() * 10) / 10, ...object })}\n`);
  };
  return {
    say: (text) => {
      if (text.trim() !== "") put({ type: "message", text });
    },
    show: (row) => {
      const key = `${row.state} ${row.detail ?? ""} ${row.share?.toFixed(2) ?? ""}`;
      if (last.get(row.name) === key) return;
      last.set(row.name, key);
      put({ type: "progress", ...row, seconds: Math.round(row.seconds * 10) / 10 });
    },
    tell: put,
    settle: () => {
      last.clear();
    },
  };
}

/** Rows below, redrawn; what is said scrolls by above them. */
function liveWriter({ stream, write, elapsed, environment }: Surroundings): Writer {
  // Any stream will do for it: it writes, and asks for columns.

  const update = createLogUpdate(stream);
  const rows = new Map<string, Row>();
  const colour = usesColour("live", environment);
  const draw = () => {
    const lines = boardLines([...rows.values()], stream.columns ?? 80, colour);
    if (lines.length > 0) update(lines.join("\n"));
  };
  process.once("exit", () => {
    update.done();
  });
  return {
    say: (line) => {
      update.clear();
      write(stamped(elapsed(), line));
      draw();
    },
    show: (row) => {
      rows.set(row.name, row);
      draw();
    },
    tell: nothing,
    settle: () => {
      update.done();
      rows.clear();
    },
  };
}

const WRITERS: Record<Mode, (around: Surroundings) => Writer> = {
  plain: plainWriter,
  json: jsonWriter,
  live: liveWriter,
};

/** Calls `tell` every `seconds` until the returned function is called. */
export function heartbeat(seconds: number, tell: () => void): () => void {
  const timer = setInterval(tell, seconds * 1000);
  return () => {
    clearInterval(timer);
  };
}

/** Lines of a table with columns as wide as needed. Pure. */
export function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
