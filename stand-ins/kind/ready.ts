// Waits for a cluster that was started: for its API server, its node, the pods of its earlier life.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeClient, type KubeObject, loadKubeConfig, pathOf } from "../shared/kube-client";
import { lastLines } from "../shared/process";
import { nodeName, ownKubeconfig } from "./programs";
import type { ClusterPlan } from "./programs";

/** Milliseconds for each step of a start, of which a busy machine may need many. */
export const startTimeout = 180_000;

export type Say = (line: string) => void;

interface Condition {
  type: string;
  status: string;
  lastHeartbeatTime?: string;
}

interface NodeView extends KubeObject {
  status?: { conditions?: Condition[] };
}

export interface PodView extends KubeObject {
  status?: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: { state?: { running?: { startedAt: string } } }[];
  };
}

const nodes = { group: "", version: "v1", kind: "Node", plural: "nodes" };
const pods = { group: "", version: "v1", kind: "Pod", plural: "pods" };

/** Answers when the API server is ready. Throws with the end of its log when it does not get so in time. */
export async function waitForApiServer(plan: ClusterPlan): Promise<void> {
  const client = clientOf(plan);
  let reason = "";
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline;) {
    try {
      await client.call("GET", "/readyz");
      return;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  const log = lastLines(join(plan.kwok, "logs", "kube-apiserver.log"));
  throw new Error(`waiting for the API server failed: ${reason}\n${log}`);
}

/**
 * Waits `limit` milliseconds for a node that says since a moment that it is Ready. Like kind, one that does not is a
 * warning, no error.
 */
export async function waitForNode(
  plan: ClusterPlan,
  { limit, since }: { limit: number; since: number },
  say: Say,
): Promise<void> {
  const client = clientOf(plan);
  const began = Date.now();
  const path = pathOf(nodes, { name: nodeName(plan.name) });
  while (Date.now() - began < limit) {
    const node = (await client.call("GET", path).catch(() => undefined)) as NodeView | undefined;
    if (isReadySince(node, since)) {
      const seconds = Math.round((Date.now() - began) / 1000);
      say(` ✓ Waiting for control-plane = Ready\n • Ready after ${seconds}s`);
      return;
    }
    await sleep(100);
  }
  say(` ✗ Waiting for control-plane = Ready\n • WARNING: Timed out waiting for Ready`);
  say(lastLines(join(plan.folder, "logs", "node.log"), 5));
}

/** Ready, and said so since a moment: the API server still has what the node said in an earlier life. */
function isReadySince(node: NodeView | undefined, moment: number): boolean {
  const ready = node?.status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" && isSince(ready.lastHeartbeatTime, moment);
}

// Kubernetes writes whole seconds.
function isSince(time: string | undefined, moment: number): boolean {
  return time !== undefined && Date.parse(time) >= Math.floor(moment / 1000) * 1000;
}

/** Waits until the node's pods run anew since a moment; those that do not in time are named. */
export async function waitForPods(plan: ClusterPlan, since: number, say: Say): Promise<void> {
  const client = clientOf(plan);
  const search = `?fieldSelector=spec.nodeName=${nodeName(plan.name)}`;
  const path = pathOf(pods, {}) + search;
  let waiting: string[] = [];
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline;) {
    const { items } = (await client.call("GET", path)) as { items: PodView[] };
    waiting = notAgain(items, since);
    if (waiting.length === 0) return;
    await sleep(200);
  }
  say(` • WARNING: Not ready again: ${waiting.join(", ")}`);
}

/** Names of the pods that are to run and are not ready with containers that were started since a moment. Pure. */
export function notAgain(all: PodView[], since: number): string[] {
  return all
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase ?? ""))
    .filter(({ status }) => {
      const isReady = status?.conditions?.some((of) => of.type === "Ready" && of.status === "True");
      const containers = status?.containerStatuses ?? [];
      const anew = containers.every(({ state }) => isSince(state?.running?.startedAt, since));
      return !(isReady && anew);
    })
    .map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
}

/** Answers when the condition holds. Throws when it does not in time, or what failed meanwhile. */
export async function until(
  condition: () => boolean,
  failed: Promise<Error | undefined> | undefined,
): Promise<void> {
  let problem: Error | undefined;
  void failed?.then((error) => (problem = error));
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline;) {
    if (problem) throw problem;
    if (condition()) return;
    await sleep(20);
  }
  throw new Error("starting the cluster took too long");
}

function clientOf(plan: ClusterPlan): KubeClient {
  return new KubeClient(loadKubeConfig(ownKubeconfig(plan)));
}
