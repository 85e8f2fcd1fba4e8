// Builds of earlier pins. Another checkout of the lab may still use them, so only those go that nobody used for long.
import { existsSync, statSync, utimesSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { sizeOf } from "./cache";
import { recordFile } from "./go-group";

const keptDays = 30;

/** Notes that builds are in use. */
export function markUsed(builds: readonly string[], now = new Date()): void {
  for (const folder of builds) utimesSync(path.join(folder, recordFile), now, now);
}

/** Folders of builds below the tools' folder that nobody used for 30 days. */
export async function unusedBuilds(tools: string, now = new Date()): Promise<string[]> {
  const names = existsSync(tools) ? await readdir(tools) : [];
  return names
    .map((name) => path.join(tools, name))
    .filter((folder) => {
      const record = statSync(path.join(folder, recordFile), { throwIfNoEntry: false });
      return record !== undefined && now.getTime() - record.mtimeMs > keptDays * 86_400_000;
    });
}

/** Removes folders; answers the bytes freed. */
export async function removeAll(folders: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const folder of folders) {
    bytes += await sizeOf(folder);
    await rm(folder, { recursive: true, force: true });
  }
  return bytes;
}
