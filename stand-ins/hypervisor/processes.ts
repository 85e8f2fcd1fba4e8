// What the hypervisor asks of the machine's processes, beyond ../shared/process: the child of a process that made
// a PID namespace, and a wait that has an end.
import { readdir, readFile } from "node:fs/promises";
import { statFields, type ProcessId } from "../shared/process";

/** The first child of a process, if it has one. */
export async function childOf(parent: number): Promise<ProcessId | undefined> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    if (stat === undefined) continue;
    const fields = statFields(stat);
    if (Number(fields[1]) === parent) return { pid: Number(pid), start: fields[19] ?? "" };
  }
  return undefined;
}

/** Asks every few milliseconds; false when the time is over. */
export async function until(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
