// Whether a pod may run on a node, given the pods of all nodes: pod affinity, pod anti-affinity (of both sides) and
// topology spread, as the scheduler has them. Preferences make no difference to how many nodes are needed.

import { selected, selects } from "./fits";
import type { SimulatedNode } from "./fits";
import type { LabelSelector, Pod, PodTerm, SpreadConstraint } from "./objects";

const antiTerms = ({ spec }: Pod): PodTerm[] =>
  spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const terms = ({ spec }: Pod): PodTerm[] =>
  spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const spread = ({ spec }: Pod): SpreadConstraint[] =>
  (spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
  );

/** Nodes whose pods keep others away, so that a pod without wishes need not be held against all of them. */
export function hasGuards(nodes: readonly SimulatedNode[]): boolean {
  return nodes.some(({ pods }) => pods.some((pod) => antiTerms(pod).length > 0));
}

/** Why a pod may not be there because of other pods, in the scheduler's words; undefined when it may. */
export function conflict(
  pod: Pod,
  node: SimulatedNode,
  { nodes, guards }: { nodes: readonly SimulatedNode[]; guards: boolean },
): string | undefined {
  if (
    antiTerms(pod).some((term) => near(node, nodes, term).some((other) => meets(term, pod, other)))
  )
    return "node(s) didn't match pod anti-affinity rules";
  if (guards && isKeptAway(pod, node, nodes))
    return "node(s) didn't satisfy existing pods anti-affinity rules";
  if (!terms(pod).every((term) => isWelcome(pod, node, nodes, term)))
    return "node(s) didn't match pod affinity rules";
  if (!spread(pod).every((constraint) => isEven(pod, node, nodes, constraint)))
    return "node(s) didn't match pod topology spread constraints";
  return undefined;
}

/** Pods in the same place: on all nodes with the same value of the key. */
function near(
  node: SimulatedNode,
  nodes: readonly SimulatedNode[],
  { topologyKey }: PodTerm,
): Pod[] {
  const place = node.labels[topologyKey];
  if (place === undefined) return [];
  return nodes.filter((each) => each.labels[topologyKey] === place).flatMap(({ pods }) => pods);
}

/** Whether `other` is one of the pods that a term of `pod` speaks of. */
function meets(term: PodTerm, pod: Pod, other: Pod): boolean {
  const labels = other.metadata.labels ?? {};
  const own = pod.metadata.labels ?? {};
  return (
    reaches(term, pod, other) &&
    selects(term.labelSelector, labels) &&
    (term.matchLabelKeys ?? []).every((key) => own[key] === labels[key]) &&
    (term.mismatchLabelKeys ?? []).every((key) => own[key] !== labels[key])
  );
}

/** Whether a term looks at the namespace of a pod: those it names, or else its own. */
function reaches({ namespaceSelector, namespaces = [] }: PodTerm, pod: Pod, other: Pod): boolean {
  if (namespaceSelector !== undefined) return true;
  const named = namespaces.length > 0 ? namespaces : [pod.metadata.namespace];
  return named.includes(other.metadata.namespace);
}

function isKeptAway(pod: Pod, node: SimulatedNode, nodes: readonly SimulatedNode[]): boolean {
  return nodes.some((there) =>
    there.pods.some((guard) =>
      antiTerms(guard).some(
        (term) =>
          there.labels[term.topologyKey] !== undefined &&
          there.labels[term.topologyKey] === node.labels[term.topologyKey] &&
          meets(term, guard, pod),
      ),
    ),
  );
}

/** The first of a group that wants to be together goes anywhere. */
function isWelcome(
  pod: Pod,
  node: SimulatedNode,
  nodes: readonly SimulatedNode[],
  term: PodTerm,
): boolean {
  if (node.labels[term.topologyKey] === undefined) return false;
  if (near(node, nodes, term).some((other) => meets(term, pod, other))) return true;
  const alone = !nodes.some(({ pods }) => pods.some((other) => meets(term, pod, other)));
  return alone && meets(term, pod, pod);
}

function isEven(
  pod: Pod,
  node: SimulatedNode,
  nodes: readonly SimulatedNode[],
  constraint: SpreadConstraint,
): boolean {
  const place = node.labels[constraint.topologyKey];
  if (place === undefined) return false;
  const selector = narrowed(constraint, pod);
  const counts = domains(pod, nodes, { selector, topologyKey: constraint.topologyKey });
  const here = counts.get(place) ?? 0;
  counts.set(place, here);
  const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
  const self = selects(selector, pod.metadata.labels) ? 1 : 0;
  return here + self - least <= constraint.maxSkew;
}

/** How many pods of a kind are in each place that a pod may go to. */
function domains(
  pod: Pod,
  nodes: readonly SimulatedNode[],
  { selector, topologyKey }: { selector: LabelSelector | undefined; topologyKey: string },
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of nodes) {
    const domain = each.labels[topologyKey];
    if (domain === undefined || !selected(pod.spec, each)) continue;
    const alike = each.pods.filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace && selects(selector, metadata.labels),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + alike.length);
  }
  return counts;
}

/** The selector, and the pod's own values of the keys that must be equal. */
function narrowed(constraint: SpreadConstraint, pod: Pod): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys = [] } = constraint;
  if (!labelSelector) return undefined;
  const matchLabels = { ...labelSelector.matchLabels };
  for (const key of matchLabelKeys) {
    const value = pod.metadata.labels?.[key];
    if (value !== undefined) matchLabels[key] = value;
  }
  return { ...labelSelector, matchLabels };
}
