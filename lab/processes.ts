// The processes of a lab, found by LAB_ID in their environment and named by id and start time.

import { readFileSync } from "node:fs";
import {
  endProcessesWith,
  type ProcessId,
  processesWith,
  statFields,
} from "../stand-ins/shared/process";

export interface LabProcess extends ProcessId {
  command: string;
}

/** This process and its parents: a lab command may have been started by one of the lab's own. */
function ancestors(): Set<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid);) {
    found.add(pid);
    pid = Number(statFields(readFileSync(`/proc/${pid}/stat`, "utf8"))[1]);
  }
  return found;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ""; // ended meanwhile
  }
}

/** All living processes whose environment says LAB_ID=<id>, this one and its parents left out. */
export function labProcesses(id: string): LabProcess[] {
  const own = ancestors();
  return processesWith("LAB_ID", id)
    .filter(({ pid }) => !own.has(pid))
    .map((found) => ({ ...found, command: commandOf(found.pid) }));
}

/**
 * Ends every process of the lab, those that start meanwhile included: TERM, KILL after the grace.
 * Returns how many there were. Throws when one survives KILL, or new ones keep starting.
 */
export function endLabProcesses(id: string, graceMilliseconds = 3000): Promise<number> {
  return endProcessesWith("LAB_ID", id, graceMilliseconds, ancestors());
}
