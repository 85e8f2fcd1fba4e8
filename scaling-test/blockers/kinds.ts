// The kinds of blockers, and how one is told.

import type { Blocker } from "../report/types";

export const KINDS = {
  "pool-at-max": "the pool has as many machines as it may have",
  "pool-backs-off": "the autoscaler gave up on the pool for a while",
  "pool-paused": "the pool or its cluster is paused",
  "pool-min-size": "the pool must keep machines",
  "pod-does-not-fit": "no machine of the pool would be large enough, or is allowed",
  "pod-does-not-start": "a container waits",
  "prism-refuses": "Prism Central does not make the VM",
  "vm-pending": "Prism Central has not made the VM yet",
  "vm-does-not-boot": "the VM is there, no Node comes of it",
  "autoscaler-silent": "the autoscaler does not write its status",
  pdb: "a PodDisruptionBudget allows no disruption",
  "no-controller": "nobody would make the pod again elsewhere",
  "local-storage": "the pod's local storage would be lost",
  "not-safe-to-evict": "the pod is marked as not to be evicted",
  "system-pod": "a kube-system pod, which the autoscaler leaves alone",
  "no-place": "the pod fits on no other node",
  "scale-down-disabled": "the node is marked as not to be removed",
  "scale-down-failed": "the autoscaler tried to remove the node",
  "machine-deletion": "Cluster API has not finished removing the machine",
  "vm-left": "a VM with the cluster's category has no Machine",
} as const;

export type BlockerKind = keyof typeof KINDS;

export type Found = Omit<Blocker, "round" | "phase"> & { kind: BlockerKind };

/** One blocker as a sentence. */
export const sentence = ({ kind, message, source }: Pick<Blocker, "kind" | "message" | "source">) =>
  `${message} [${kind}, by ${source}]`;

/** Each blocker once. */
export function distinct<T extends Pick<Blocker, "kind" | "subject">>(blockers: T[]): T[] {
  const seen = new Set<string>();
  return blockers.filter(({ kind, subject }) => {
    const key = `${kind} ${subject}`;
    const fresh = !seen.has(key);
    seen.add(key);
    return fresh;
  });
}
