// What a command is made of, read from property values once and checked.

import { isPropertyMap, type PropertyMap, withoutSecrets } from "../pulumi-plugin/values";

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

/** What this stand-in does not do. */
const refused = ["assetPaths", "archivePaths"];
const loggings: readonly string[] = ["none", "stdout", "stderr", "stdoutAndStderr"];

/** Reads the inputs that say how to run; secrets are unwrapped, since a process needs them. */
export function commandInputs(properties: PropertyMap): CommandInputs {
  const plain = withoutSecrets(properties) as PropertyMap;
  const { interpreter, environment } = plain;
  const logging = textIn(plain, "logging");
  return {
    interpreter: Array.isArray(interpreter) ? interpreter.map(textOf) : ["/bin/sh", "-c"],
    dir: textIn(plain, "dir"),
    environment: Object.fromEntries(
      Object.entries(isPropertyMap(environment) ? environment : {}).map(([key, value]) => [
        key,
        textOf(value),
      ]),
    ),
    stdin: textIn(plain, "stdin"),
    logging: logging === undefined ? "stdoutAndStderr" : (logging as Logging),
    addPreviousOutputInEnv: plain["addPreviousOutputInEnv"] !== false,
  };
}

/** A command line or other text among the properties; empty text is none. */
export function textIn(properties: PropertyMap, key: string): string | undefined {
  const value = withoutSecrets(properties[key] ?? null);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Everything about these inputs that cannot be done. */
export function problemsOf(properties: PropertyMap): { property: string; reason: string }[] {
  const unable = refused
    .filter((property) => properties[property] !== undefined)
    .map((property) => ({
      property,
      reason: `this stand-in of the command plugin does not do ${property}; use the real plugin`,
    }));
  const logging = textIn(properties, "logging");
  if (logging === undefined || loggings.includes(logging)) return unable;
  return [...unable, { property: "logging", reason: `expected one of ${loggings.join(", ")}` }];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
