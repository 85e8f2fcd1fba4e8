// What a command is made of, read from property values once and checked.

import {
  hasUnknown,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  withoutSecrets,
} from "../pulumi-plugin/values";

export type Logging = "none" | "stdout" | "stderr" | "stdoutAndStderr";

/** How a command line is run, whichever of create, update and delete it is. */
export interface CommandInputs {
  readonly interpreter: readonly string[];
  readonly dir: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  readonly logging: Logging;
  readonly addPreviousOutputInEnv: boolean;
}

type Kind = "string" | "boolean" | "list" | "list of strings" | "map of strings";

/** Fields by which all commands are run. */
const baseFields: Readonly<Record<string, Kind>> = {
  stdin: "string",
  logging: "string",
  interpreter: "list of strings",
  dir: "string",
  environment: "map of strings",
  assetPaths: "list of strings",
  archivePaths: "list of strings",
  addPreviousOutputInEnv: "boolean",
};

/** The inputs of command:local:Command. */
export const commandFields: Readonly<Record<string, Kind>> = {
  ...baseFields,
  triggers: "list",
  create: "string",
  update: "string",
  delete: "string",
};

/** The arguments of command:local:run. */
export const runFields: Readonly<Record<string, Kind>> = { ...baseFields, command: "string" };

/** What this stand-in does not do. */
const refused = ["assetPaths", "archivePaths"];

/** Reads the inputs that say how to run; secrets are unwrapped, since a process needs them. */
export function commandInputs(properties: PropertyMap): CommandInputs {
  const plain = withoutSecrets(properties) as PropertyMap;
  const { interpreter, environment } = plain;
  const logging = textIn(plain, "logging");
  return {
    interpreter:
      Array.isArray(interpreter) && interpreter.length > 0
        ? interpreter.map(textOf)
        : ["/bin/sh", "-c"],
    dir: textIn(plain, "dir") || undefined,
    environment: Object.fromEntries(
      Object.entries(isPropertyMap(environment) ? environment : {}).map(([key, value]) => [
        key,
        textOf(value),
      ]),
    ),
    stdin: textIn(plain, "stdin"),
    // One that is not known logs nothing, and is no mistake: as the real plugin has it.
    logging: logging === undefined ? "stdoutAndStderr" : (logging as Logging),
    addPreviousOutputInEnv: plain["addPreviousOutputInEnv"] !== false,
  };
}

/** A command line or other text among the properties. An empty command line is one: it runs and does nothing. */
export function textIn(properties: PropertyMap, key: string): string | undefined {
  const value = withoutSecrets(properties[key] ?? null);
  return typeof value === "string" ? value : undefined;
}

interface Problem {
  property: string;
  reason: string;
}

/** Everything about these inputs that is wrong or cannot be done; `shape` is what the real plugin calls them. */
export function problemsOf(
  properties: PropertyMap,
  fields: Readonly<Record<string, Kind>>,
  shape: string,
): Problem[] {
  const wrong = Object.entries(properties).flatMap(([property, value]): Problem[] => {
    const kind = fields[property];
    if (kind === undefined)
      return property.startsWith("__")
        ? []
        : [{ property, reason: `Unrecognized field '${property}' on '${shape}'` }];
    const reason = `Field '${property}' on '${shape}' must be a ${kind}`;
    return fits(kind, value) ? [] : [{ property, reason }];
  });
  return [...wrong, ...undone(properties)];
}

const isText = (value: PropertyValue | undefined) => typeof value === "string";
const isOf: Readonly<Record<Kind, (plain: PropertyValue) => boolean>> = {
  string: isText,
  boolean: (plain) => typeof plain === "boolean",
  list: (plain) => Array.isArray(plain),
  "list of strings": (plain) => Array.isArray(plain) && plain.every(isText),
  "map of strings": (plain) => isPropertyMap(plain) && Object.values(plain).every(isText),
};

/** Whether a value is of a kind, as far as it is known. */
function fits(kind: Kind, value: PropertyValue | undefined): boolean {
  if (value === undefined || value === null || hasUnknown(value)) return true;
  return isOf[kind](withoutSecrets(value));
}

function undone(properties: PropertyMap): Problem[] {
  return refused
    .filter((property) => properties[property] !== undefined)
    .map((property) => ({
      property,
      reason: `this stand-in of the command plugin does not do ${property}; use the real plugin`,
    }));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
