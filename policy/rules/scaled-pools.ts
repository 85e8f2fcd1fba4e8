// A pool is the autoscaler's with both bounds and no size of its own, or nobody's with a size and no bounds. Everything
// between looks right and is fought over: one bound alone is no bound, and a size is set back by each update.

import { at, type Resource, type Rule, shown } from "../rule";

const BOUND = "cluster.x-k8s.io/cluster-api-autoscaler-node-group";
const [LEAST, MOST] = [`${BOUND}-min-size`, `${BOUND}-max-size`];

export const scaledPools: Rule = {
  name: "scaled-pools",
  description:
    "A scaled pool has both bounds and no replicas; a fixed one has replicas and no bounds.",
  type: "kubernetes:cluster.x-k8s.io/v1beta2:MachineDeployment",
  check: (resources) =>
    resources.flatMap((resource) => {
      const message = mistakeOf(resource);
      return message === undefined ? [] : [{ urn: resource.urn, message }];
    }),
};

function mistakeOf({ props }: Resource): string | undefined {
  const [least, most] = [LEAST, MOST].map((key) => at(props, "metadata", "annotations", key));
  const replicas = at(props, "spec", "replicas");
  if (least === undefined && most === undefined)
    return replicas === undefined
      ? `It has neither bounds nor replicas. Set ${LEAST} and ${MOST}, or spec.replicas.`
      : undefined;
  if (least === undefined || most === undefined)
    return `It has only one bound. Set ${least === undefined ? LEAST : MOST} as well.`;
  if (replicas !== undefined)
    return "It has bounds and spec.replicas. Leave replicas out: its size is the autoscaler's.";
  const good = [least, most].every((bound) => /^\d+$/.test(shown(bound)));
  if (good && Number(least) <= Number(most)) return undefined;
  return `Its bounds are ${shown(least)} and ${shown(most)}. Set whole numbers, the least first.`;
}
