import { existsSync, readFileSync } from "node:fs";

import {
  commandFields,
  commandInputs,
  problemsOf,
} from "../../stand-ins/pulumi-resource-command/command-inputs";
import { commandProvider } from "../../stand-ins/pulumi-resource-command/command-provider";
import { type CommandRun, runCommand } from "../../stand-ins/pulumi-resource-command/run-command";
import {
  type PropertyMap,
  type PropertyValue,
  Secret,
  UNKNOWN,
} from "../../stand-ins/pulumi-plugin/values";

/** Empty for a process that has ended, be it that nobody has waited for it yet. */
function commandLineOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function run(properties: Parameters<typeof commandInputs>[0], changes: Partial<CommandRun>) {
  return runCommand({
    command: "true",
    inputs: commandInputs(properties),
    signal: new AbortController().signal,
    onLine: () => undefined,
    ...changes,
  });
}

test("a command gets its input, environment, folder and earlier output", async () => {
  const properties = {
    stdin: "given",
    dir: "/",
    environment: { WORD: new Secret("hushed") },
    interpreter: ["/bin/sh", "-e", "-c"],
  };
  const command = 'cat; echo; echo "$WORD $PULUMI_COMMAND_STDOUT"; pwd; echo "$-" >&2';
  const previous = { stdout: "before", stderr: "" };
  expect(await run(properties, { command, previous })).toEqual({
    stdout: "given\nhushed before\n/",
    stderr: expect.stringContaining("e") as string,
  });
});

test("only what logging asks for is shown", async () => {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  await run({ logging: "stderr" }, { command: "echo out; echo err >&2", onLine });
  expect(lines).toEqual(["err"]);
});

test("a failed command tells its status and all it wrote", async () => {
  await expect(run({}, { command: "echo why; exit 3" })).rejects.toThrow(
    'exit status 3: running "echo why; exit 3":\nwhy\n',
  );
});

test("an interpreter that is not there is told", async () => {
  await expect(run({ interpreter: ["/no/such/shell"] }, {})).rejects.toThrow(
    'fork/exec /no/such/shell: no such file or directory: running "true":\n',
  );
});

test("cancelling ends the whole process group", async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    stop.abort();
  };
  const command = "sleep 60 & echo $!; wait";
  await expect(run({}, { command, signal: stop.signal, onLine })).rejects.toThrow(/^cancelled: /);
  expect(commandLineOf(Number(lines[0]))).toBe("");
});

test("a custom timeout ends a command", async () => {
  await expect(run({}, { command: "sleep 60", timeoutSeconds: 0.05 })).rejects.toThrow(
    /^timed out after 0.05 s: /,
  );
});

test("what is not done, not known or of another kind is refused by name", () => {
  const wrong = {
    create: 5,
    assetPaths: ["*"],
    environment: { PORT: 80 },
    interpreter: UNKNOWN,
    shell: "sh",
  };
  expect(problemsOf(wrong, commandFields, "local.CommandInputs")).toEqual([
    { property: "create", reason: "Field 'create' on 'local.CommandInputs' must be a string" },
    {
      property: "environment",
      reason: "Field 'environment' on 'local.CommandInputs' must be a map of strings",
    },
    { property: "shell", reason: "Unrecognized field 'shell' on 'local.CommandInputs'" },
    {
      property: "assetPaths",
      reason: "this stand-in of the command plugin does not do assetPaths; use the real plugin",
    },
  ]);
});

const provider = commandProvider();
const context = {
  urn: "urn:pulumi:dev::p::command:local:Command::c",
  type: "command:local:Command",
  name: "c",
  signal: new AbortController().signal,
  log: () => Promise.resolve(),
  timeoutSeconds: 0,
};

test("a secret is one value: it differs from the same in clear, and what changes in it is not told", async () => {
  const changed = async (oldInputs: PropertyMap, news: PropertyMap) =>
    Object.keys(
      (
        await provider.diff!({
          ...context,
          id: "c1",
          oldInputs,
          oldOutputs: {},
          news,
          ignoreChanges: [],
        })
      ).detailedDiff!,
    );
  const hushed = (value: PropertyValue) => new Secret(value);
  expect([
    await changed({ environment: { A: "1" } }, { environment: { A: hushed("1") } }),
    await changed({ environment: hushed({ A: "1" }) }, { environment: hushed({ A: "1" }) }),
    await changed({ environment: hushed({ A: "1" }) }, { environment: hushed({ A: "2" }) }),
    await changed({ triggers: hushed(["1"]) }, { triggers: ["1"] }),
  ]).toEqual([["environment.A"], [], ["environment"], ["triggers"]]);
});

test("triggers that come or go replace; what changes within them is an update with its path", async () => {
  const diff = (oldInputs: PropertyMap, news: PropertyMap) =>
    provider.diff!({ ...context, id: "c1", oldInputs, oldOutputs: {}, news, ignoreChanges: [] });
  expect(await diff({ create: "a", triggers: [1] }, { create: "a", triggers: [2] })).toEqual({
    changes: "some",
    diffs: ["triggers"],
    replaces: [],
    detailedDiff: { "triggers[0]": { kind: "update", inputDiff: false } },
  });
  expect(await diff({ create: "a" }, { create: "b", triggers: [], version: "1.2.1" })).toEqual({
    changes: "some",
    diffs: ["create", "triggers"],
    replaces: ["triggers"],
    detailedDiff: {
      create: { kind: "update", inputDiff: false },
      triggers: { kind: "add-replace", inputDiff: false },
    },
  });
});

test("a change runs update, or create again, be it an empty line; with neither the output stays", async () => {
  const update = (news: PropertyMap, preview = false) =>
    provider.update!({
      ...context,
      id: "c1",
      oldInputs: {},
      oldOutputs: { stdout: "old", stderr: "aside" },
      news,
      ignoreChanges: [],
      preview,
    });
  const both = { create: "echo made", update: 'echo "was $PULUMI_COMMAND_STDOUT"' };
  expect(await update(both)).toEqual({ ...both, stdout: "was old", stderr: "" });
  expect(await update({ create: "echo made" })).toMatchObject({ stdout: "made", stderr: "" });
  expect(await update({ create: "" })).toMatchObject({ stdout: "", stderr: "" });
  expect(await update({ delete: "true" })).toMatchObject({ stdout: "old", stderr: "aside" });
  expect(await update({ delete: "true" }, true)).toEqual({
    delete: "true",
    stdout: UNKNOWN,
    stderr: UNKNOWN,
  });
});

test("no interpreter is the shell, be it an empty list", async () => {
  expect(await run({ interpreter: [] }, { command: "echo $0" })).toEqual({
    stdout: "/bin/sh",
    stderr: "",
  });
});
