// Clusters and tasks of the NC2 console.
import type { Nc2ClusterView, Nc2Task, TaskStatus } from "./api";
import type { Nc2Client } from "./client";
import { Nc2Error } from "./errors";

const PAGE = 100;

/** The cluster, or undefined when there is none. */
export function getCluster(client: Nc2Client, id: string): Promise<Nc2ClusterView | undefined> {
  return orNothing(client.call<Nc2ClusterView>("getCluster", { id }));
}

/** The task, or undefined when the console forgot it. */
export function getTask(client: Nc2Client, id: string): Promise<Nc2Task | undefined> {
  return orNothing(client.call<Nc2Task>("getTask", { id }));
}

/** All clusters of that very name in an organization, but for those that are terminated. */
export async function findClusters(
  client: Nc2Client,
  name: string,
  organizationId: string,
): Promise<Nc2ClusterView[]> {
  const found: Nc2ClusterView[] = [];
  for (let page = 1; ; page += 1) {
    const query = { name, organization_id: organizationId, page, limit: PAGE };
    const clusters = await client.call<Nc2ClusterView[]>("listClusters", { query });
    found.push(...clusters);
    if (clusters.length < PAGE) break;
  }
  return found.filter(
    (one) =>
      one.name === name &&
      (one.organization_id ?? organizationId) === organizationId &&
      one.status !== "terminated",
  );
}

const ENDS: readonly TaskStatus[] = ["done", "failed", "cancelled"];

export function isOver({ status }: Nc2Task): boolean {
  return ENDS.includes(status);
}

/** The newest task that is under way on a cluster. */
export async function openTask(client: Nc2Client, clusterId: string): Promise<Nc2Task | undefined> {
  const tasks = await client.call<Nc2Task[]>("listTasks", { query: { cluster_id: clusterId } });
  const open = tasks.filter((task) => !isOver(task));
  return open.sort((a, b) => ((a.created_at ?? "") < (b.created_at ?? "") ? 1 : -1))[0];
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Nc2Error && error.status === 404) return undefined;
    throw error;
  }
}
