// Jest's global setup: the real programs and the bundled stand-ins, once for the whole suite, in the folder
// that LAB_TEST_BIN names. A value that is set already is used as it is.

import * as path from "node:path";
import { makeConsole } from "../../lab/console";
import { currentLab } from "../../lab/lab";
import { toolchainReport } from "../../lab/toolchain-progress";
import { makeToolchain } from "../../toolchain";
import { makeStandIns } from "../../toolchain/stand-ins";

export default async function setup(): Promise<void> {
  if (process.env["LAB_TEST_BIN"]) return;
  const { cache, repository } = currentLab();
  const labDir = path.join(repository, "node_modules", ".cache", "lab-tests");
  const progress = toolchainReport(makeConsole(process.stderr));
  const tools = await makeToolchain({ cache, progress });
  await makeStandIns({ labDir, cache, tools, progress });
  process.env["LAB_TEST_BIN"] = path.join(labDir, "bin");
}
