// Files that a container may be reading, replaced all at once, as the kubelet's atomic writer does it: they are in a
// folder of their own, `..data` is a link to it, and each name a link through `..data`. Programs that watch their
// files wait for `..data` to change.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export interface VolumeFile {
  data: Buffer;
  mode: number;
}

/** Paths below the volume. */
export type VolumeFiles = Record<string, VolumeFile>;

/** Makes a folder hold these files and no others; answers whether anything was written. */
export function writeAtomically(folder: string, files: VolumeFiles): boolean {
  mkdirSync(folder, { recursive: true });
  const link = join(folder, "..data");
  const before = existsSync(link) ? readlinkSync(link) : undefined;
  if (before !== undefined && isSame(join(folder, before), files)) return false;
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-T:]/g, "_");
  const after = mkdtempSync(join(folder, `..${stamp}.`));
  chmodSync(after, 0o755);
  for (const [name, file] of Object.entries(files)) writeOne(join(after, name), file);
  const temporary = join(folder, "..data_tmp");
  rmSync(temporary, { force: true });
  symlinkSync(after.slice(folder.length + 1), temporary);
  renameSync(temporary, link);
  showNames(folder, files);
  if (before !== undefined) rmSync(join(folder, before), { recursive: true, force: true });
  return true;
}

// The mode of a new file is cut by this process's umask.
function writeOne(file: string, { data, mode }: VolumeFile): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
  chmodSync(file, mode);
}

function showNames(folder: string, files: VolumeFiles): void {
  const wanted = new Set(Object.keys(files).map((name) => name.split("/")[0] ?? ""));
  for (const name of readdirSync(folder))
    if (!name.startsWith("..") && !wanted.has(name)) rmSync(join(folder, name), { force: true });
  for (const name of wanted)
    if (!lstatSync(join(folder, name), { throwIfNoEntry: false }))
      symlinkSync(join("..data", name), join(folder, name));
}

function isSame(folder: string, files: VolumeFiles): boolean {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    lstatSync(join(folder, name)).isFile(),
  );
  if (names.length !== Object.keys(files).length) return false;
  return names.every((name) => {
    const file = files[name];
    if (!file) return false;
    const { mode } = lstatSync(join(folder, name));
    return (mode & 0o7777) === file.mode && readFileSync(join(folder, name)).equals(file.data);
  });
}
