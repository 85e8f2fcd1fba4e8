// What files and folders hold, in one hash: known in a preview, before anything is made of them.

import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";

/** SHA-256 of files (folders: of all files below them, by relative path) and of further texts. */
export function contentHash(roots: string[], texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text}\0`);
  for (const root of roots)
    for (const file of filesBelow(root)) {
      hash.update(`${path.relative(root, file)}\0`);
      hash.update(fileHash(file));
    }
  return hash.digest("hex");
}

const piece = Buffer.allocUnsafe(1024 * 1024);

/** In pieces: a file may be a disk image of many gigabytes. */
function fileHash(file: string): Buffer {
  const hash = createHash("sha256");
  const opened = openSync(file, "r");
  try {
    for (let size = readSync(opened, piece); size > 0; size = readSync(opened, piece))
      hash.update(piece.subarray(0, size));
  } finally {
    closeSync(opened);
  }
  return hash.digest();
}

/** A root that does not exist has no files. */
function filesBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  if (statSync(root).isFile()) return [root];
  return readdirSync(root)
    .sort()
    .flatMap((name) => filesBelow(path.join(root, name)));
}
