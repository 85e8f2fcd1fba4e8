// What Pulumi.<stack>.yaml says, read without the engine: for commands that need neither state nor secrets.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { ConfigError, type ConfigSource, parseConfig } from "../config";
import type { LabConfig } from "../config/lab-config";
import { PROJECT, SECRET } from "./stack-settings";

/** Names of the stacks that a checkout has files for. */
export function stackNames(repository: string): string[] {
  return readdirSync(repository)
    .map((name) => /^Pulumi\.([\w-]+)\.yaml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** The file of a stack in a checkout. Throws a sentence that names the stacks there are. */
export function stackSettings(repository: string, stack: string): string {
  const file = path.join(repository, `Pulumi.${stack}.yaml`);
  if (existsSync(file)) return file;
  throw new Error(
    `Reading the settings of stack ${stack} failed: there is no Pulumi.${stack}.yaml. ` +
      `Choose one of ${stackNames(repository).join(", ")}, or write that file.`,
  );
}

/** Every value as Pulumi hands it to a program: text, groups as JSON text. Encrypted ones are not opened. */
export function stackValues(text: string): Record<string, string> {
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const plain = placeheld(value);
      return [key, typeof plain === "string" ? plain : JSON.stringify(plain)];
    }),
  );
}

function placeheld(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(placeheld);
  if (typeof value !== "object" || value === null) return value;
  const { secure } = value as { secure?: unknown };
  if (typeof secure === "string") return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, placeheld(item)]));
}

/** A stack's configuration as a preview reads it. Throws all its mistakes. */
export function stackConfig(repository: string, stack: string): LabConfig {
  const text = readFileSync(stackSettings(repository, stack), "utf8");
  return parseConfig(configSource(stack, text));
}

/** What a configuration is read from: the text of a stack's file, and the caller's environment. */
export function configSource(stack: string, text: string, preview = true): ConfigSource {
  return {
    project: PROJECT,
    stack,
    values: stackValues(text),
    environment: process.env,
    preview,
  };
}

/** What an update of the stack would refuse, a sentence each; the configuration is absent where a preview would too. */
export function judgedConfig(stack: string, text: string) {
  const config = configOr(configSource(stack, text));
  const updated = configOr(configSource(stack, text, false));
  return {
    mistakes: "mistakes" in updated ? updated.mistakes : [],
    ...("mistakes" in config ? {} : config),
  };
}

function configOr(source: ConfigSource): { config: LabConfig } | { mistakes: readonly string[] } {
  try {
    return { config: parseConfig(source) };
  } catch (error) {
    if (error instanceof ConfigError) return { mistakes: error.mistakes };
    throw error;
  }
}
