// Runs a program to its end. Its last lines are kept for the error, since "exit code 1" helps nobody.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import readline from "node:readline";

const keptLines = 40;
const setpriv = "/usr/bin/setpriv";

export interface RunOptions {
  folder?: string;
  environment?: NodeJS.ProcessEnv;
  seconds?: number;
  signal?: AbortSignal;
  onErrorLine?: (line: string) => void;
}

/** What a finished program printed. */
export interface Output {
  stdout: string;
  stderr: string;
}

/** A program that could not be started, ran too long or ended with another code than 0. */
export class ProcessError extends Error {
  readonly lines: string;
  readonly answer: string;
  constructor(command: string, answer: string, lines: string) {
    super(`${command} failed: ${answer}.${lines === "" ? "" : `\n${lines}`}`);
    this.name = "ProcessError";
    this.answer = answer;
    this.lines = lines;
  }
}

/** Runs a program; answers what it printed, or throws a ProcessError with its last lines. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const { folder, environment, seconds, signal, onErrorLine } = options;
  const child = spawn(command, args, {
    cwd: folder,
    env: environment ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
    killSignal: "SIGKILL",
    signal,
  });
  let stdout = "";
  const errorLines: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  readline.createInterface({ input: child.stderr }).on("line", (line) => {
    errorLines.push(line);
    onErrorLine?.(line);
  });
  return new Promise((resolve, reject) => {
    const fail = (answer: string): void => {
      const lines = [...stdout.split("\n"), ...errorLines].filter((line) => line.trim() !== "");
      reject(new ProcessError(shown(command, args), answer, lines.slice(-keptLines).join("\n")));
    };
    child.on("error", (error) => fail(error.message));
    child.on("close", (code, killedBy) => {
      if (code === 0) resolve({ stdout, stderr: errorLines.join("\n") });
      else fail(killedBy === null ? `exit code ${code ?? 1}` : ended(killedBy, seconds));
    });
  });
}

/** The same program, but ended by the kernel when this process dies, were it by SIGKILL. */
export function dyingWithUs(command: string, args: readonly string[]): [string, string[]] {
  try {
    accessSync(setpriv, constants.X_OK);
  } catch {
    return [command, [...args]];
  }
  return [setpriv, ["--pdeathsig", "INT", command, ...args]];
}

function shown(command: string, args: readonly string[]): string {
  const text = [command, ...args].join(" ");
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

function ended(signal: string, seconds: number | undefined): string {
  return seconds === undefined ? `ended by ${signal}` : `ended by ${signal} (limit ${seconds} s)`;
}
