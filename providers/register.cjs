// Lets Node run this project's TypeScript, quickly: node --require ./providers/register.cjs FILE. Sucrase only drops the
// types, so that lines stay where they are and stack traces need no source maps.
const { addHook } = require("pirates");
const { transform } = require("sucrase");

const transforms = ["imports", "typescript"];
addHook((text, filePath) => transform(text, { transforms, filePath }).code, { exts: [".ts"] });

instead("source-map-support/register", {}); // there are no maps to look for
later("typescript");
later("@npmcli/arborist");

/**
 * Loads a module when it is first used, not when it is first required. Pulumi's SDK requires these for the serialising of
 * functions, which takes more than half of its start, and which nothing here asks for (docs/decisions/0002).
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
