import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";
import { makeStandIns, type Choice, type StandIns } from "../../toolchain/stand-ins";
import type { Tool } from "../../toolchain/tools";
import { fakeMachine, type FakeMachine } from "./fake-machine";

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
  for (const name of ["kind", "pulumi-language-nodejs", "pulumi-resource-random"])
    machine.file(`stand-ins/${name}/main.ts`, `console.log("${name}", process.argv.slice(2));`);
  machine.file("stand-ins/shared/words.ts", "export const word = 'hello';");
  machine.file(
    "workloads/hello/main.ts",
    `import { word } from "../../stand-ins/shared/words"; console.log(word, import.meta.url);`,
  );
});
afterEach(() => machine.remove());

const packages = path.resolve(__dirname, "../../node_modules/@pulumi");

/** A `pulumi` that notes each installation and then does what the script says. */
function pulumi(script: string): Tool {
  const file = machine.program("pulumi", `echo "$5" >> ${machine.folder}/asked; ${script}`);
  return { name: "pulumi", version: "3.256.0", path: file, source: "built" };
}

function make(tool: Tool, retryPlugins = false): Promise<StandIns> {
  const { repository, environment, cache } = machine;
  const labDir = path.join(machine.folder, "lab's");
  const tools: Tool[] = [
    tool,
    { name: "node", version: "24", path: process.execPath, source: "system" },
  ];
  return makeStandIns({ labDir, tools, cache, repository, environment, retryPlugins });
}

const asked = (): string[] =>
  readFileSync(path.join(machine.folder, "asked"), "utf8").trim().split("\n").sort();
const ofName = (made: StandIns, name: string): Choice =>
  made.choices.find((choice) => choice.name === name)!;

test("bundles what is there and launches it", async () => {
  const made = await make(pulumi("echo no such plugin >&2; exit 1"));
  expect(Object.keys(made.bundles)).toEqual([
    "kind",
    "pulumi-language-nodejs",
    "pulumi-resource-random",
    "hello",
  ]);
  const run = (file: string, ...args: string[]): string =>
    execFileSync(file, args, { encoding: "utf8" });
  expect(run(path.join(made.bin, "kind"), "create", "a b")).toEqual("kind [ 'create', 'a b' ]\n");
  const hello = made.bundles.hello!;
  expect(run(process.execPath, hello)).toEqual(`hello file://${encodeURI(hello)}\n`);
  const dynamic = "pulumi-resource-pulumi-nodejs";
  expect(readFileSync(path.join(made.bin, dynamic), "utf8")).toContain(
    path.join(machine.repository, "node_modules/@pulumi/pulumi/cmd/dynamic-provider"),
  );
  expect(existsSync(path.join(made.bin, "pulumi-resource-command"))).toEqual(false);
});

test("bundles again what has changed", async () => {
  const tool = pulumi("exit 1");
  const hello = (await make(tool)).bundles.hello!;
  const written = statSync(hello).mtimeMs;
  await make(tool);
  expect(statSync(hello).mtimeMs).toEqual(written);
  machine.file("stand-ins/shared/words.ts", "export const word = 'good morning';");
  await make(tool);
  expect(execFileSync(process.execPath, [hello], { encoding: "utf8" })).toMatch(/^good morning /);
});

test("asks once for a plugin that cannot be had, and again only when told", async () => {
  const versionOf = (name: string): string =>
    (
      JSON.parse(readFileSync(path.join(packages, name, "package.json"), "utf8")) as {
        version: string;
      }
    ).version;
  const tool = pulumi("echo no such plugin >&2; exit 1");
  const made = await make(tool);
  const reason = (name: string): string =>
    `${name} ${versionOf(name)} could not be installed: no such plugin`;
  expect(made.choices).toEqual([
    { name: "kind", chosen: "stand-in", reason: "no good version on PATH" },
    {
      name: "pulumi-language-nodejs",
      chosen: "stand-in",
      reason: "not beside Pulumi on PATH, and not served as a Go module",
    },
    { name: "pulumi-resource-random", chosen: "stand-in", reason: reason("random") },
    {
      name: "pulumi-resource-command",
      chosen: "missing",
      reason: `${reason("command")}; and there is no stand-in`,
    },
    {
      name: "pulumi-resource-kubernetes",
      chosen: "missing",
      reason: `${reason("kubernetes")}; and there is no stand-in`,
    },
  ]);
  expect(asked()).toEqual(["command", "kubernetes", "random"].map(versionOf).sort());
  expect((await make(tool)).choices).toEqual(made.choices);
  expect(asked()).toHaveLength(3);
  await make(tool, true);
  expect(asked()).toHaveLength(6);
});

test("an installed plugin is used, and the launcher of its stand-in goes", async () => {
  const before = await make(pulumi("exit 1"));
  expect(existsSync(path.join(before.bin, "pulumi-resource-random"))).toEqual(true);
  const made = await make(pulumi('mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"'), true);
  expect(made.choices.slice(2).map(({ name, chosen }) => [name, chosen])).toEqual([
    ["pulumi-resource-random", "installed"],
    ["pulumi-resource-command", "installed"],
    ["pulumi-resource-kubernetes", "installed"],
  ]);
  expect(existsSync(path.join(made.bin, "pulumi-resource-random"))).toEqual(false);
});

test("the real kind is taken only where a Docker engine answers", async () => {
  const tool = pulumi("exit 1");
  const kind = machine.program("kind", "echo kind v0.30.0 go1.25.0 linux/amd64");
  machine.program("docker", "echo Cannot connect >&2; exit 1");
  expect(ofName(await make(tool), "kind")).toEqual({
    name: "kind",
    chosen: "stand-in",
    reason: "on PATH, but no Docker engine answers",
  });
  machine.program("docker", "echo 28.2.2");
  const made = await make(tool);
  expect(ofName(made, "kind")).toEqual({
    name: "kind",
    chosen: "PATH",
    reason: "0.30.0, Docker 28.2.2",
    path: kind,
  });
  expect(readlinkSync(path.join(made.bin, "kind"))).toEqual(kind);
});

test("Pulumi from PATH brings its own language host", async () => {
  const host = machine.program("pulumi-language-nodejs", "exit 0");
  const tool: Tool = { ...pulumi("exit 1"), source: "PATH" };
  expect(ofName(await make(tool), "pulumi-language-nodejs")).toEqual({
    name: "pulumi-language-nodejs",
    chosen: "PATH",
    reason: `beside ${tool.path}`,
    path: host,
  });
});
