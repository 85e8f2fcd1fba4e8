// The environment in which the engine, its plugins and a person's own shell see the lab. Pure.

import * as path from "node:path";
import type { Lab } from "./lab";

export interface Credentials {
  username: string;
  password: string;
}

/** The file that holds the stack's settings for this lab: a copy, so that the checkout stays clean. */
export function stackFile(lab: Lab, stack: string): string {
  return path.join(lab.directory, `Pulumi.${stack}.yaml`);
}

/** What a tool found in the caller's own environment is not overridden. */
const ownChoice = (environment: NodeJS.ProcessEnv, defaults: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, environment[key] ?? value]),
  );

function passphrase(lab: Lab, environment: NodeJS.ProcessEnv): Record<string, string> {
  if (environment["PULUMI_CONFIG_PASSPHRASE"] !== undefined) return {};
  return ownChoice(environment, {
    PULUMI_CONFIG_PASSPHRASE_FILE: path.join(lab.directory, "passphrase"),
  });
}

/** Variables to add to an environment so that pulumi, kubectl and helm work on this lab. */
export function labEnvironment(
  lab: Lab,
  stack: string,
  credentials: Credentials | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const bin = path.join(lab.directory, "bin");
  const searchPath = (environment["PATH"] ?? "").split(":").filter((entry) => entry !== bin);
  return {
    LAB_SLOT: String(lab.slot),
    LAB_DIR: lab.directory,
    LAB_ID: lab.id,
    LAB_CACHE: lab.cache,
    ...(lab.catalogue ? { LAB_CATALOGUE: lab.catalogue } : {}),
    PATH: [bin, ...searchPath].join(":"),
    PULUMI_STACK: stack,
    PULUMI_HOME: path.join(lab.cache, "pulumi-home"),
    PULUMI_OPTION_CONFIG_FILE: stackFile(lab, stack),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...ownChoice(environment, {
      PULUMI_BACKEND_URL: `file://${path.join(lab.directory, "state")}`,
      KUBECONFIG: path.join(lab.directory, "kubeconfig"),
    }),
    ...passphrase(lab, environment),
    ...(credentials
      ? ownChoice(environment, {
          NUTANIX_USERNAME: credentials.username,
          NUTANIX_PASSWORD: credentials.password,
        })
      : {}),
  };
}

/**
 * The variables as shell commands, for `eval "$(npm run -s lab -- env)"`. LAB_ID is not among them: `down` ends
 * whatever carries it, which must not be a person's shell and editor.
 */
export function shellExports(variables: Record<string, string>): string {
  const quote = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  return Object.entries(variables)
    .filter(([key]) => key !== "LAB_ID")
    .map(([key, value]) => `export ${key}=${quote(value)}\n`)
    .join("");
}
