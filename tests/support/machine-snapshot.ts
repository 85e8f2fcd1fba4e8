// What runs, listens, is mounted and lies about on this machine, by someone who knows nothing of the lab.

import { readFileSync, readdirSync } from "node:fs";
import * as path from "node:path";

export interface MachineSnapshot {
  processes: string[];
  sockets: string[];
  mounts: string[];
  files: string[];
}

const LISTENING = "0A";

function tcpListeners(file: string): string[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING)
    .map((fields) => `tcp ${fields[1] ?? ""}`);
}

function unixListeners(): string[] {
  return readFileSync("/proc/net/unix", "utf8")
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "00010000" && fields[7] !== undefined)
    .map((fields) => `unix ${fields[7] ?? ""}`);
}

function processes(): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return command ? [`${pid} ${command}`] : []; // kernel threads have no command line
      } catch {
        return []; // ended meanwhile
      }
    });
}

function files(folder: string): string[] {
  try {
    return readdirSync(folder).map((entry) => path.join(folder, entry));
  } catch {
    return [];
  }
}

/** A picture of the machine; `folders` are those whose entries are listed. */
export function machineSnapshot(folders: string[]): MachineSnapshot {
  return {
    processes: processes().sort(),
    sockets: [...tcpListeners("/proc/net/tcp"), ...unixListeners()].sort(),
    mounts: readFileSync("/proc/self/mounts", "utf8").trim().split("\n").sort(),
    files: folders.flatMap(files).sort(),
  };
}

/** What the second picture has and the first has not. */
export function added(before: MachineSnapshot, after: MachineSnapshot): MachineSnapshot {
  const more = (key: keyof MachineSnapshot) => {
    const known = new Set(before[key]);
    return after[key].filter((item) => !known.has(item));
  };
  return {
    processes: more("processes"),
    sockets: more("sockets"),
    mounts: more("mounts"),
    files: more("files"),
  };
}
