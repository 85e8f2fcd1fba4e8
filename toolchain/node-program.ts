// Node 24 comes as an npm package of the platform (an optional dependency), so that stand-ins and Pulumi's SDK
// do not depend on the Node that a machine happens to have.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Tool } from "./tools";
import { inRange } from "./versions";

/** The lab's Node. Throws a sentence where there is none. */
export function nodeOf(repository: string): Tool {
  const folder = path.join(repository, "node_modules", `node-${process.platform}-${process.arch}`);
  const program = path.join(folder, "bin", "node");
  if (existsSync(program)) {
    const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
      version: string;
    };
    return { name: "node", version, path: program, source: "system" };
  }
  const own = process.versions.node;
  if (inRange(own, { from: "24" }))
    return { name: "node", version: own, path: process.execPath, source: "system" };
  throw new Error(
    `Looking for Node 24 failed: ${folder} is not there and this is Node ${own}. Run \`npm ci\`, without --omit=optional.`,
  );
}
