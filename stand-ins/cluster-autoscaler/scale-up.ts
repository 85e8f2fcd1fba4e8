// Scaling up, decided: which pods nothing can help but a new node, which group helps, and with how many nodes.

import { misfit } from "./fits";
import type { SimulatedNode } from "./fits";
import type { Expander } from "./flags";
import type { Pod } from "./objects";
import { minus, requestsOf } from "./resources";
import type { Resources } from "./resources";

/** A group that could grow. */
export interface Candidate {
  id: string;
  template: SimulatedNode;
  /** How many nodes it may still get. */
  room: number;
  /** Why it may get none, for the pods' events. */
  closed?: string;
}

export interface Growth {
  id: string;
  count: number;
  pods: Pod[];
}

export interface Refusal {
  pod: Pod;
  reasons: string[];
}

interface Option extends Growth {
  waste: number;
}

/** Pods that the scheduler found no node for and that a new node might help. */
export function isUnschedulable({ metadata, spec, status }: Pod): boolean {
  if (spec.nodeName || metadata.deletionTimestamp) return false;
  if (metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet")) return false;
  return (status?.conditions ?? []).some(
    (condition) =>
      condition.type === "PodScheduled" &&
      condition.status === "False" &&
      condition.reason === "Unschedulable",
  );
}

/** Puts pods on nodes, the largest first and each on the first that takes it; the pods that are left over. */
export function place(pods: readonly Pod[], nodes: readonly SimulatedNode[]): Pod[] {
  const rooms = nodes.map((node) => ({ ...node }));
  return largestFirst(pods).filter(({ spec }) => {
    const asked = requestsOf(spec);
    const room = rooms.find((node) => misfit(spec, asked, node) === undefined);
    if (!room) return true;
    room.free = minus(room.free, asked);
    return false;
  });
}

/** Packs pods into new nodes of one kind: how many nodes, and for which pods. */
export function pack(pods: readonly Pod[], candidate: Candidate): Option {
  const bins: SimulatedNode[] = [];
  const packed: Pod[] = [];
  for (const pod of largestFirst(pods)) {
    const asked = requestsOf(pod.spec);
    const bin = bins.find((each) => misfit(pod.spec, asked, each) === undefined);
    const fresh = bin ?? freshBin(pod, asked, candidate, bins.length);
    if (!fresh) continue;
    if (!bin) bins.push(fresh);
    fresh.free = minus(fresh.free, asked);
    packed.push(pod);
  }
  const waste = wasteOf(bins, candidate.template.free);
  return { id: candidate.id, count: bins.length, pods: packed, waste };
}

function freshBin(
  pod: Pod,
  asked: Resources,
  { template, room }: Candidate,
  used: number,
): SimulatedNode | undefined {
  if (used >= room || misfit(pod.spec, asked, template) !== undefined) return undefined;
  return { ...template };
}

/** The unused share of cpu and memory, from 0 to 1. */
function wasteOf(bins: readonly SimulatedNode[], whole: Resources): number {
  if (bins.length === 0) return 1;
  const unused = (name: string) => {
    const all = (whole[name] ?? 0) * bins.length;
    const free = bins.reduce((sum, { free: left }) => sum + (left[name] ?? 0), 0);
    return all === 0 ? 0 : free / all;
  };
  return (unused("cpu") + unused("memory")) / 2;
}

const best: Record<Expander, (options: Option[]) => Option | undefined> = {
  "least-waste": (options) => [...options].sort((a, b) => a.waste - b.waste)[0],
  "most-pods": (options) => [...options].sort((a, b) => b.pods.length - a.pods.length)[0],
  random: (options) => options[Math.floor(Math.random() * options.length)],
};

/** What to grow for these pods, group by group, and which pods no group helps. */
export function planScaleUp(
  pods: readonly Pod[],
  candidates: readonly Candidate[],
  expander: Expander,
): { growth: Growth[]; refused: Refusal[] } {
  const growth: Growth[] = [];
  let left = pods;
  let open = [...candidates];
  while (left.length > 0) {
    const options = open.map((each) => pack(left, each)).filter(({ count }) => count > 0);
    const choice = best[expander](options);
    if (!choice) break;
    growth.push({ id: choice.id, count: choice.count, pods: choice.pods });
    left = left.filter((pod) => !choice.pods.includes(pod));
    open = open.filter(({ id }) => id !== choice.id);
  }
  return { growth, refused: left.map((pod) => ({ pod, reasons: reasonsOf(pod, candidates) })) };
}

function reasonsOf({ spec }: Pod, candidates: readonly Candidate[]): string[] {
  const asked = requestsOf(spec);
  return candidates.map(
    ({ template, closed }) =>
      misfit(spec, asked, template) ?? closed ?? "max node group size reached",
  );
}

function largestFirst(pods: readonly Pod[]): Pod[] {
  const size = ({ spec }: Pod) => {
    const { cpu = 0, memory = 0 } = requestsOf(spec);
    return cpu + memory / 2 ** 32;
  };
  return pods
    .map((pod) => ({ pod, size: size(pod) }))
    .sort((a, b) => b.size - a.size)
    .map(({ pod }) => pod);
}
