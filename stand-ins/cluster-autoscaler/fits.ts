// Whether a pod may run on a node, by the scheduler's rules for resources, node selector, node affinity and taints.
// What depends on other nodes stands in neighbours.ts.

import type {
  LabelSelector,
  NodeSelectorTerm,
  Pod,
  PodSpec,
  Requirement,
  Taint,
  Toleration,
} from "./objects";
import { lacking } from "./resources";
import type { Resources } from "./resources";

/** A node as it is, or as a group would make it. */
export interface SimulatedNode {
  name: string;
  labels: Record<string, string>;
  taints: Taint[];
  free: Resources;
  /** Pods on it that others may want beside them, or far from them. */
  pods: Pod[];
}

/** Why a pod does not fit, in the scheduler's words; undefined when it does. */
export function misfit(spec: PodSpec, asked: Resources, node: SimulatedNode): string | undefined {
  const taint = node.taints.find((each) => repels(each) && !tolerated(each, spec.tolerations));
  if (taint) return `untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  if (!selected(spec, node)) return "node affinity/selector mismatch";
  const [short] = lacking(asked, node.free);
  return short === undefined
    ? undefined
    : short === "pods"
      ? "Too many pods"
      : `Insufficient ${short}`;
}

function repels({ effect }: Taint): boolean {
  return effect === "NoSchedule" || effect === "NoExecute";
}

function tolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  return (tolerations ?? []).some(({ key, operator, value, effect }) => {
    if (effect && effect !== taint.effect) return false;
    if (key && key !== taint.key) return false;
    if (operator === "Exists") return true;
    return key === taint.key && (value ?? "") === (taint.value ?? "");
  });
}

/** Whether node selector and required node affinity let a pod there. */
export function selected(spec: PodSpec, node: SimulatedNode): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {}))
    if (node.labels[key] !== value) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm(term: NodeSelectorTerm, node: SimulatedNode): boolean {
  const fields = { "metadata.name": node.name };
  const expressions = term.matchExpressions ?? [];
  const matchFields = term.matchFields ?? [];
  if (expressions.length + matchFields.length === 0) return false;
  return (
    expressions.every((requirement) => matches(requirement, node.labels)) &&
    matchFields.every((requirement) => matches(requirement, fields))
  );
}

const operators: Record<string, (value: string | undefined, values: string[]) => boolean> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
  Gt: (value, [bound]) => Number(value) > Number(bound),
  Lt: (value, [bound]) => Number(value) < Number(bound),
};

/** Whether labels meet one requirement of a selector. */
export function matches(
  { key, operator, values }: Requirement,
  labels: Record<string, string>,
): boolean {
  const meets = operators[operator];
  if (!meets) throw new Error(`Reading a selector failed: operator ${operator} is not known.`);
  return meets(labels[key], values ?? []);
}

/** Whether labels meet a selector; an empty one is met by all, none at all by nothing. */
export function selects(
  selector: LabelSelector | undefined,
  labels: Record<string, string> = {},
): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => matches(requirement, labels))
  );
}
