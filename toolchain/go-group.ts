// Where a Go group's programs are kept, and how one tells that they are there and whole. The key covers all that
// decides what is built: module files, pins, flags and Go itself.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { CacheFolders } from "./cache";
import type { GoGroup, GoProgram, Tool } from "./tools";

export const compileFlags: readonly string[] = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** What is known of a group before it is built. */
export interface GroupKey {
  /** First digits of the hash over everything. */
  hash: string;
  /** The same without Go's version: finds a build when Go is no longer here. */
  inputs: string;
}

/** Written into a group's folder as its last file. */
export interface GroupRecord {
  inputs: string;
  go: string;
  seconds: number;
  /** Program -> bytes: a file cut short by a crash of the machine is noticed. */
  sizes: Record<string, number>;
}

export const recordFile = "toolchain.json";

/** The linker's flags of a group. */
export function linkFlags(group: GoGroup): string {
  const stamps = Object.entries(group.stamps).map(([symbol, value]) => `-X ${symbol}=${value}`);
  return ["-s", "-w", ...stamps].join(" ");
}

/** The key of a group; `go` is what `go version` prints, "" when there is none. */
export function groupKey(repository: string, group: GoGroup, go: string): GroupKey {
  const hash = createHash("sha256");
  for (const file of sourceFiles(path.join(repository, group.folder), group.ownSources ?? false)) {
    hash.update(`${file}\n`).update(readFileSync(path.join(repository, group.folder, file)));
  }
  const { name, version, programs } = group;
  hash.update(JSON.stringify([name, version, programs, linkFlags(group), compileFlags]));
  const inputs = hash.digest("hex");
  const whole = createHash("sha256").update(inputs).update(go).digest("hex");
  return { hash: whole.slice(0, 12), inputs };
}

/** The folder a group is kept in. */
export function groupFolder(folders: CacheFolders, group: GoGroup, key: GroupKey): string {
  return path.join(folders.tools, `${group.name}-${key.hash}`);
}

/** The folder of a whole build, or undefined. Without Go any build of the same inputs will do. */
export function findGroup(
  folders: CacheFolders,
  group: GoGroup,
  key: GroupKey,
  go: string,
): string | undefined {
  const exact = groupFolder(folders, group, key);
  if (isWhole(exact, key)) return exact;
  if (go !== "" || !existsSync(folders.tools)) return undefined;
  return readdirSync(folders.tools)
    .filter((name) => name.startsWith(`${group.name}-`))
    .map((name) => path.join(folders.tools, name))
    .find((folder) => isWhole(folder, key));
}

/** A group's programs as tools. */
export function groupTools(group: GoGroup, folder: string): Tool[] {
  return group.programs.map(({ name }: GoProgram) => ({
    name,
    version: group.version,
    path: path.join(folder, name),
    source: "built" as const,
  }));
}

function isWhole(folder: string, key: GroupKey): boolean {
  const file = path.join(folder, recordFile);
  if (!existsSync(file)) return false;
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as GroupRecord;
    if (record.inputs !== key.inputs) return false;
    return Object.entries(record.sizes).every(
      ([name, bytes]) => statSync(path.join(folder, name)).size === bytes,
    );
  } catch {
    // A record cut short or a program missing: it is built again.
    return false;
  }
}

function sourceFiles(folder: string, all: boolean): string[] {
  if (!all) return ["go.mod", "go.sum"];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /(\.go|(^|\/)go\.(mod|sum))$/.test(file) && !file.endsWith("_test.go"))
    .sort();
}
