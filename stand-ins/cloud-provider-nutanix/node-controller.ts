// Initialises nodes that a kubelet with --cloud-provider=external has registered: provider id, labels, addresses, and
// last the taint that keeps pods away. Follows k8s.io/cloud-provider's CloudNodeController.

import { isDeepStrictEqual } from "node:util";
import type { KubeClient } from "../shared/kube-client";
import { preferred } from "./addresses";
import type { Instances, Metadata } from "./instances";
import { nodes } from "./objects";
import type { Node, NodeAddress } from "./objects";
import type { Recorder } from "./recorder";

export const uninitialized = "node.cloudprovider.kubernetes.io/uninitialized";

/** Labels whose older spelling follows the newer one. */
const spellings = [
  ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"],
  ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"],
  ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"],
] as const;

export interface CloudWorld {
  client: KubeClient;
  instances: Instances;
  recorder: Recorder;
}

/** Initialises a tainted node; of another one, only labels that contradict each other are mended. */
export async function reconcileNode(world: CloudWorld, node: Node): Promise<void> {
  if (!isTainted(node)) return mendLabels(world, node);
  const metadata = await world.instances.metadata(node);
  const patch = initialization(node, metadata);
  const known = await world.client.patch(nodes, { name: node.metadata.name }, patch);
  await setAddresses(world, known, metadata.addresses);
  await world.recorder.event(node, "Synced", "Node synced successfully");
}

/** Brings the addresses of a node up to date that was initialised before. */
export async function updateAddresses(world: CloudWorld, node: Node): Promise<void> {
  if (isTainted(node)) return;
  await setAddresses(world, node, (await world.instances.metadata(node)).addresses);
}

export function isTainted({ spec }: Node): boolean {
  return (spec?.taints ?? []).some(({ key }) => key === uninitialized);
}

/** The merge patch that makes a node one of the cloud's. Throws when its addresses cannot be. */
export function initialization(node: Node, metadata: Metadata): object {
  preferred(node, metadata.addresses);
  const { zone, region, instanceType, providerID } = metadata;
  const own: Record<string, string> = {};
  for (const [index, value] of [zone, region, instanceType].entries())
    for (const label of spellings[index] ?? []) if (value !== "") own[label] = value;
  return {
    metadata: {
      resourceVersion: node.metadata.resourceVersion,
      labels: { ...metadata.labels, ...own },
    },
    spec: {
      ...(node.spec?.providerID ? {} : { providerID }),
      taints: (node.spec?.taints ?? []).filter(({ key }) => key !== uninitialized),
    },
  };
}

async function setAddresses(
  { client }: CloudWorld,
  node: Node,
  known: NodeAddress[],
): Promise<void> {
  const addresses = preferred(node, known);
  if (isDeepStrictEqual(addresses, node.status?.addresses)) return;
  await client.patch(nodes, { name: node.metadata.name }, { status: { addresses } }, "status");
}

async function mendLabels({ client }: CloudWorld, { metadata }: Node): Promise<void> {
  const { labels = {} } = metadata;
  const wrong = spellings.filter(
    ([newer, older]) => labels[newer] !== undefined && labels[older] !== labels[newer],
  );
  if (wrong.length === 0) return;
  const mended = Object.fromEntries(wrong.map(([newer, older]) => [older, labels[newer]]));
  await client.patch(nodes, { name: metadata.name }, { metadata: { labels: mended } });
}
