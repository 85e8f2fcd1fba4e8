// The Pulumi engine, driven through the Automation API as a local program: the same program, state and
// settings as a person's own `pulumi` after `lab env`.

import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { stackFile } from "./environment";
import type { Lab } from "./lab";

const PROJECT = "nutanix-serverless-lab";

/**
 * Makes the stack in the backend if it is not there. `pulumi stack init` writes the encryption salt beside
 * Pulumi.yaml, whatever --config-file says (3.256), so it runs in a folder of the lab's and the salt is
 * moved to the lab's copy of the settings.
 */
function initStack(lab: Lab, stack: string): void {
  const folder = path.join(lab.directory, "init");
  const settings = path.join(folder, `Pulumi.${stack}.yaml`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "Pulumi.yaml"), `name: ${PROJECT}\nruntime: nodejs\n`);
  if (!existsSync(settings)) {
    const environment = { ...process.env };
    delete environment["PULUMI_OPTION_CONFIG_FILE"];
    execFileSync("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
  const { encryptionsalt } = parse(readFileSync(settings, "utf8")) as { encryptionsalt?: string };
  const copy = stackFile(lab, stack);
  const text = readFileSync(copy, "utf8");
  if (encryptionsalt && !/^encryptionsalt:/m.test(text))
    writeFileSync(copy, `encryptionsalt: ${encryptionsalt}\n${text}`);
}

/** The stack, made if need be; process.env must hold the lab's environment already. */
export async function openStack(lab: Lab, stack: string): Promise<Stack> {
  return (await openKnownStack(lab, stack)).stack;
}

/** The command, asked for its version once. */
let pulumi: Promise<PulumiCommand> | undefined;

/**
 * The stack, and how many resources its state has. Each command of Pulumi's costs half a second, so that nothing is
 * asked twice.
 */
export async function openKnownStack(
  lab: Lab,
  name: string,
): Promise<{ stack: Stack; resourceCount: number }> {
  const backend = process.env["PULUMI_BACKEND_URL"] ?? "";
  if (backend.startsWith("file://"))
    mkdirSync(backend.slice("file://".length), { recursive: true });
  pulumi ??= PulumiCommand.get();
  const workspace = await LocalWorkspace.create({
    workDir: lab.repository,
    pulumiCommand: await pulumi,
  });
  const known = (await workspace.listStacks()).find((item) => item.name === name);
  if (!known) initStack(lab, name);
  const stack = await Stack.select(name, workspace);
  return { stack, resourceCount: known?.resourceCount ?? 0 };
}

/** The stack's outputs as plain values, secrets in clear. */
export async function plainOutputs(stack: Stack): Promise<Record<string, unknown>> {
  const outputs = await stack.outputs();
  return Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, output.value]));
}

export { Stack };
