// The Packer of the toolchain, for tests.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a Packer: of LAB_TEST_BIN, or else the one on PATH. */
export function packerForTests(): string {
  const { LAB_TEST_BIN = "", PATH = "" } = process.env;
  const found = [LAB_TEST_BIN, ...PATH.split(delimiter)]
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "packer"))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    "There is no packer in LAB_TEST_BIN and on PATH. Run the tests with `npm test`, which puts one there.",
  );
}
