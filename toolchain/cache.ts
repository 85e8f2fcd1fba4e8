// The one folder outside the repository: built tools and what building them needs. Everything in it comes into
// being beside its place and is renamed when whole, so that what is there can be trusted.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

export interface CacheFolders {
  root: string;
  goModules: string;
  goBuild: string;
  tools: string;
  /** Half-made things; emptied by whoever holds the lock. */
  unfinished: string;
  manifests: string;
  pulumiHome: string;
  /** What is known about installable plugins. */
  plugins: string;
  lock: string;
}

/** LAB_CACHE, or the user's cache folder. */
export function defaultCache(environment: NodeJS.ProcessEnv = process.env): string {
  const { LAB_CACHE, XDG_CACHE_HOME } = environment;
  if (LAB_CACHE) return path.resolve(LAB_CACHE);
  return path.join(XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "nutanix-serverless-lab");
}

/** The cache's layout. */
export function cacheFolders(root: string): CacheFolders {
  const within = (...names: string[]): string => path.join(root, ...names);
  return {
    root,
    goModules: within("go", "mod"),
    goBuild: within("go", "build"),
    tools: within("tools"),
    unfinished: within("unfinished"),
    manifests: within("manifests"),
    pulumiHome: within("pulumi-home"),
    plugins: within("plugins.json"),
    lock: within("lock"),
  };
}

/** Makes the cache's folders, Pulumi's home among them. */
export async function prepareCache(folders: CacheFolders): Promise<void> {
  for (const folder of [folders.goModules, folders.tools, folders.unfinished, folders.pulumiHome])
    await mkdir(folder, { recursive: true });
  // Pulumi's automatic log goes to a folder of this name and takes most of a preview's time; a plain file
  // in its place keeps the log off.
  await writeFile(path.join(folders.pulumiHome, "logs"), "", { flag: "wx" }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    },
  );
}

/** Writes a file so that readers see the old or the new content, never a part. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(beside, content);
  await rename(beside, file);
}

/** An empty folder of its own for something half-made. */
export async function unfinishedFolder(folders: CacheFolders, name: string): Promise<string> {
  const folder = path.join(folders.unfinished, `${name}-${randomBytes(4).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Removes what earlier, interrupted runs left. Only for the holder of the lock. */
export async function clearUnfinished(folders: CacheFolders): Promise<void> {
  for (const name of await readdir(folders.unfinished))
    await rm(path.join(folders.unfinished, name), { recursive: true, force: true });
}

/** Throws a sentence when the disk of the cache has less free than needed. */
export async function checkDisk(root: string, neededGigabytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  const free = (bavail * bsize) / 1e9;
  if (free < neededGigabytes)
    throw new Error(
      `Making the toolchain failed: it needs about ${neededGigabytes} GB on the disk of ${root}, ` +
        `where ${free.toFixed(1)} GB are free. Free some space, or set LAB_CACHE to a folder elsewhere.`,
    );
}

/** Bytes below a folder; 0 where it does not exist. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += await sizeOf(full);
    else if (entry.isFile()) bytes += (await stat(full).catch(() => ({ size: 0 }))).size;
  }
  return bytes;
}
