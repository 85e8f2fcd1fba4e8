// How Node is made to run this project's TypeScript, wherever it is started.

import path from "node:path";

/** Flags of Node that go before the TypeScript file. */
export const runTypeScript: readonly string[] = [
  "--require",
  path.resolve(__dirname, "../providers/register.cjs"),
];
