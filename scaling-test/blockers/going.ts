// Why a machine does not go: upstream's rules of what keeps a node (cluster-autoscaler's FAQ, "What types of pods can
// prevent CA from removing a node"), on pods' own fields and the autoscaler's own flags. Pure.

import type { ApiObject } from "../api-server";
import { condition, fullName, vmOf } from "../evidence";
import { annotation, paused, workersOf } from "./coming";
import type { BlockerKind, Found } from "./kinds";
import type { View } from "./view";

const EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled";

/** What keeps the cluster's workers. `since` leaves out events of before, in milliseconds. */
export function whatKeepsFromGoing(view: View, since: number): Found[] {
  return [
    ...paused(view),
    ...minSize(view),
    ...workersOf(view).flatMap((node) => nodeBlockers(view, node, since)),
    ...view.machines.flatMap(deletionBlocker),
    ...orphans(view),
  ];
}

function minSize({ pool }: View): Found[] {
  const min = annotation(pool, "min") ?? "0";
  if (!pool || min === "0") return [];
  const subject = fullName(pool);
  const message = `Pool ${subject} must keep ${min} machines: its minimum is not 0.`;
  return [{ kind: "pool-min-size", subject, message, source: `MachineDeployment ${subject}` }];
}

function nodeBlockers(view: View, node: ApiObject, since: number): Found[] {
  const name = node.metadata.name;
  if (node.metadata.annotations?.[DISABLED] === "true") {
    const message = `Node ${name} is annotated ${DISABLED}=true.`;
    return [{ kind: "scale-down-disabled", subject: name, message, source: `Node ${name}` }];
  }
  const failed = view.events.find(
    (event) =>
      event.reason === "ScaleDownFailed" &&
      event.involvedObject.name === name &&
      Date.parse(event.metadata.creationTimestamp) >= since,
  );
  const pods = view.pods.filter(
    (pod) => pod.spec?.["nodeName"] === name && !isFinished(pod) && !isBound(pod),
  );
  return [
    ...pods.flatMap((pod) => podBlocker(view, pod, name)),
    ...(failed
      ? [
          {
            kind: "scale-down-failed" as const,
            subject: name,
            message: `Removing node ${name} failed: ${failed.message ?? "no reason given"}.`,
            source: "Event ScaleDownFailed",
          },
        ]
      : []),
  ];
}

const isFinished = (pod: ApiObject) =>
  pod.metadata.deletionTimestamp !== undefined ||
  ["Succeeded", "Failed"].includes(String(pod.status?.["phase"]));

/** DaemonSet and mirror pods go with their node. */
const isBound = ({ metadata }: ApiObject) =>
  metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined ||
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === "DaemonSet");

const isTrue = (flags: string[], name: string, fallback: boolean) => {
  const flag = flags.find((item) => item.startsWith(`--${name}`));
  return flag === undefined ? fallback : !flag.endsWith("=false");
};

/** The first rule that a pod breaks, in upstream's order. */
function podBlocker(view: View, pod: ApiObject, node: string): Found[] {
  const name = fullName(pod);
  const on = `Pod ${name} keeps node ${node}`;
  const evict = pod.metadata.annotations?.[EVICT];
  const budget = view.budgets.find((item) => covers(item, pod) && isExhausted(item));
  const rules: [boolean, BlockerKind, string][] = [
    [
      budget !== undefined,
      "pdb",
      `PodDisruptionBudget ${budget ? fullName(budget) : ""} allows no disruption`,
    ],
    [evict === "false", "not-safe-to-evict", `it is annotated ${EVICT}=false`],
    [evict !== "true" && !hasController(pod), "no-controller", "it has no controller"],
    [
      evict !== "true" && skipsSystem(view, pod),
      "system-pod",
      "it is in kube-system (--skip-nodes-with-system-pods)",
    ],
    [
      evict !== "true" && skipsStorage(view, pod),
      "local-storage",
      "it has an emptyDir or hostPath volume (--skip-nodes-with-local-storage)",
    ],
    [true, "no-place", "it still runs, and fits on no other node"],
  ];
  const [, kind, why] = rules.find(([broken]) => broken) ?? [true, "no-place" as const, ""];
  return [{ kind, subject: name, message: `${on}: ${why}.`, source: `Pod ${name}` }];
}

const hasController = ({ metadata }: ApiObject) =>
  (metadata.ownerReferences ?? []).some(({ controller }) => controller === true);

const skipsSystem = ({ flags }: View, { metadata }: ApiObject) =>
  metadata.namespace === "kube-system" && isTrue(flags, "skip-nodes-with-system-pods", true);

interface Volume {
  hostPath?: unknown;
  emptyDir?: { medium?: string };
}

function skipsStorage({ flags }: View, pod: ApiObject): boolean {
  const volumes = (pod.spec?.["volumes"] ?? []) as Volume[];
  const local = volumes.some(
    ({ hostPath, emptyDir }) => hostPath ?? (emptyDir && emptyDir.medium !== "Memory"),
  );
  return local && isTrue(flags, "skip-nodes-with-local-storage", true);
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Whether a PodDisruptionBudget is about a pod. */
function covers(budget: ApiObject, pod: ApiObject): boolean {
  if (budget.metadata.namespace !== pod.metadata.namespace) return false;
  const { matchLabels = {}, matchExpressions = [] } = (budget.spec?.["selector"] ?? {}) as Selector;
  const labels = pod.metadata.labels ?? {};
  const matches = { In: true, NotIn: false } as Record<string, boolean>;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      return values.includes(value ?? "") === matches[operator];
    })
  );
}

const isExhausted = (budget: ApiObject) => Number(budget.status?.["disruptionsAllowed"] ?? 0) < 1;

function deletionBlocker(machine: ApiObject): Found[] {
  if (!machine.metadata.deletionTimestamp) return [];
  const subject = machine.metadata.name;
  const why = condition(machine, "Deleting")?.message ?? "no reason given";
  const message = `Machine ${subject} is being deleted since ${machine.metadata.deletionTimestamp}: ${why}`;
  return [{ kind: "machine-deletion", subject, message, source: `Machine ${fullName(machine)}` }];
}

/** VMs that nobody will delete: no Machine and no Node knows them. */
function orphans(view: View): Found[] {
  const known = new Set([...view.machines, ...view.nodes].map(vmOf));
  return view.vms
    .filter(({ extId }) => !known.has(extId))
    .map(({ extId, name }) => ({
      kind: "vm-left" as const,
      subject: extId,
      message: `VM ${name} (${extId}) carries the cluster's category, and no Machine of the pool knows it.`,
      source: "Prism Central",
    }));
}
