// Files of a volume are replaced all at once, and left alone when nothing has changed.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAtomically } from "../../../stand-ins/node/atomic-writer";
import type { VolumeFiles } from "../../../stand-ins/node/atomic-writer";

const folder = mkdtempSync(join(tmpdir(), "volume-"));
afterAll(() => rmSync(folder, { recursive: true }));

const files = (words: Record<string, string>, mode = 0o644): VolumeFiles =>
  Object.fromEntries(
    Object.entries(words).map(([name, text]) => [name, { data: Buffer.from(text), mode }]),
  );

test("names are links through ..data; new content is behind a new ..data, old names are gone", () => {
  expect(writeAtomically(folder, files({ a: "1", "b/c": "2" }, 0o666))).toBe(true);
  const before = readlinkSync(join(folder, "..data"));
  expect(readlinkSync(join(folder, "a"))).toBe("..data/a");
  expect(readFileSync(join(folder, "b/c"), "utf8")).toBe("2");
  expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o666);

  expect(writeAtomically(folder, files({ a: "1", "b/c": "2" }, 0o666))).toBe(false);
  expect(readlinkSync(join(folder, "..data"))).toBe(before);

  expect(writeAtomically(folder, files({ a: "new" }))).toBe(true);
  const after = readlinkSync(join(folder, "..data"));
  expect(after).not.toBe(before);
  expect(readdirSync(folder).sort()).toEqual([after, "..data", "a"].sort());
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("new");
});
