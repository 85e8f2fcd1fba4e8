// Without the right to read machine templates, the cluster-autoscaler waits for them for ever and says nothing
// (kubernetes/autoscaler#5912): a pool at zero stays there.

import { at, listAt, type Rule } from "../rule";

const GROUP = "infrastructure.cluster.x-k8s.io";
const TEMPLATES = "nutanixmachinetemplates";
const VERBS = ["get", "list", "watch"];

export const autoscalerRbac: Rule = {
  name: "autoscaler-rbac",
  description: "The cluster-autoscaler may read machine templates, or it never scales from zero.",
  type: "kubernetes:helm.sh/v3:Release",
  check: (resources) =>
    resources
      .filter(({ props }) => at(props, "values", "cloudProvider") === "clusterapi")
      .filter(({ props }) => !mayRead(at(props, "values", "rbac")))
      .map(({ urn }) => ({
        urn,
        message:
          `Its values give it no right to ${VERBS.join(", ")} ${TEMPLATES} of ${GROUP}. ` +
          "Set rbac.create, and add that rule to rbac.additionalRules.",
      })),
};

function mayRead(rbac: unknown): boolean {
  return at(rbac, "create") !== false && listAt(rbac, "additionalRules").some(grants);
}

function grants(rule: unknown): boolean {
  const has = (field: string, wanted: string) => {
    const list = listAt(rule, field);
    return list.includes(wanted) || list.includes("*");
  };
  return (
    has("apiGroups", GROUP) &&
    has("resources", TEMPLATES) &&
    VERBS.every((verb) => has("verbs", verb))
  );
}
