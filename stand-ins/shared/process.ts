// Processes of this machine as /proc shows them. A process is named by its id and its start time, never by the
// bare id; strays are found by a variable that all processes of a lab carry in their environment.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/** A process, so that another one with the same id later is not mistaken for it. */
export interface ProcessId {
  pid: number;
  /** In clock ticks since boot, field 22 of /proc/PID/stat. */
  start: string;
}

export interface Daemon {
  command: string;
  args: string[];
  environment: NodeJS.ProcessEnv;
  /** Standard output and error are appended to it. */
  logFile: string;
  cwd?: string;
}

/** The fields of /proc/PID/stat from the third on, behind the name, which may hold anything. */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Names a running process, or undefined when there is none with this id (a zombie counts as none). */
export function identify(pid: number): ProcessId | undefined {
  try {
    const fields = statFields(readFileSync(`/proc/${pid}/stat`, "utf8"));
    const start = fields[19];
    return fields[0] === "Z" || start === undefined ? undefined : { pid, start };
  } catch {
    return undefined;
  }
}

/** Whether it is still this process that runs. */
export function isRunning(process: ProcessId): boolean {
  return identify(process.pid)?.start === process.start;
}

/** All processes that were started with NAME=VALUE in their environment, this one left out. */
export function processesWith(name: string, value: string): ProcessId[] {
  const wanted = `${name}=${value}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => environmentOf(entry).includes(wanted))
    .map((entry) => identify(Number(entry)))
    .filter((found) => found !== undefined);
}

/** Sends a signal to a process, or to the group it leads; no error when it is gone. */
export function signal(target: ProcessId, name: NodeJS.Signals, group = false): void {
  if (!group && !isRunning(target)) return;
  try {
    process.kill(group ? -target.pid : target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends processes: TERM, KILL after the grace, and waits until they are gone. */
export async function endProcesses(all: ProcessId[], graceMilliseconds: number): Promise<void> {
  for (const each of all) signal(each, "SIGTERM");
  if (await allGone(all, graceMilliseconds)) return;
  for (const each of all) signal(each, "SIGKILL");
  if (await allGone(all, 10_000)) return;
  const left = all.filter(isRunning).map((each) => each.pid);
  throw new Error(`Ending processes failed: ${left.join(", ")} outlived SIGKILL. Look at them.`);
}

/** Ends every process with NAME=VALUE, those that start meanwhile included; answers how many there were. */
export async function endProcessesWith(
  name: string,
  value: string,
  grace: number,
  spared: ReadonlySet<number> = new Set(),
): Promise<number> {
  let count = 0;
  for (let round = 0; round < 20; round++) {
    const found = processesWith(name, value).filter(({ pid }) => !spared.has(pid));
    if (found.length === 0) return count;
    count += found.length;
    await endProcesses(found, round === 0 ? grace : 0);
  }
  throw new Error(`Ending the processes with ${name}=${value} failed: new ones keep starting.`);
}

/** Starts a program that outlives this one. */
export function startDaemon(daemon: Daemon): ProcessId {
  mkdirSync(dirname(daemon.logFile), { recursive: true });
  const log = openSync(daemon.logFile, "a");
  const child = spawn(daemon.command, daemon.args, {
    env: daemon.environment,
    cwd: daemon.cwd,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.on("error", () => undefined);
  child.unref();
  const started = child.pid === undefined ? undefined : identify(child.pid);
  if (!started)
    throw new Error(`Starting ${daemon.command} failed: it did not start. See ${daemon.logFile}.`);
  return started;
}

/** The last lines of a log file, for error messages. */
export function lastLines(file: string, count = 20): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
}

async function allGone(all: ProcessId[], milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (all.some(isRunning)) {
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return [];
  }
}
