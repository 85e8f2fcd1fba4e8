// What is known of Kubernetes' own kinds without asking: whether they live in a namespace.
// A preview of unchanged objects then needs no cluster at all.

import { apiVersionOf, groupOf, kindOf, type KubeObject } from "./kube-object";

const builtInGroups = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

const clusterScoped = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterTrustBundle",
  "ComponentStatus",
  "CustomResourceDefinition",
  "DeviceClass",
  "DeviceTaintRule",
  "FlowSchema",
  "IPAddress",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "SelfSubjectAccessReview",
  "SelfSubjectReview",
  "SelfSubjectRulesReview",
  "ServiceCIDR",
  "StorageClass",
  "SubjectAccessReview",
  "TokenReview",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);

/** True for a kind of Kubernetes itself, false for a custom resource. */
export function isBuiltIn(object: KubeObject): boolean {
  return apiVersionOf(object) !== "" && builtInGroups.has(groupOf(object));
}

/** Whether a kind of Kubernetes itself lives in a namespace; undefined for custom resources. */
export function builtInScope(object: KubeObject): "cluster" | "namespace" | undefined {
  if (!isBuiltIn(object)) return undefined;
  return clusterScoped.has(kindOf(object)) ? "cluster" : "namespace";
}

/** True for a CustomResourceDefinition. */
export function isCrd(object: KubeObject): boolean {
  return (
    groupOf(object) === "apiextensions.k8s.io" && kindOf(object) === "CustomResourceDefinition"
  );
}

/** True for the core Secret. */
export function isSecretKind(object: KubeObject): boolean {
  return apiVersionOf(object) === "v1" && kindOf(object) === "Secret";
}
