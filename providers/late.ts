// Loads a dynamic provider's operations in the process that runs them. Pulumi keeps a provider as the text of its
// functions and silently loses parts of what those reach; so the text only says where the operations are.
import type * as Fs from "node:fs";
import type * as TsNode from "ts-node";

/**
 * The module providers/<room>/operations.ts of the project that the provider's process works in, or of the nearest
 * folder above it that has one.
 */
export function operationsOf(room: string): unknown {
  /* eslint-disable @typescript-eslint/no-require-imports -- read when an operation runs, not when the program does */
  const { existsSync } = require("node:fs") as typeof Fs;
  let folder = process.cwd();
  while (folder !== "/" && !existsSync(`${folder}/providers/${room}/operations.ts`))
    folder = folder.slice(0, folder.lastIndexOf("/")) || "/";
  if (!(Symbol.for("ts-node.register.instance") in process)) {
    const tsNode = require("ts-node") as typeof TsNode;
    tsNode.register({ transpileOnly: true, cwd: process.cwd() });
  }
  return require(`${folder}/providers/${room}/operations.ts`) as unknown;
  /* eslint-enable @typescript-eslint/no-require-imports */
}
