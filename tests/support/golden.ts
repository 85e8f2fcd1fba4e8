// Golden files: what a human has read and found right. UPDATE_GOLDEN=1 writes them anew.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";

/** The objects as YAML documents, in a stable form. */
export function yamlOf(objects: unknown[]): string {
  return objects
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}

/** Expects `text` to be what tests/golden/<name> holds. */
export function expectGolden(name: string, text: string): void {
  const file = path.join(__dirname, "..", "golden", name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const golden = existsSync(file) ? readFileSync(file, "utf8") : "no golden file; UPDATE_GOLDEN=1";
  expect(text).toEqual(golden);
}
