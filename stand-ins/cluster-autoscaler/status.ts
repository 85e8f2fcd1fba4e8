// The content of the status ConfigMap, in upstream's words and YAML (since 1.30).

import type { Cluster, NodeGroup } from "./cluster";
import { isLeaving, isReady } from "./cluster";
import type { Verdict } from "./scale-down";

export interface Seen {
  cluster: Cluster;
  verdicts: readonly Verdict[];
  helpless: number;
  upcoming: (group: NodeGroup) => number;
  /** Why a group rests; undefined when it does not. */
  backOff: (group: NodeGroup) => string | undefined;
}

export interface Condition {
  status: string;
  [detail: string]: unknown;
}

interface Conditions {
  health: Condition;
  scaleUp: Condition;
  scaleDown: Condition;
}

export interface Status {
  autoscalerStatus: string;
  clusterWide: Conditions;
  nodeGroups: ({ name: string } & Conditions)[];
  /** This stand-in's own: why each node stays. */
  blockers?: { node: string; reason: string }[];
}

/** What one run saw, whole and group by group. */
export function statusOf(seen: Seen): Status {
  const { cluster, verdicts, helpless, upcoming, backOff } = seen;
  const coming = cluster.groups.some((group) => upcoming(group) > 0);
  const blockers = verdicts.flatMap(({ node, keeps }) =>
    keeps ? [{ node: node.metadata.name, reason: keeps }] : [],
  );
  const unregistered = cluster.groups.reduce((sum, group) => sum + missing(group, cluster), 0);
  return {
    autoscalerStatus: "Running",
    clusterWide: {
      health: { status: "Healthy", nodeCounts: counts(cluster.nodes, unregistered) },
      scaleUp: { status: coming ? "InProgress" : helpless > 0 ? "Needed" : "NoActivity" },
      scaleDown: scaleDown(verdicts),
    },
    nodeGroups: cluster.groups.map((group) => ({
      name: group.id,
      health: {
        status: "Healthy",
        nodeCounts: counts(cluster.nodesOf(group), missing(group, cluster)),
        cloudProviderTarget: group.target,
        minSize: group.min,
        maxSize: group.max,
      },
      scaleUp: scaleUp(upcoming(group), backOff(group)),
      scaleDown: scaleDown(
        verdicts.filter(({ node }) => cluster.machineOf(node)?.group.id === group.id),
      ),
    })),
    ...(blockers.length > 0 && { blockers }),
  };
}

/** Machines without a node. */
function missing(group: NodeGroup, cluster: Cluster): number {
  const machines = group.machines.filter((machine) => !isLeaving(machine));
  return Math.max(0, machines.length - cluster.nodesOf(group).length);
}

function counts(nodes: Cluster["nodes"], unregistered: number) {
  const ready = nodes.filter(isReady).length;
  const notStarted = nodes.length - ready;
  return {
    registered: {
      total: nodes.length,
      ready,
      notStarted,
      unready: { total: 0, resourceUnready: 0 },
    },
    longUnregistered: 0,
    unregistered,
  };
}

function scaleUp(upcoming: number, reason: string | undefined): Condition {
  if (reason === undefined) return { status: upcoming > 0 ? "InProgress" : "NoActivity" };
  const errorMessage = `the group failed to grow: ${reason}`;
  return { status: "Backoff", backoffInfo: { errorCode: reason, errorMessage } };
}

function scaleDown(verdicts: readonly Verdict[]): Condition {
  const candidates = verdicts.filter(({ keeps }) => keeps === undefined).length;
  return candidates > 0 ? { status: "CandidatesPresent", candidates } : { status: "NoCandidates" };
}
