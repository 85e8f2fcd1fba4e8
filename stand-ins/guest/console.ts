// The guest's serial console: one line after the other, each with its time and who said it.

export interface Console {
  /** Says one or more lines. */
  say(source: string, text: string): void;
}

/** A console that hands finished lines to `write`. */
export function createConsole(
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): Console {
  return {
    say(source, text) {
      for (const line of text.replace(/\n$/, "").split("\n"))
        write(`${now().toISOString()} ${source}: ${line.trimEnd()}\n`);
    },
  };
}

/** Cuts a stream's chunks into lines; `end` gives away an unfinished one. */
export function lineSplitter(onLine: (line: string) => void): {
  push(chunk: string): void;
  end(): void;
} {
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    },
    end() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}

/** The last lines of something, for error messages. */
export function tailOf(lines: string[], count: number): string {
  return lines.slice(-count).join("\n");
}
