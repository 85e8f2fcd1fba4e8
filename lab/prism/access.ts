// How a command of the lab gets into a stack's Prism Central: the caller's environment, or the stack's own secrets.

import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { readFileSync } from "node:fs";
import type { LabConfig } from "../../config/lab-config";
import { type ClientOptions, PrismClient } from "../../providers/prism/client";
import { type Credentials, credentialsFrom } from "../../providers/prism/credentials";
import { PrismError } from "../../providers/prism/errors";
import { stackFile } from "../environment";
import type { Lab } from "../lab";
import { PROJECT, SECRET } from "../stack-settings";
import { stackValues } from "../stack-values";

const KEY = `${PROJECT}:prismCentral`;

/**
 * Credentials of the environment, or of the stack. Encrypted ones are opened by pulumi, where it is on PATH and the stack
 * is in its backend. Throws a sentence that says what to set.
 */
export async function credentialsOf(lab: Lab, stack: string): Promise<Credentials> {
  const values = stackValues(readFileSync(stackFile(lab, stack), "utf8"));
  const plain = credentialsFrom(process.env, values[KEY]);
  if (isOpen(plain)) return plain;
  const opened = credentialsFrom(process.env, await openedAccess(lab, stack));
  if (isOpen(opened)) return opened;
  throw closed();
}

const isOpen = (credentials: Credentials) => !Object.values(credentials).includes(SECRET);

async function openedAccess(lab: Lab, stack: string): Promise<string> {
  try {
    const workspace = await LocalWorkspace.create({ workDir: lab.repository });
    return (await workspace.getConfig(stack, KEY)).value;
  } catch (error) {
    throw closed(error);
  }
}

const closed = (cause?: unknown) =>
  new PrismError("Opening the stack's encrypted credentials failed.", {
    remedy:
      "Set NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, in the environment, or what pulumi needs: " +
      "PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE.",
    cause,
  });

/** A client for a person who waits: it asks once, and not for long. */
export function impatientClient(
  { prismCentral }: Pick<LabConfig, "prismCentral">,
  credentials: Credentials,
  options: ClientOptions = { attempts: 1, answerMilliseconds: 15_000 },
): PrismClient {
  return new PrismClient(prismCentral, credentials, options);
}
