import { existsSync, readFileSync } from "node:fs";

import { commandInputs, problemsOf } from "../../stand-ins/pulumi-resource-command/command-inputs";
import { type CommandRun, runCommand } from "../../stand-ins/pulumi-resource-command/run-command";
import { Secret } from "../../stand-ins/pulumi-plugin/values";

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
    'spawn /no/such/shell ENOENT: running "true". Check dir and interpreter.',
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

test("what is not done is refused by name", () => {
  expect(problemsOf({ create: "true", assetPaths: ["*"], logging: "loud" })).toEqual([
    {
      property: "assetPaths",
      reason: "this stand-in of the command plugin does not do assetPaths; use the real plugin",
    },
    { property: "logging", reason: "expected one of none, stdout, stderr, stdoutAndStderr" },
  ]);
});
