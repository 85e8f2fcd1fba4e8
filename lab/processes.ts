// The processes of a lab, found by LAB_ID in their environment. A pid alone is never trusted: it is paired
// with the process's start time, so that a number that was given anew is left alone.

import { readFileSync, readdirSync } from "node:fs";

export interface LabProcess {
  pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  startTime: string;
  command: string;
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined; // gone meanwhile
  }
}

function read(pid: number, file: "environ" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // gone meanwhile, or another user's
  }
}

/** All living processes whose environment says LAB_ID=<id>, this one and its parents left out. */
export function labProcesses(id: string): LabProcess[] {
  const own = ancestors(process.pid);
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => !own.has(pid))
    .flatMap((pid) => {
      if (!read(pid, "environ").split("\0").includes(`LAB_ID=${id}`)) return [];
      const time = startTime(pid);
      const command = read(pid, "cmdline").replaceAll("\0", " ").trim();
      return time === undefined ? [] : [{ pid, startTime: time, command }];
    });
}

function ancestors(pid: number): Set<number> {
  const found = new Set<number>();
  for (let current = pid; current > 0 && !found.has(current);) {
    found.add(current);
    const stat = readFileSync(`/proc/${current}/stat`, "utf8");
    current = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  return found;
}

const alive = (item: LabProcess) => startTime(item.pid) === item.startTime;

function signal(item: LabProcess, name: "SIGTERM" | "SIGKILL"): void {
  try {
    if (alive(item)) process.kill(item.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Ends every process of the lab: TERM, up to `graceMilliseconds`, then KILL until none is left.
 * Returns how many there were. Throws when one survives KILL for 10 s.
 */
export async function endLabProcesses(id: string, graceMilliseconds = 3000): Promise<number> {
  const ended = new Set<string>();
  const deadline = Date.now() + graceMilliseconds + 10_000;
  let name: "SIGTERM" | "SIGKILL" = "SIGTERM";
  const graceEnds = Date.now() + graceMilliseconds;
  for (let left = labProcesses(id); left.length > 0; left = labProcesses(id)) {
    if (Date.now() > deadline) {
      const names = left.map((item) => `${item.pid} (${item.command.slice(0, 80)})`).join(", ");
      throw new Error(`Ending the lab's processes failed: still there after SIGKILL: ${names}.`);
    }
    if (Date.now() > graceEnds) name = "SIGKILL";
    for (const item of left) {
      const key = `${item.pid}@${item.startTime}`;
      if (name === "SIGKILL" || !ended.has(key)) signal(item, name);
      ended.add(key);
    }
    await pause(50);
  }
  return ended.size;
}
