// What a person sees: one plain line per thing that happens, with the seconds since the start. Long waits
// repeat what is under way, so that silence never lasts.

export interface Console {
  say(line: string): void;
  /** Seconds since the console was made. */
  elapsed(): number;
}

/** A console that writes to a stream (stderr for commands whose stdout is data). */
export function makeConsole(stream: NodeJS.WritableStream = process.stdout): Console {
  const start = Date.now();
  const elapsed = () => (Date.now() - start) / 1000;
  return {
    elapsed,
    say: (line) => {
      const stamp = `${elapsed().toFixed(0).padStart(4)}s`;
      for (const part of line.split("\n")) stream.write(`${stamp}  ${part}\n`);
    },
  };
}

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
