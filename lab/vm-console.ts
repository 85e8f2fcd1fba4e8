// The serial console of a virtual machine of this lab: found by name or uuid, printed, and followed if asked to.

import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  closeSync,
  statSync,
} from "node:fs";
import * as path from "node:path";
import type { Lab } from "./lab";

/** A virtual machine that has been switched on once. */
export interface VmConsole {
  extId: string;
  name: string;
  file: string;
}

const pollMilliseconds = 200;

/** All machines of a lab that have a console, by name. */
export function vmConsoles(lab: Pick<Lab, "directory">): VmConsole[] {
  const folder = path.join(lab.directory, "prism-central", "vms");
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder).flatMap((extId) => {
    const [hardware, file] = ["hardware.json", "console.log"].map((name) =>
      path.join(folder, extId, name),
    ) as [string, string];
    if (!existsSync(file)) return [];
    // A machine whose disk could not be read at all has no hardware yet.
    const { name = extId } = existsSync(hardware)
      ? (JSON.parse(readFileSync(hardware, "utf8")) as { name?: string })
      : {};
    return [{ extId, name, file }];
  });
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

/** The machine of that name or uuid. Throws a sentence that lists what there is. */
export function findConsole(all: VmConsole[], wanted: string): VmConsole {
  const uuid = wanted.toLowerCase();
  const matches = all.filter(({ extId, name }) => extId === uuid || name === wanted);
  const [match] = matches;
  if (match && matches.length === 1) return match;
  const list = (vms: VmConsole[]) => vms.map(({ extId, name }) => `${name} (${extId})`).join(", ");
  if (match)
    throw new Error(
      `Finding the console of ${wanted} failed: ${matches.length} machines have this name: ${list(matches)}. Give the uuid.`,
    );
  throw new Error(
    `Finding the console of ${wanted} failed: no machine of this lab that was ever switched on has this name or uuid. There are: ${list(all) || "none"}.`,
  );
}

/** Prints a console; follows it until the machine is deleted or the signal comes. */
export async function printConsole(
  { file }: VmConsole,
  write: (text: Buffer) => void,
  follow?: AbortSignal,
): Promise<void> {
  let offset = 0;
  do {
    offset = printFrom(file, offset, write);
    if (follow) await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  } while (follow && !follow.aborted && existsSync(file));
}

function printFrom(file: string, offset: number, write: (text: Buffer) => void): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= offset) return offset;
  const text = Buffer.alloc(size - offset);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, text, 0, text.length, offset);
  } finally {
    closeSync(descriptor);
  }
  write(text);
  return size;
}
