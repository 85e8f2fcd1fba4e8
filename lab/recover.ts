// What a run that was cut off left behind, and an embedded lab whose processes are dead, after a kill or a reboot. What was
// simulated is on disk: its clusters are started again, as Docker does with kind's, its virtual machines boot again
// with Prism Central. Only where the engine was cut off in the middle of a change is such a lab started anew, and where
// its management cluster was deleted: nobody knows its machines any more.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { isGone } from "../providers/kind-cluster-life/operations";
import type { Console } from "./console";
import { plainOutputs, type Stack } from "./engine";
import type { Lab } from "./lab";
import { releaseLocks } from "./locks";
import { type Prepared, prepare } from "./prepare";
import { endLabProcesses, labProcesses } from "./processes";
import { ask } from "./status";

/** What is kept of an embedded lab that is started anew. */
const KEPT = new Set(["bin", "dist", "logs", "credentials.json", "passphrase"]);
const WORKLOAD_SECONDS = 180;

/** Clusters of the kind stand-in that are on disk and whose API servers do not run. */
function deadClusters(lab: Lab): string[] {
  const folder = path.join(lab.directory, "kind");
  if (!existsSync(folder)) return [];
  const running = labProcesses(lab.id).map((item) => item.command);
  return readdirSync(folder).filter(
    (cluster) =>
      !running.some(
        (command) =>
          command.includes("kube-apiserver") && command.includes(path.join(folder, cluster)),
      ),
  );
}

/**
 * The cluster that the stack has and kind has not, although there are machines that it made. Theirs is the control-plane
 * endpoint, so that no other cluster of this lab could begin beside them.
 */
async function deletedCluster(lab: Lab, stack: Stack): Promise<string | undefined> {
  if (existsSync(path.join(lab.directory, "kind"))) return undefined; // the stand-in has its clusters
  const machines = path.join(lab.directory, "prism-central", "vms");
  if (!existsSync(machines) || readdirSync(machines).length === 0) return undefined;
  const { resources = [] } = (await stack.exportStack()).deployment as {
    resources?: { type: string; outputs?: { cluster?: string } }[];
  };
  const life = resources.find(({ type }) => type.endsWith("/kind:ClusterLife"));
  const cluster = life?.outputs?.cluster;
  return cluster !== undefined && (await isGone(cluster)) ? cluster : undefined;
}

/** Whether the engine was ended in the middle of a change, of which nobody knows how far it got. */
async function isHalfChanged(stack: Stack): Promise<boolean> {
  const exported = await stack.exportStack();
  const deployment = exported.deployment as { pending_operations?: unknown[] };
  return (deployment.pending_operations ?? []).length > 0;
}

async function startAnew(lab: Lab, stack: string, console: Console): Promise<Prepared> {
  await endLabProcesses(lab.id);
  for (const entry of readdirSync(lab.directory))
    if (!KEPT.has(entry)) rmSync(path.join(lab.directory, entry), { recursive: true, force: true });
  return prepare(lab, stack, console);
}

/** Starts the clusters on their files and waits for the workload cluster, whose machines boot meanwhile. */
async function revive(lab: Lab, stack: Stack, dead: string[], console: Console): Promise<void> {
  const kind = path.join(lab.directory, "dist", "kind.cjs");
  const node = path.join(lab.directory, "bin", "node");
  const { stderr } = await promisify(execFile)(node, [kind, "revive", ...dead]);
  console.say(stderr.trimEnd());
  const workload = (await plainOutputs(stack))["workloadKubeconfig"];
  if (typeof workload !== "string") return;
  console.say("waiting for the workload cluster's machines");
  for (const deadline = Date.now() + WORKLOAD_SECONDS * 1000; Date.now() < deadline;) {
    const { workloadCluster } = await ask(lab, stack.name, { workload });
    if (workloadCluster) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`Its API server does not answer within ${WORKLOAD_SECONDS} s.`);
}

/** Makes a prepared stack fit for an update after a run that was cut off. */
export async function recover(
  lab: Lab,
  stack: string,
  prepared: Prepared,
  console: Console,
): Promise<Prepared> {
  await releaseLocks(prepared.stack, console);
  if (!prepared.embedded) return prepared;
  const deleted = await deletedCluster(lab, prepared.stack);
  if (deleted !== undefined) {
    console.say(
      `cluster ${deleted} was deleted, and its machines with nobody to know them: starting this lab anew`,
    );
    return startAnew(lab, stack, console);
  }
  const dead = deadClusters(lab);
  if (dead.length === 0) return prepared;
  if (await isHalfChanged(prepared.stack)) {
    console.say("the last run was cut off in the middle of a change: starting this lab anew");
    return startAnew(lab, stack, console);
  }
  console.say(`the processes of this lab are gone: starting ${dead.join(", ")} again`);
  try {
    await revive(lab, prepared.stack, dead, console);
    return prepared;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.say(`bringing this lab back failed: ${reason}\nstarting it anew`);
    return startAnew(lab, stack, console);
  }
}
