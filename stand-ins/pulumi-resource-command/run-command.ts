// Runs one command line in its own process group, streams its lines, and leaves nothing of it behind when it is
// told to stop.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

import type { CommandInputs, Logging } from "./command-inputs";

const graceMilliseconds = 2000;

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandRun {
  readonly command: string;
  readonly inputs: CommandInputs;
  /** Given to the command as PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR. */
  readonly previous?: CommandOutput;
  /** 0: no limit. */
  readonly timeoutSeconds?: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Runs it to its end; anything but exit status 0 is an error that carries all output. */
export async function runCommand(run: CommandRun): Promise<CommandOutput> {
  const [file, ...args] = [...run.inputs.interpreter, run.command];
  const child = spawn(file, args, {
    cwd: run.inputs.dir,
    env: environmentOf(run),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const output = collect(child, run);
  // A command may end without reading its input.
  child.stdin.on("error", () => undefined).end(run.inputs.stdin ?? "");
  const stopped = stopOn(child, run);
  const [code, signal] = await ended(child, run).finally(stopped.forget);
  if (code === 0) return { stdout: trimmed(output.stdout), stderr: trimmed(output.stderr) };
  const why =
    stopped.reason() ?? (code === null ? `signal: ${signal ?? "unknown"}` : `exit status ${code}`);
  throw new Error(`${why}: running ${JSON.stringify(run.command)}:\n${output.both}`);
}

function environmentOf({ inputs, previous }: CommandRun): NodeJS.ProcessEnv {
  const earlier = inputs.addPreviousOutputInEnv ? previous : undefined;
  return {
    ...process.env,
    ...inputs.environment,
    ...(earlier?.stdout && { PULUMI_COMMAND_STDOUT: earlier.stdout }),
    ...(earlier?.stderr && { PULUMI_COMMAND_STDERR: earlier.stderr }),
  };
}

function collect(child: ChildProcessWithoutNullStreams, { inputs, onLine }: CommandRun) {
  const output = { stdout: "", stderr: "", both: "" };
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name].setEncoding("utf8");
    stream.on("data", (text: string) => {
      output[name] += text;
      output.both += text;
    });
    if (isLogged(inputs.logging, name)) createInterface({ input: stream }).on("line", onLine);
  }
  return output;
}

function isLogged(logging: Logging, stream: "stdout" | "stderr"): boolean {
  return logging === stream || logging === "stdoutAndStderr";
}

/** Ends the whole process group on cancel and when the time is over. */
function stopOn(child: ChildProcessWithoutNullStreams, { signal, timeoutSeconds = 0 }: CommandRun) {
  let reason: string | undefined;
  const stop = (why: string) => {
    reason ??= why;
    killGroup(child, "SIGTERM");
    setTimeout(() => killGroup(child, "SIGKILL"), graceMilliseconds).unref();
  };
  const cancel = () => stop("cancelled");
  const timer =
    timeoutSeconds > 0
      ? setTimeout(() => stop(`timed out after ${timeoutSeconds} s`), timeoutSeconds * 1000)
      : undefined;
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  const forget = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  };
  return { reason: () => reason, forget };
}

async function ended(
  child: ChildProcessWithoutNullStreams,
  { command, inputs }: CommandRun,
): Promise<[number | null, NodeJS.Signals | null]> {
  try {
    return (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  } catch (cause) {
    throw new Error(`${notStarted(cause, inputs)}: running ${JSON.stringify(command)}:\n`, {
      cause,
    });
  }
}

/** Why a command could not be started, in the words of the real plugin: Node.js does not tell the two apart. */
function notStarted(cause: unknown, { dir, interpreter }: CommandInputs): string {
  if ((cause as NodeJS.ErrnoException).code !== "ENOENT")
    return cause instanceof Error ? cause.message : String(cause);
  if (dir !== undefined && !existsSync(dir)) return `chdir ${dir}: no such file or directory`;
  const [file = ""] = interpreter;
  return file.includes("/")
    ? `fork/exec ${file}: no such file or directory`
    : `exec: ${JSON.stringify(file)}: executable file not found in $PATH`;
}

function killGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

function trimmed(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
