// What must be there before the engine can run: tools, stand-ins, settings, environment, stack.

import { mkdirSync } from "node:fs";
import { makeToolchain, trimCaches } from "../toolchain";
import { requireNamespaces } from "../toolchain/namespaces";
import { type Choice, makeStandIns } from "../toolchain/stand-ins";
import type { Console } from "./console";
import { openStack, type Stack } from "./engine";
import { labEnvironment } from "./environment";
import { makePassphrase, ownCredentials } from "./files";
import type { Lab } from "./lab";
import { isOwn, prismCentralOf, startPrismCentral } from "./prism-central";
import { writeStackCopy } from "./stack-settings";
import { toolchainReport } from "./toolchain-progress";

export interface Prepared {
  stack: Stack;
  /** Whether Prism Central is a stand-in on this machine. */
  embedded: boolean;
}

/**
 * Makes or finds the tools and stand-ins. Answers who does the job of each plugin, of the language host and
 * of kind. What building left behind is removed once all is built.
 */
export async function prepareTools(lab: Lab, console: Console): Promise<Choice[]> {
  mkdirSync(lab.directory, { recursive: true });
  const progress = toolchainReport(console);
  const tools = await makeToolchain({ cache: lab.cache, progress });
  const freed = await trimCaches({ cache: lab.cache });
  if (freed > 0)
    console.say(`toolchain: removed ${(freed / 2 ** 30).toFixed(1)} GiB of build cache`);
  const standIns = await makeStandIns({
    labDir: lab.directory,
    cache: lab.cache,
    labId: lab.id,
    tools,
    progress,
  });
  return standIns.choices;
}

/**
 * Settings and environment of a stack; process.env holds the lab's environment afterwards. Without `secrets`, encrypted
 * values that nobody here can open have a placeholder: enough for a preview.
 */
export function prepareEnvironment(
  lab: Lab,
  stack: string,
  { secrets = true }: { secrets?: boolean } = {},
): { embedded: boolean } {
  mkdirSync(lab.directory, { recursive: true });
  writeStackCopy(lab, stack, secrets || canOpenSecrets());
  makePassphrase(lab);
  const { address } = prismCentralOf(lab, stack);
  const embedded = isOwn(address);
  if (embedded && process.platform !== "linux")
    throw new Error(`Stack ${stack} simulates Nutanix on this machine, which works on Linux only.`);
  const credentials = embedded ? ownCredentials(lab) : undefined;
  Object.assign(process.env, labEnvironment(lab, stack, credentials));
  return { embedded };
}

/** Whether the caller brings what a stack's encrypted values are opened with. */
function canOpenSecrets(): boolean {
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  return passphrase !== undefined || file !== undefined;
}

/** Everything, up to an open stack whose stand-ins are answering. */
export async function prepare(lab: Lab, stack: string, console: Console): Promise<Prepared> {
  const { embedded } = prepareEnvironment(lab, stack);
  if (embedded) await requireNamespaces();
  await prepareTools(lab, console);
  if (embedded) {
    const { address, port } = prismCentralOf(lab, stack);
    await startPrismCentral(lab, address, port);
    console.say(`Prism Central stand-in answers at https://${address}:${port}`);
  }
  return { stack: await openStack(lab, stack), embedded };
}
