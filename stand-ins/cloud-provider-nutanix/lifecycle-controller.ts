// Looks after nodes that are not Ready: without a VM they are deleted, with one that is off they get a taint. Follows
// k8s.io/cloud-provider's CloudNodeLifecycleController.

import type { CloudWorld } from "./node-controller";
import { nodes } from "./objects";
import type { Node, Taint } from "./objects";

export const shutdown = "node.cloudprovider.kubernetes.io/shutdown";

/** One look at one node. */
export async function monitorNode(world: CloudWorld, node: Node): Promise<void> {
  const { client, instances, recorder } = world;
  const { name } = node.metadata;
  if (isReady(node)) return setTaint(world, node, false);
  if (await instances.exists(node)) {
    if (await instances.isShutdown(node)) await setTaint(world, node, true);
    return;
  }
  const message = `Deleting node ${name} because it does not exist in the cloud provider`;
  await recorder.event(node, "DeletingNode", message);
  await client.remove(nodes, { name });
}

function isReady({ status }: Node): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: is }) => type === "Ready" && is === "True",
  );
}

async function setTaint({ client }: CloudWorld, node: Node, wanted: boolean): Promise<void> {
  const taints = node.spec?.taints ?? [];
  const has = taints.some(({ key }) => key === shutdown);
  if (has === wanted) return;
  const others: Taint[] = taints.filter(({ key }) => key !== shutdown);
  const all = wanted ? [...others, { key: shutdown, effect: "NoSchedule" }] : others;
  const { name, resourceVersion } = node.metadata;
  await client.patch(nodes, { name }, { metadata: { resourceVersion }, spec: { taints: all } });
}
