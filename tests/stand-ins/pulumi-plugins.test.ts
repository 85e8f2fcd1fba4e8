// The real engine drives the language host and the plugins through the life of a stack, as a person would: by the
// command line, with nothing but PATH to find them.

import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(__dirname, "../..");
const fixture = path.join(__dirname, "pulumi-plugins");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-plugins-"));
const project = path.join(folder, "project");
const bin = path.join(folder, "bin");
const stop = new AbortController();
const configFile = path.join(folder, "Pulumi.test.yaml");

const settings = {
  "test:greeting": "hello",
  "test:generation": "1",
  "test:half": "false",
  "test:fail": "false",
  "test:throw": "false",
};

interface Ran {
  readonly code: number;
  readonly text: string;
}

function realTools(): string {
  const tools = process.env["LAB_TEST_BIN"];
  if (tools) return tools;
  throw new Error("Finding the real pulumi failed: LAB_TEST_BIN is not set. Run npm test.");
}

function environment(): NodeJS.ProcessEnv {
  const sdk = path.join(root, "node_modules/@pulumi/pulumi");
  return {
    PATH: [path.dirname(process.execPath), bin, realTools(), sdk, "/usr/bin", "/bin"].join(":"),
    HOME: folder,
    PULUMI_HOME: path.join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: "test",
    PULUMI_OPTION_CONFIG_FILE: configFile,
    PULUMI_OPTION_NON_INTERACTIVE: "true",
    PULUMI_OPTION_COLOR: "never",
  };
}

async function pulumi(...args: string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)("pulumi", args, {
      cwd: project,
      env: environment(),
      timeout: 120_000,
      signal: stop.signal,
    });
    return { code: 0, text: stdout + stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

/** What an `up` did, by operation and in the engine's own count. */
async function changesOf(...args: string[]): Promise<Record<string, number>> {
  const { code, text } = await pulumi(...args, "--json");
  const summary = text.split("\n").find((line) => line.includes('"summaryEvent"'));
  if (code !== 0 || !summary) throw new Error(text);
  const event = JSON.parse(summary) as {
    summaryEvent: { resourceChanges: Record<string, number> };
  };
  return event.summaryEvent.resourceChanges;
}

async function outputs(): Promise<Record<string, string>> {
  const { text } = await pulumi("stack", "output", "--json", "--show-secrets");
  return JSON.parse(text) as Record<string, string>;
}

interface StoredResource {
  readonly type: string;
  readonly outputs: unknown;
}

async function resources(): Promise<StoredResource[]> {
  const exported = JSON.parse((await pulumi("stack", "export")).text) as {
    deployment: { resources?: StoredResource[] };
  };
  return exported.deployment.resources ?? [];
}

/** What is stored of the resource that was made half. */
async function half(): Promise<unknown> {
  return (await resources()).find(({ type }) => type === "half:index:Made")?.outputs;
}

async function set(changes: Partial<typeof settings>): Promise<void> {
  const pairs = Object.entries(changes).flatMap(([key, value]) => [
    "--plaintext",
    `${key}=${value}`,
  ]);
  expect((await pulumi("config", "set-all", ...pairs)).code).toBe(0);
}

function build(name: string, source: string): void {
  const file = path.join(folder, `${name}.cjs`);
  const flags = ["--bundle", "--platform=node", "--target=node24", "--log-level=warning"];
  execFileSync(path.join(root, "node_modules/.bin/esbuild"), [
    source,
    ...flags,
    `--outfile=${file}`,
  ]);
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${file}' "$@"\n`;
  fs.writeFileSync(path.join(bin, name), launcher, { mode: 0o755 });
}

/** Processes that carry this test's folder in their command line. */
function strays(): string[] {
  return fs
    .readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(folder));
}

beforeAll(() => {
  for (const made of [project, bin, "home", "state"]) {
    fs.mkdirSync(path.resolve(folder, made), { recursive: true });
  }
  // A plain file here keeps the engine from writing its automatic encrypted log.
  fs.writeFileSync(path.join(folder, "home/logs"), "");
  for (const name of ["language-nodejs", "resource-random", "resource-command"]) {
    build(`pulumi-${name}`, path.join(root, `stand-ins/pulumi-${name}/main.ts`));
  }
  build("pulumi-resource-half", path.join(fixture, "half.ts"));
  fs.copyFileSync(path.join(fixture, "index.ts"), path.join(project, "index.ts"));
  fs.symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
  const write = (name: string, value: unknown) =>
    fs.writeFileSync(path.join(project, name), JSON.stringify(value));
  const options = { tsconfig: "tsconfig.test.json" };
  write("Pulumi.yaml", { name: "test", main: "", runtime: { name: "nodejs", options } });
  write("package.json", { name: "test", main: "index.ts" });
  const compilerOptions = { target: "es2022", module: "nodenext", noCheck: true };
  write("tsconfig.test.json", {
    compilerOptions: { ...compilerOptions, strict: true, useDefineForClassFields: false },
  });
}, 60_000);

afterAll(() => {
  stop.abort();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("a stack lives from up to destroy on the real engine", async () => {
  expect(await pulumi("stack", "init", "test", "--no-select")).toEqual({
    code: 0,
    text: expect.stringContaining("Created stack 'test'") as string,
  });
  fs.renameSync(path.join(project, "Pulumi.test.yaml"), configFile);
  await set(settings);
  await pulumi("config", "set", "--secret", "token", "a-secret-token");

  expect(await changesOf("up", "--yes", "--skip-preview")).toEqual({ create: 7 });
  const made = await outputs();
  expect(made).toEqual({
    hex: expect.stringMatching(/^lab-[0-9a-f]{8}$/) as string,
    hexAgain: made["hex"],
    petName: expect.stringMatching(/^[a-z]+-[a-z]+$/) as string,
    passwordLength: 20,
    secret: expect.stringMatching(/^.{20}$/) as string,
    hash: expect.stringMatching(/^\$2a\$10\$.{53}$/) as string,
    said: "from stdin\nhello",
    aside: "aside",
    loud: "FROM STDIN\nHELLO",
    ran: "invoked",
    token: "a-secret-token",
  });
  const state = JSON.stringify(await resources());
  const secrets = [made["secret"]!, made["hash"]!, "a-secret-token"];
  expect(secrets.filter((secret) => state.includes(secret))).toEqual([]);

  expect((await pulumi("preview", "--expect-no-changes")).code).toBe(0);

  await set({ "test:greeting": "goodbye", "test:generation": "2" });
  expect(await changesOf("up", "--yes", "--skip-preview")).toEqual({
    replace: 2,
    same: 3,
    update: 2,
  });
  const changed = await outputs();
  expect(changed).toEqual({
    ...made,
    petName: expect.stringMatching(/^[a-z]+-[a-z]+$/) as string,
    said: "before: from stdin hello\ngoodbye",
    aside: "",
    loud: "BEFORE: FROM STDIN HELLO\nGOODBYE",
  });
  expect(fs.readFileSync(path.join(project, "deleted.txt"), "utf8")).toBe(`${made["hex"]!}\n`);

  await set({ "test:fail": "true", "test:half": "true" });
  const failed = await pulumi("up", "--yes", "--skip-preview", "--continue-on-error");
  expect(failed.code).toBe(1);
  expect(failed.text).toContain('exit status 3: running "echo the reason >&2; exit 3":');
  expect(failed.text).toContain("not well");
  expect(await half()).toEqual({ size: 1 });

  await set({ "test:fail": "false", "test:throw": "true" });
  const threw = await pulumi("up", "--yes", "--skip-preview");
  expect(threw.code).toBe(1);
  expect(threw.text).toContain("thrown by the program");

  expect(await half()).toEqual({ size: 1, well: true });

  expect(await changesOf("refresh", "--yes", "--skip-preview")).toEqual({ same: 8 });

  const imported = ["import", "random:index/randomPassword:RandomPassword", "found", "a-word"];
  const unprotected = [...imported, "--yes", "--protect=false"];
  expect((await pulumi(...unprotected, "--generate-code=false")).code).toBe(0);
  const withCode = await pulumi(...unprotected);
  expect(withCode.code).toBe(1);
  expect(withCode.text).toContain("With --generate-code=false, import leaves the code to you");

  expect(await changesOf("destroy", "--yes", "--skip-preview")).toEqual({ delete: 9 });
  expect(await resources()).toEqual([]);
  expect(fs.readdirSync(project).filter((name) => name.startsWith("Pulumi."))).toEqual([
    "Pulumi.yaml",
  ]);
  expect(strays()).toEqual([]);
}, 300_000);
