// Scaling up, decided: which pods nothing can help but a new node, which group helps, and with how many nodes.

import { misfit } from "./fits";
import { conflict, hasGuards } from "./neighbours";
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

/** Nodes as they fill up while pods are tried on them. */
class Rooms {
  readonly nodes: SimulatedNode[];
  private guards: boolean;

  constructor(nodes: readonly SimulatedNode[]) {
    this.nodes = nodes.map((node) => ({ ...node, pods: [...node.pods] }));
    this.guards = hasGuards(this.nodes);
  }

  /** Why a pod does not fit on a node; undefined when it does. The node may be none of these yet. */
  misfit(pod: Pod, node: SimulatedNode): string | undefined {
    const { guards } = this;
    const nodes = this.nodes.includes(node) ? this.nodes : [...this.nodes, node];
    return misfit(pod.spec, requestsOf(pod.spec), node) ?? conflict(pod, node, { nodes, guards });
  }

  put(pod: Pod, node: SimulatedNode): void {
    node.free = minus(node.free, requestsOf(pod.spec));
    node.pods.push(pod);
    this.guards ||= hasGuards([{ ...node, pods: [pod] }]);
  }
}

/** Puts pods on nodes, the largest first and each on the first that takes it; the pods that are left over. */
export function place(pods: readonly Pod[], nodes: readonly SimulatedNode[]): Pod[] {
  if (pods.length === 0) return [];
  const rooms = new Rooms(nodes);
  return largestFirst(pods).filter((pod) => {
    const node = rooms.nodes.find((each) => rooms.misfit(pod, each) === undefined);
    if (node) rooms.put(pod, node);
    return !node;
  });
}

/** Packs pods into new nodes of one kind beside those that are there: how many nodes, and for which pods. */
export function pack(
  pods: readonly Pod[],
  candidate: Candidate,
  present: readonly SimulatedNode[] = [],
): Option {
  const rooms = new Rooms(present);
  const bins: SimulatedNode[] = [];
  const packed: Pod[] = [];
  for (const pod of largestFirst(pods)) {
    const bin = bins.find((each) => rooms.misfit(pod, each) === undefined);
    const node = bin ?? fresh(candidate, bins.length);
    if (!node || (!bin && rooms.misfit(pod, node) !== undefined)) continue;
    if (!bin) {
      bins.push(node);
      rooms.nodes.push(node);
    }
    rooms.put(pod, node);
    packed.push(pod);
  }
  const waste = wasteOf(bins, candidate.template.free);
  return { id: candidate.id, count: bins.length, pods: packed, waste };
}

/** One more node of a kind, under a name of its own; undefined when the group may get no more. */
function fresh({ template, room }: Candidate, used: number): SimulatedNode | undefined {
  if (used >= room) return undefined;
  const name = `${template.name}-${used}`;
  return { ...template, name, labels: { ...template.labels, [hostname]: name }, pods: [] };
}

const hostname = "kubernetes.io/hostname";

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

/** The options that an expander likes best: one, or several that are alike to it. */
const best: Record<Expander, (options: Option[]) => Option[]> = {
  "least-waste": (options) => least(options, ({ waste }) => waste),
  "least-nodes": (options) => least(options, ({ count }) => count),
  "most-pods": (options) => least(options, ({ pods }) => -pods.length),
  random: (options) => {
    const choice = options[Math.floor(Math.random() * options.length)];
    return choice ? [choice] : [];
  },
};

function least(options: Option[], of: (option: Option) => number): Option[] {
  const bound = Math.min(...options.map(of));
  return options.filter((option) => of(option) === bound);
}

/** Expanders in a row: each chooses among what the one before has left; the first in order of what remains. */
function choose(options: Option[], expanders: readonly Expander[]): Option | undefined {
  return expanders.reduce((left, name) => best[name](left), options)[0];
}

/** What to grow for these pods beside the nodes there are, group by group, and which pods no group helps. */
export function planScaleUp(
  pods: readonly Pod[],
  candidates: readonly Candidate[],
  expanders: readonly Expander[],
  present: readonly SimulatedNode[] = [],
): { growth: Growth[]; refused: Refusal[] } {
  const growth: Growth[] = [];
  let left = pods;
  let open = [...candidates];
  while (left.length > 0) {
    const options = open.map((each) => pack(left, each, present)).filter(({ count }) => count > 0);
    const choice = choose(options, expanders);
    if (!choice) break;
    growth.push({ id: choice.id, count: choice.count, pods: choice.pods });
    left = left.filter((pod) => !choice.pods.includes(pod));
    open = open.filter(({ id }) => id !== choice.id);
  }
  const refused = left.map((pod) => ({ pod, reasons: reasonsOf(pod, candidates, present) }));
  return { growth, refused };
}

function reasonsOf(
  pod: Pod,
  candidates: readonly Candidate[],
  present: readonly SimulatedNode[],
): string[] {
  const rooms = new Rooms(present);
  return candidates.map(
    ({ template, closed }) =>
      rooms.misfit(pod, template) ?? closed ?? "max node group size reached",
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
