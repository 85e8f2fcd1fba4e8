// The content of the status ConfigMap, in upstream's words.

import type { Cluster, NodeGroup } from "./cluster";
import { isReady } from "./cluster";
import type { Verdict } from "./scale-down";

export interface Seen {
  cluster: Cluster;
  verdicts: readonly Verdict[];
  helpless: number;
  resting: boolean;
  upcoming: (group: NodeGroup) => number;
}

/** What one run saw, whole and group by group. `blockers` is this stand-in's own: why each node stays. */
export function statusOf({ cluster, verdicts, helpless, resting, upcoming }: Seen): object {
  const groups = cluster.groups.map((group) => {
    const nodes = cluster.nodesOf(group);
    const coming = upcoming(group);
    return {
      name: group.id,
      health: {
        status: "Healthy",
        nodeCounts: { registered: { total: nodes.length, ready: nodes.filter(isReady).length } },
        cloudProviderTarget: group.target,
        minSize: group.min,
        maxSize: group.max,
      },
      scaleUp: { status: coming > 0 ? "InProgress" : "NoActivity" },
      scaleDown: { status: scaleDownStatus(verdictsOf(verdicts, group, cluster), resting) },
    };
  });
  const coming = cluster.groups.some((group) => upcoming(group) > 0);
  const blockers = verdicts.flatMap(({ node, keeps }) =>
    keeps ? [{ node: node.metadata.name, reason: keeps }] : [],
  );
  return {
    autoscalerStatus: "Running",
    clusterWide: {
      health: {
        status: "Healthy",
        nodeCounts: {
          registered: { total: cluster.nodes.length, ready: cluster.nodes.filter(isReady).length },
        },
      },
      scaleUp: { status: coming ? "InProgress" : helpless > 0 ? "Backoff" : "NoActivity" },
      scaleDown: { status: scaleDownStatus(verdicts, resting) },
    },
    nodeGroups: groups,
    ...(blockers.length > 0 && { blockers }),
  };
}

function verdictsOf(verdicts: readonly Verdict[], group: NodeGroup, cluster: Cluster): Verdict[] {
  return verdicts.filter(({ node }) => cluster.machineOf(node)?.group.id === group.id);
}

function scaleDownStatus(verdicts: readonly Verdict[], resting: boolean): string {
  if (!verdicts.some(({ keeps }) => keeps === undefined)) return "NoCandidates";
  return resting ? "InCooldown" : "CandidatesPresent";
}
