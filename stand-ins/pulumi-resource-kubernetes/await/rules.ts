// Which rule decides for an object. Kinds that are not listed are ready as soon as they are written.

import { annotationOf, groupOf, kindOf, type KubeObject } from "../kube-object";
import { ingressRule } from "./ingress-rule";
import { claimRule, crdRule, namespaceRule, serviceRule, volumeRule } from "./object-rules";
import { ready, type Rule } from "./verdict";
import { waitForRule } from "./wait-for";
import {
  daemonSetRule,
  deploymentRule,
  jobRule,
  podRule,
  replicasRule,
  statefulSetRule,
} from "./workload-rules";

const rules: Readonly<Record<string, Rule>> = {
  "/Namespace": namespaceRule,
  "/PersistentVolume": volumeRule,
  "/PersistentVolumeClaim": claimRule,
  "/Pod": podRule,
  "/ReplicationController": replicasRule,
  "/Service": serviceRule,
  "apiextensions.k8s.io/CustomResourceDefinition": crdRule,
  "apps/DaemonSet": daemonSetRule,
  "apps/Deployment": deploymentRule,
  "apps/StatefulSet": statefulSetRule,
  "batch/Job": jobRule,
  "networking.k8s.io/Ingress": ingressRule,
};

/** The kinds that a refresh judges as well; of all others it only takes the state. */
const judgedOnRead = new Set([
  "/Pod",
  "/Service",
  "apps/DaemonSet",
  "apps/Deployment",
  "apps/StatefulSet",
  "batch/Job",
  "networking.k8s.io/Ingress",
]);

/** The rule for an object with these inputs; its annotations come first. */
export function ruleFor(inputs: KubeObject): Rule {
  if (skipsAwait(inputs)) return () => ready();
  const waitFor = annotationOf(inputs, "pulumi.com/waitFor");
  if (waitFor !== "") return waitForRule(waitFor);
  return rules[`${groupOf(inputs)}/${kindOf(inputs)}`] ?? (() => ready());
}

/** The rule by which a refresh judges an object, or undefined where it does not. */
export function ruleOnRead(inputs: KubeObject): Rule | undefined {
  const key = `${groupOf(inputs)}/${kindOf(inputs)}`;
  return judgedOnRead.has(key) && !skipsAwait(inputs) ? rules[key] : undefined;
}

/** True if the inputs ask not to wait. */
export function skipsAwait(inputs: KubeObject): boolean {
  return annotationOf(inputs, "pulumi.com/skipAwait") === "true";
}

/** How long to wait: the resource option, the annotation, or ten minutes. */
export function timeoutOf(inputs: KubeObject, fromOptions: number): number {
  const annotated = Number.parseInt(annotationOf(inputs, "pulumi.com/timeoutSeconds"), 10);
  return fromOptions || (Number.isNaN(annotated) ? 600 : annotated);
}
