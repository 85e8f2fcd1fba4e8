// What Pulumi starts. esbuild makes one file of the pack in memory, within a tenth of a second: no build to forget, and no
// check of types at each preview.

const Module = require("node:module");
const path = require("node:path");
const { buildSync } = require("esbuild");

const entry = path.join(__dirname, "pack.ts");
const { outputFiles } = buildSync({
  entryPoints: [entry],
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node22",
  sourcemap: "inline",
  write: false,
  logLevel: "error",
});

const pack = new Module(entry, module);
pack.filename = entry;
pack.paths = module.paths;
pack._compile(outputFiles[0].text, entry);
