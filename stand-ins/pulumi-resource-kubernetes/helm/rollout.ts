// Install and upgrade of a release, and what is kept of one that failed on the way.

import { InitFailedError } from "../../pulumi-plugin/errors";
import type { CreateRequest, RequestContext, UpdateRequest } from "../../pulumi-plugin/provider";
import type { PropertyMap } from "../../pulumi-plugin/values";
import { textAt } from "../kube-object";
import { chartArguments } from "./chart";
import { checkpoint, idOfRelease, plain } from "./checkpoint";
import type { Helm } from "./command";
import { installArguments, upgradeArguments } from "./flags";
import { statusOf } from "./lookup";
import { type HelmRelease, revisionOf, withStatus } from "./status";

/** Installs a release; throws when its name is taken. */
export async function install(request: CreateRequest, helm: Helm): Promise<PropertyMap> {
  const { inputs } = request;
  const release = plain(inputs);
  const [id, began] = [idOfRelease(release), Date.now()];
  try {
    return await run(installArguments(release, chartArguments(release)), { request, inputs, helm });
  } catch (error) {
    const left = await attempted(release, began, { request, helm });
    if (!left) throw error;
    const name = textAt(release, "name");
    await request.log(
      "warning",
      `Helm release "${name}" was created but has a failed status. Use the \`helm\` command to ` +
        `investigate the error, correct it, then retry. Reason: ${messageOf(error)}`,
    );
    throw unfinished({ id, inputs, left }, `was created, but ${notReady(id, error)}`);
  }
}

/** Upgrades a release; throws when there is none. */
export async function upgrade(request: UpdateRequest, helm: Helm): Promise<PropertyMap> {
  const { news: inputs } = request;
  const release = plain(inputs);
  const [id, began] = [idOfRelease(release), Date.now()];
  try {
    return await run(upgradeArguments(release, chartArguments(release)), { request, inputs, helm });
  } catch (error) {
    const left = await attempted(release, began, { request, helm });
    if (!left) throw error;
    throw unfinished({ id, inputs, left }, notReady(id, error));
  }
}

interface Run {
  readonly request: RequestContext;
  readonly inputs: PropertyMap;
  readonly helm: Helm;
}

async function run(args: string[], { request, inputs, helm }: Run): Promise<PropertyMap> {
  const release = plain(inputs);
  const text = `Installing Helm release ${idOfRelease(release)}`;
  void request.log("info", text, { ephemeral: true });
  const files = { values: JSON.stringify(release["values"] ?? {}) };
  const said = await helm({ arguments: args, files, signal: request.signal });
  await request.log("info", "", { ephemeral: true });
  return checkpoint(inputs, withStatus(release, JSON.parse(said) as HelmRelease));
}

/** The revision that a failed run has left; nothing when helm did not come so far, or took everything back. */
async function attempted(
  release: PropertyMap,
  began: number,
  { request, helm }: Pick<Run, "request" | "helm">,
): Promise<HelmRelease | undefined> {
  const ask = (revision?: number) => statusOf(release, { context: request, helm, revision });
  const left = await ask().catch(() => undefined);
  // Another's release of this name was there before.
  if (!left || Date.parse(textAt(left, "info", "last_deployed")) < began) return undefined;
  // An atomic upgrade goes back to the revision before, in a revision of its own.
  const rolledBack = textAt(left, "info", "description").startsWith("Rollback to ");
  return rolledBack ? ask(revisionOf(left) - 1) : left;
}

interface Unfinished {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly left: HelmRelease;
}

function unfinished({ id, inputs, left }: Unfinished, what: string): InitFailedError {
  const outputs = checkpoint(inputs, withStatus(plain(inputs), left));
  return new InitFailedError({ id, outputs, reasons: [`Helm release "${id}" ${what}`] });
}

function notReady(id: string, error: unknown): string {
  return (
    "failed to initialize completely. Use Helm CLI to investigate: failed to become available " +
    `within allocated timeout. Error: Helm Release ${id}: ${messageOf(error)}`
  );
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
