// A container's log in the format of container runtimes: `TIME STREAM TAG LINE`, as kubelets read it.
import { createWriteStream } from "node:fs";
import type { WriteStream } from "node:fs";
import type { Readable } from "node:stream";

const longestLine = 16 * 1024;

/** Cuts a stream of bytes into log lines; a line without its end is partial (P). */
export class LineCutter {
  private readonly stream: "stdout" | "stderr";
  private rest = Buffer.alloc(0);

  constructor(stream: "stdout" | "stderr") {
    this.stream = stream;
  }

  /** The lines that a chunk completes. */
  push(chunk: Buffer, time: string): string {
    this.rest = Buffer.concat([this.rest, chunk]);
    let lines = "";
    for (;;) {
      const end = this.rest.indexOf(10);
      if (end >= 0 && end <= longestLine) lines += this.take(end, end + 1, "F", time);
      else if (this.rest.length > longestLine)
        lines += this.take(longestLine, longestLine, "P", time);
      else return lines;
    }
  }

  /** What is left when the stream ends. */
  end(time: string): string {
    return this.rest.length === 0 ? "" : this.take(this.rest.length, this.rest.length, "F", time);
  }

  private take(end: number, next: number, tag: "F" | "P", time: string): string {
    const text = this.rest.subarray(0, end).toString("utf8");
    this.rest = this.rest.subarray(next);
    return `${time} ${this.stream} ${tag} ${text}\n`;
  }
}

/** What a program wrote in a line of the log. */
export function lineText(line: string): string {
  return line.split(" ").slice(3).join(" ");
}

/** RFC 3339 with nanoseconds, as runtimes write it. */
export function logTime(date: Date): string {
  return date.toISOString().replace("Z", "000000Z");
}

/** Writes a program's output to its log file; settles when both streams have ended. */
export class LogFile {
  private readonly file: WriteStream;
  private readonly ends: Promise<void>[] = [];

  constructor(path: string) {
    this.file = createWriteStream(path, { flags: "a" });
    this.file.on("error", () => undefined);
  }

  follow(source: Readable, stream: "stdout" | "stderr"): void {
    const cutter = new LineCutter(stream);
    source.on("data", (chunk: Buffer) => this.write(cutter.push(chunk, logTime(new Date()))));
    this.ends.push(
      new Promise((resolve) => {
        source.once("close", () => {
          this.write(cutter.end(logTime(new Date())));
          resolve();
        });
      }),
    );
  }

  /** A line of the node itself. */
  say(text: string): void {
    this.write(`${logTime(new Date())} stderr F ${text}\n`);
  }

  async close(): Promise<void> {
    await Promise.all(this.ends);
    await new Promise<void>((resolve) => this.file.end(resolve));
  }

  private write(text: string): void {
    if (text !== "") this.file.write(text);
  }
}
