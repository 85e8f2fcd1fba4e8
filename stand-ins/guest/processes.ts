// Child processes of the guest, their output on the console line by line.
import { spawn, type ChildProcess } from "node:child_process";
import { lineSplitter } from "./console";

/** A program to run. */
export interface Program {
  command: string;
  args: string[];
  environment: NodeJS.ProcessEnv;
}

/** How it ended: an exit code, or a signal's name. */
export interface Ending {
  code: number | undefined;
  signal: string | undefined;
}

/** Starts a program; every line of its output goes to `onLine`. */
export function start(program: Program, onLine: (line: string) => void): ChildProcess {
  const child = spawn(program.command, program.args, {
    env: program.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    const lines = lineSplitter(onLine);
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => lines.push(chunk));
    stream.on("end", () => lines.end());
  }
  return child;
}

/** Waits for a program's end and all of its output. A program that cannot start has ended with code 127. */
export function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ code: 127, signal: undefined }));
    child.once("close", (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined }),
    );
  });
}

/** "code 1" or "signal SIGKILL". */
export function describeEnding(ending: Ending): string {
  return ending.signal === undefined ? `code ${ending.code ?? 0}` : `signal ${ending.signal}`;
}
