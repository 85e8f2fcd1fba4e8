// What files and folders hold, in one hash: known in a preview, before anything is made of them.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";

/** SHA-256 of files (folders: of all files below them, by relative path) and of further texts. */
export function contentHash(roots: string[], texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text}\0`);
  for (const root of roots)
    for (const file of filesBelow(root)) {
      hash.update(`${path.relative(root, file)}\0`);
      hash.update(createHash("sha256").update(readFileSync(file)).digest());
    }
  return hash.digest("hex");
}

/** A root that does not exist has no files. */
function filesBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  if (statSync(root).isFile()) return [root];
  return readdirSync(root)
    .sort()
    .flatMap((name) => filesBelow(path.join(root, name)));
}
