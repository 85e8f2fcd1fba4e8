// `lab leaks`: what a lab that was destroyed has left in Prism Central, and how to get rid of it.

import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { readFileSync } from "node:fs";
import { parseConfig } from "../../config";
import type { LabConfig } from "../../config/lab-config";
import type { PrismClient } from "../../providers/prism/client";
import { type Dialled, dial } from "../doctor/ports";
import { stackFile } from "../environment";
import type { Lab } from "../lab";
import { type Deployment, layersOfState } from "../layers-of-state";
import { prepareEnvironment } from "../prepare";
import { credentialsOf, impatientClient } from "../prism/access";
import { answers, isOwn } from "../prism-central";
import { configSource, stackSettings } from "../stack-values";
import { table } from "../console";
import { confirmation, type Leak, leaksOf } from "./leak";
import { findRemains, removeLeaks } from "./remains";

export interface Leaks {
  stack: string;
  cluster: string;
  /** Why the cluster may be alive: then nothing is a leak, and nothing is deleted. */
  living?: string;
  leaks: Leak[];
  /** What `--delete` wants to be told. */
  confirmation?: string;
}

/** Looks, and changes nothing. */
export async function findLeaks(lab: Lab, stack: string): Promise<Leaks> {
  const { config, client } = await open(lab, stack);
  return client ? look(lab, stack, config, client) : { ...namesOf(stack, config), leaks: [] };
}

/** Deletes what the confirmation stands for; answers what there still is. Throws where it stands for something else. */
export async function deleteLeaks(lab: Lab, stack: string, confirmed: string): Promise<Leaks> {
  const { config, client } = await open(lab, stack);
  if (!client) return { ...namesOf(stack, config), leaks: [] };
  const found = await look(lab, stack, config, client);
  refuseUnsafe(found, confirmed);
  await removeLeaks(client, found.leaks);
  return look(lab, stack, config, client);
}

/** Throws unless the cluster is gone and the list is the one that was confirmed. Pure. */
export function refuseUnsafe(found: Leaks, confirmed: string): void {
  const again = `npm run lab -- leaks -s ${found.stack}`;
  if (found.living !== undefined)
    throw new Error(
      `Deleting what cluster ${found.cluster} left failed: it may be alive, ${found.living}. Bring it down first: npm run lab -- down -s ${found.stack}.`,
    );
  if (found.confirmation === confirmed) return;
  throw new Error(
    `Deleting what cluster ${found.cluster} left failed: ${confirmed} does not stand for what is there now. ` +
      `Look at the list again, and use the word below it: ${again}.`,
  );
}

interface Opened {
  config: LabConfig;
  /** Undefined where the stand-in is gone, and all that was in it. */
  client: PrismClient | undefined;
}

async function open(lab: Lab, stack: string): Promise<Opened> {
  stackSettings(lab.repository, stack);
  prepareEnvironment(lab, stack, { secrets: false });
  const config = parseConfig(configSource(stack, readFileSync(stackFile(lab, stack), "utf8")));
  const { address, port } = config.prismCentral;
  if (isOwn(address) && !(await answers(address, port))) return { config, client: undefined };
  // What is asked here is asked until it is answered: a list that is cut short would say that nothing is left.
  return { config, client: impatientClient(config, await credentialsOf(lab, stack), {}) };
}

const namesOf = (stack: string, { workloadCluster }: LabConfig) => ({
  stack,
  cluster: workloadCluster.name,
});

async function look(
  lab: Lab,
  stack: string,
  config: LabConfig,
  client: PrismClient,
): Promise<Leaks> {
  const leaks = leaksOf(config, await findRemains(client, config));
  const living = leaks.length > 0 ? await livingSign(lab, stack, config) : undefined;
  const isOffered = living === undefined && leaks.some(({ deletable }) => deletable);
  return {
    ...namesOf(stack, config),
    ...(living === undefined ? {} : { living }),
    leaks,
    ...(isOffered ? { confirmation: confirmation(leaks) } : {}),
  };
}

/**
 * What speaks for a cluster that is still in use. The stack's state decides where there is one: machines that were left
 * behind run on, and their API server answers. Without it, an endpoint that answers is in use.
 */
async function livingSign(
  lab: Lab,
  stack: string,
  { workloadCluster }: LabConfig,
): Promise<string | undefined> {
  const { host, port } = workloadCluster.endpoint;
  const state = await stateOf(lab, stack);
  const dialled = state ? undefined : await dial(host, port);
  return signOfLife(stack, state, dialled);
}

/** Pure. `dialled` is the endpoint, where there is no state. */
export function signOfLife(
  stack: string,
  state: Deployment | undefined,
  dialled: Dialled | undefined,
): string | undefined {
  if (state) {
    const layer = layersOfState(state).find(({ name }) => name === "workload-cluster");
    return layer?.state === "absent" ? undefined : `it is in the state of stack ${stack}`;
  }
  if (dialled?.sound !== "answers") return undefined;
  return `${dialled.host}:${dialled.port} answers, and there is no state of stack ${stack} that says that it is gone`;
}

/** Undefined where there is no pulumi, or no such stack in its backend. */
async function stateOf(lab: Lab, stack: string): Promise<Deployment | undefined> {
  try {
    const workspace = await LocalWorkspace.create({ workDir: lab.repository });
    return (await workspace.exportStack(stack)).deployment as Deployment;
  } catch {
    return undefined;
  }
}

/** The list for a person. */
export function asText({ stack, cluster, living, leaks, confirmation: word }: Leaks): string {
  if (leaks.length === 0) return `stack ${stack}: cluster ${cluster} has left nothing\n`;
  const rows = leaks.map(({ kind, name, extId, marks, remedy }) => [
    ...[kind, name, extId, marks.join(", ")],
    remedy,
  ]);
  const heading =
    living === undefined
      ? `stack ${stack}: cluster ${cluster} has left ${leaks.length}; how to delete each in Prism Central is behind it`
      : `stack ${stack}: cluster ${cluster} may be alive, ${living}: these are its own, and no leaks`;
  const offer =
    word === undefined
      ? []
      : [
          "",
          `to delete its virtual machines and categories: npm run lab -- leaks -s ${stack} --delete ${word}`,
        ];
  return `${[heading, ...table(rows), ...offer].join("\n")}\n`;
}
