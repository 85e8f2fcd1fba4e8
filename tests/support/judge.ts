// Foreign programs that judge what this project makes: Go modules under tests/foreign, each built once and kept in the
// toolchain's cache.

import { resolve } from "node:path";
import { cacheFolders, defaultCache, prepareCache } from "../../toolchain/cache";
import { systemTool } from "../../toolchain/found";
import { buildGroup, requireGo } from "../../toolchain/go-build";
import { findGroup, groupKey } from "../../toolchain/go-group";
import { takeLock } from "../../toolchain/lock";
import { reporter } from "../../toolchain/progress";
import { type GoGroup, goProgram } from "../../toolchain/tools";

/** The folder of the built programs. */
export async function builtJudge(group: GoGroup): Promise<string> {
  const repository = resolve(__dirname, "../..");
  const folders = cacheFolders(defaultCache());
  const go = requireGo(await systemTool(goProgram, process.env));
  await prepareCache(folders);
  const lock = await takeLock(folders.lock, () => undefined);
  const report = reporter(() => undefined, group.name, { done: 0, of: 1 });
  try {
    const key = groupKey(repository, group, go.version);
    const context = { repository, folders, environment: process.env, go };
    return (
      findGroup(folders, group, key, go.version) ?? (await buildGroup(context, group, key, report))
    );
  } finally {
    report.stop();
    await lock.release();
  }
}
