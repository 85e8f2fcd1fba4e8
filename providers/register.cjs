// Lets Node run this project's TypeScript, quickly: node --require ./providers/register.cjs FILE. Sucrase only drops the
// types, so that lines stay where they are and stack traces need no source maps.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { addHook } = require("pirates");

const repository = path.dirname(__dirname);
const cache = path.join(repository, "node_modules", ".cache", "register");
const transforms = ["imports", "typescript"];
const { version } = require("sucrase/package.json");

addHook(javascriptOf, { exts: [".ts"] });

/** The JavaScript of a file, kept from the last time: Sucrase's own start and work are a third of a small program's. */
function javascriptOf(text, filePath) {
  const place = path.relative(repository, filePath);
  if (place.startsWith("..")) return transformed(text, filePath);
  const kept = path.join(cache, `${place.replaceAll(path.sep, "+")}.js`);
  const hash = createHash("sha256").update(`${version} ${transforms} ${text}`).digest("hex");
  // At the end, so that half a file is none.
  const mark = `\n// ${hash}`;
  const old = contentOf(kept);
  if (old?.endsWith(mark)) return old;
  const code = transformed(text, filePath) + mark;
  keep(kept, code);
  return code;
}

function transformed(text, filePath) {
  return require("sucrase").transform(text, { transforms, filePath }).code;
}

function contentOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // not there yet
  }
}

function keep(file, text) {
  try {
    mkdirSync(cache, { recursive: true });
    const mine = `${file}.${process.pid}`;
    writeFileSync(mine, text);
    renameSync(mine, file);
  } catch {
    // A folder that cannot be written to costs time, nothing else.
  }
}

instead("source-map-support/register", {}); // there are no maps to look for
later("typescript");
later("@npmcli/arborist");
later("normalize-package-data");
later("@pulumi/pulumi/automation");

/**
 * Loads a module when it is first used, not when it is first required. Pulumi's SDK requires these for the serialising of
 * functions and for its Automation API, which take two thirds of its start; a program asks for neither (docs/decisions/0002).
 */
function later(name) {
  let real;
  const load = () => {
    if (real !== undefined) return real;
    delete require.cache[file];
    return (real = require(file));
  };
  const file = instead(
    name,
    new Proxy(function () {}, {
      get: (_, key) => key === "__esModule" || load()[key],
      construct: (_, args) => new (load())(...args),
      apply: (_, self, args) => load().apply(self, args),
    }),
  );
}

/** What `require` answers for a name from now on. Answers the file that it would have been. */
function instead(name, exports) {
  const file = require.resolve(name);
  require.cache[file] = Object.assign(new module.constructor(file), { exports, loaded: true });
  return file;
}
