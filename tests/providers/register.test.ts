// TypeScript as Node runs it here: what was made of a file is kept, and never taken for what it is not.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const repository = path.join(__dirname, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "register-"));
const cache = path.join(folder, "node_modules", ".cache", "register");

beforeAll(() => {
  mkdirSync(path.join(folder, "providers"));
  cpSync(
    path.join(repository, "providers/register.cjs"),
    path.join(folder, "providers/register.cjs"),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a TypeScript file of the folder prints. */
function run(file: string, text?: string): string {
  if (text !== undefined) writeFileSync(path.join(folder, file), text);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--require", "./providers/register.cjs", file],
    {
      cwd: folder,
      env: { ...process.env, NODE_PATH: path.join(repository, "node_modules") },
      encoding: "utf8",
    },
  );
  return stdout.trim() || stderr;
}

const kept = (): string[] => readdirSync(cache);

test("what was made of a file is kept until the file changes", () => {
  expect(run("a.ts", 'const said: string = "one";\nconsole.log(said);\n')).toBe("one");
  expect(kept()).toEqual(["a.ts.js"]);
  const [file] = kept().map((name) => path.join(cache, name));
  // Shows that it is the kept text that runs.
  writeFileSync(file!, readFileSync(file!, "utf8").replace('"one"', '"kept"'));
  expect(run("a.ts")).toBe("kept");
  expect(run("a.ts", 'const said: string = "two";\nconsole.log(said);\n')).toBe("two");
  expect(kept()).toEqual(["a.ts.js"]);
});

test("half a kept file is made again", () => {
  expect(run("b.ts", 'console.log("whole" as string);\n')).toBe("whole");
  const file = path.join(cache, "b.ts.js");
  writeFileSync(file, readFileSync(file, "utf8").slice(0, 20));
  expect(run("b.ts")).toBe("whole");
});

test("an error tells the line of the TypeScript", () => {
  const text = "interface Left {\n  out: string;\n}\n\nthrow new Error('here');\n";
  expect(run("c.ts", text)).toContain("c.ts:5");
  expect(run("c.ts")).toContain("c.ts:5");
});

test("where nothing can be kept it runs all the same", () => {
  rmSync(path.join(folder, "node_modules"), { recursive: true, force: true });
  writeFileSync(path.join(folder, "node_modules"), "");
  expect(run("d.ts", 'console.log("ran" as string);\n')).toBe("ran");
});
