// command:local:Command and command:local:run; what reaches other machines is refused by name.

import { randomBytes } from "node:crypto";

import { UnsupportedError } from "../pulumi-plugin/errors";
import { propertyDiff } from "../pulumi-plugin/property-diff";
import type {
  CreateRequest,
  CreateResult,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  InvokeResult,
  Provider,
  ReadRequest,
  RequestContext,
  UpdateRequest,
} from "../pulumi-plugin/provider";
import { type PropertyMap, UNKNOWN } from "../pulumi-plugin/values";
import { commandFields, commandInputs, problemsOf, runFields, textIn } from "./command-inputs";
import { type CommandOutput, runCommand } from "./run-command";

const commandType = "command:local:Command";
const runToken = "command:local:run";

/** The provider behind pulumi-resource-command. */
export function commandProvider(): Provider {
  return {
    check: ({ type, news }) => {
      requireKnown(type, commandType);
      return { inputs: news, failures: problemsOf(news, commandFields, "local.CommandInputs") };
    },
    diff,
    create,
    read,
    update,
    delete: remove,
    invoke,
  };
}

function requireKnown(name: string, known: string): void {
  if (name === known) return;
  throw new UnsupportedError(
    `Using ${name} failed: this stand-in of the command plugin only knows ${known}.`,
  );
}

/**
 * A change within the triggers is an update here, as the real plugin answers; the SDK's replaceOnChanges makes it a
 * replacement. Triggers that come or go as a whole are one.
 */
function diff({ oldInputs, news }: DiffRequest) {
  const internal = (key: string) => key === "version" || key.startsWith("__");
  const given = Object.fromEntries(Object.entries(news).filter(([key]) => !internal(key)));
  return propertyDiff(oldInputs, given, {
    replaceOn: (path) => path === "triggers",
    inputDiff: false,
    secretsWhole: true,
  });
}

const unknownOutput = { stdout: UNKNOWN, stderr: UNKNOWN };

async function create(request: CreateRequest): Promise<CreateResult> {
  const { inputs, name, preview } = request;
  const id = name + randomBytes(4).toString("hex");
  if (preview) return { id: "", outputs: { ...inputs, ...unknownOutput } };
  const command = textIn(inputs, "create");
  const output =
    command !== undefined ? await run(request, command, inputs) : { stdout: "", stderr: "" };
  return { id, outputs: { ...inputs, ...output } };
}

/** A change runs `update`, or `create` again where there is none; with neither, the last output stays. */
async function update(request: UpdateRequest): Promise<PropertyMap> {
  const { news, oldOutputs, preview } = request;
  if (preview) return { ...news, ...unknownOutput };
  const command = textIn(news, "update") ?? textIn(news, "create");
  if (command === undefined)
    return { ...news, stdout: oldOutputs["stdout"], stderr: oldOutputs["stderr"] };
  return { ...news, ...(await run(request, command, news, outputOf(oldOutputs))) };
}

async function remove(request: DeleteRequest): Promise<void> {
  const { oldOutputs } = request;
  const command = textIn(oldOutputs, "delete");
  if (command !== undefined) await run(request, command, oldOutputs, outputOf(oldOutputs));
}

function read({ type, id, inputs, outputs }: ReadRequest) {
  requireKnown(type, commandType);
  if (Object.keys(outputs).length > 0) return { id, inputs, outputs };
  throw new UnsupportedError(`Importing ${id} failed: a command cannot be imported.`);
}

async function invoke({ token, args, signal }: InvokeRequest): Promise<InvokeResult> {
  requireKnown(token, runToken);
  const command = textIn(args, "command");
  const missing = {
    property: "command",
    reason: "Missing required field 'command' on 'local.RunInputs'",
  };
  const failures = [
    ...(args["command"] === undefined ? [missing] : []),
    ...problemsOf(args, runFields, "local.RunInputs"),
  ];
  if (failures.length > 0 || command === undefined) return { result: {}, failures };
  const output = await runCommand({
    command,
    inputs: commandInputs(args),
    signal,
    onLine: () => undefined,
  });
  return { result: { ...args, ...output } };
}

type Context = RequestContext & { readonly timeoutSeconds: number };

async function run(
  { signal, log, timeoutSeconds }: Context,
  command: string,
  properties: PropertyMap,
  previous?: CommandOutput,
): Promise<{ stdout: string; stderr: string }> {
  let shown: Promise<void> = Promise.resolve();
  try {
    return await runCommand({
      command,
      inputs: commandInputs(properties),
      ...(previous && { previous }),
      timeoutSeconds,
      signal,
      onLine: (line) => {
        shown = log("info", line, { ephemeral: true });
      },
    });
  } finally {
    await shown;
  }
}

function outputOf(outputs: PropertyMap): CommandOutput {
  return { stdout: textIn(outputs, "stdout") ?? "", stderr: textIn(outputs, "stderr") ?? "" };
}
