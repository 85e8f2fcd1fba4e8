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
  const everywhere = term.namespaceSelector !== undefined;
  const namespaces = term.namespaces?.length ? term.namespaces : [pod.metadata.namespace ?? ""];
  if (!everywhere && !namespaces.includes(other.metadata.namespace ?? "")) return false;
  const labels = other.metadata.labels ?? {};
  const own = pod.metadata.labels ?? {};
  return (
    selects(term.labelSelector, labels) &&
    (term.matchLabelKeys ?? []).every((key) => own[key] === labels[key]) &&
    (term.mismatchLabelKeys ?? []).every((key) => own[key] !== labels[key])
  );
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
  const { topologyKey, maxSkew, minDomains = 1, labelSelector, matchLabelKeys = [] } = constraint;
  const place = node.labels[topologyKey];
  if (place === undefined) return false;
  const selector = narrowed(labelSelector, pod, matchLabelKeys);
  const counts = new Map<string, number>([[place, 0]]);
  for (const { labels, pods, ...rest } of nodes) {
    const domain = labels[topologyKey];
    if (domain === undefined || !selected(pod.spec, { labels, pods, ...rest })) continue;
    const alike = pods.filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace && selects(selector, metadata.labels),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + alike.length);
  }
  const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
  const self = selects(selector, pod.metadata.labels) ? 1 : 0;
  return (counts.get(place) ?? 0) + self - least <= maxSkew;
}

function narrowed(
  selector: LabelSelector | undefined,
  pod: Pod,
  keys: readonly string[],
): LabelSelector | undefined {
  if (!selector) return undefined;
  const own = keys.flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [[key, value]];
  });
  return { ...selector, matchLabels: { ...selector.matchLabels, ...Object.fromEntries(own) } };
}
