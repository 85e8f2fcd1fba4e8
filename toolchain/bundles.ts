// Stand-ins and workloads become single files that run anywhere without node_modules: a pod's or a VM's mount
// namespace need not contain the repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { writeWhole } from "./cache";

/** Rooms whose folders with a main.ts are bundled. */
const rooms: readonly string[] = ["stand-ins", "workloads"];

/** Name -> main.ts, of all that exist. */
export function entries(repository: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const room of rooms) {
    const folder = path.join(repository, room);
    for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
      const main = path.join(folder, name, "main.ts");
      if (!existsSync(main)) continue;
      if (found[name] !== undefined)
        throw new Error(
          `Bundling failed: ${found[name]} and ${main} both make ${name}.cjs. Rename a folder.`,
        );
      found[name] = main;
    }
  }
  return found;
}

/** Bundles every entry into `<dist>/<name>.cjs`; answers name -> file. Unchanged files are not written. */
export async function bundle(repository: string, dist: string): Promise<Record<string, string>> {
  const entryPoints = entries(repository);
  const { outputFiles } = await build({
    absWorkingDir: repository,
    entryPoints,
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "cjs",
    // CommonJS first: a package that is required must not come as a namespace with a `default`.
    mainFields: ["main", "module"],
    sourcemap: false,
    legalComments: "none",
    logLevel: "silent",
    // ES modules among the packages ask where they are; a CommonJS file answers in its own way.
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  }).catch((error: unknown) => {
    throw new Error(`Bundling the stand-ins failed: ${(error as Error).message}`, { cause: error });
  });
  for (const { path: file, contents } of outputFiles)
    if (!existsSync(file) || !readFileSync(file).equals(contents)) await writeWhole(file, contents);
  return Object.fromEntries(
    Object.keys(entryPoints).map((name) => [name, path.join(dist, `${name}.cjs`)]),
  );
}
