// Stand-ins and workloads become single files that run anywhere without node_modules: a pod's or a VM's mount
// namespace need not contain the repository.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { build, version, type BuildOptions } from "esbuild";
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

/**
 * Bundles every entry into `<dist>/<name>.cjs`; answers name -> file. Nothing is done when no source has changed
 * since, and files whose content stays are not written.
 */
export async function bundle(repository: string, dist: string): Promise<Record<string, string>> {
  const entryPoints = entries(repository);
  const files = Object.fromEntries(
    Object.keys(entryPoints).map((name) => [name, path.join(dist, `${name}.cjs`)]),
  );
  const stampFile = path.join(dist, "sources.json");
  if (isFresh(stampFile, repository, Object.values(files))) return files;
  const began = Date.now();
  const { outputFiles, metafile } = await build({
    ...settings,
    absWorkingDir: repository,
    entryPoints,
    outdir: dist,
  }).catch((error: unknown) => {
    throw new Error(`Bundling the stand-ins failed: ${(error as Error).message}`, { cause: error });
  });
  for (const { path: file, contents } of outputFiles)
    if (!existsSync(file) || !readFileSync(file).equals(contents)) await writeWhole(file, contents);
  const made = stamp(repository, Object.values(files), Object.keys(metafile.inputs));
  // A source saved while bundling may have been read before: then the next run bundles again.
  if (made.sources.every(([, , changed]) => changed < began))
    await writeWhole(stampFile, JSON.stringify(made));
  return files;
}

const settings = {
  outExtension: { ".js": ".cjs" },
  bundle: true,
  write: false,
  metafile: true,
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
} satisfies BuildOptions;

/** What the bundles were made of and with: names, sizes and times. */
interface Stamp {
  settings: string;
  repository: string;
  outputs: string[];
  sources: [file: string, size: number, changed: number][];
}

function stamp(repository: string, outputs: string[], sources: string[]): Stamp {
  return {
    settings: `${version} ${JSON.stringify(settings)}`,
    repository,
    outputs,
    sources: sources.map((file) => {
      const stat = statSync(path.resolve(repository, file), { throwIfNoEntry: false });
      return [file, stat?.size ?? -1, stat?.mtimeMs ?? -1];
    }),
  };
}

function isFresh(stampFile: string, repository: string, outputs: string[]): boolean {
  if (!existsSync(stampFile) || !outputs.every((file) => existsSync(file))) return false;
  const text = readFileSync(stampFile, "utf8");
  const sources = (JSON.parse(text) as Stamp).sources.map(([file]) => file);
  return JSON.stringify(stamp(repository, outputs, sources)) === text;
}
