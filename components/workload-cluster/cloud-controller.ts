// Nutanix's cloud controller manager in the workload cluster. Cluster API itself applies it, as soon as an API server
// answers (a ClusterResourceSet): nodes stay without provider id until it runs, and the control plane is not
// Available before. The set reconciles, so a change here is carried over.

import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Manifest } from "../kubernetes-object";
import { trustBundle } from "./infrastructure";
import { ADD_ONS, clusterLabel, metadata } from "./names";
import type { WorkloadClusterSpec } from "./spec";

const NAMESPACE = "kube-system";
const NAME = "nutanix-cloud-controller-manager";
const ACCOUNT = "cloud-controller-manager";
const ROLE = "system:cloud-controller-manager";
const CREDENTIALS = "nutanix-creds";
const BUNDLE = "nutanix-ccm-pc-trusted-ca-bundle";
const CONFIG = "nutanix-config";
const FILE = "nutanix_config.json";

/** The label by which the set finds its cluster, and nothing but it. */
export const selector = (cluster: string) => ({ [clusterLabel]: cluster });

/** The set, what it applies, and the credentials, which are a secret of their own. */
export function cloudController(
  spec: WorkloadClusterSpec,
  secretText: pulumi.Input<string>,
): Record<string, Manifest> {
  const name = `${spec.name}-ccm`;
  const objects: Manifest = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(spec, name),
    data: { "cloud-controller-manager.yaml": controllerObjects(spec).map(document).join("---\n") },
  };
  const secret: Manifest = {
    apiVersion: "v1",
    kind: "Secret",
    type: `${ADD_ONS}/resource-set`,
    metadata: metadata(spec, name),
    stringData: { "credentials.yaml": secretText },
  };
  const set: Manifest = {
    apiVersion: `${ADD_ONS}/v1beta2`,
    kind: "ClusterResourceSet",
    metadata: metadata(spec, name),
    spec: {
      strategy: "Reconcile",
      clusterSelector: { matchLabels: selector(spec.name) },
      resources: [
        { kind: "ConfigMap", name },
        { kind: "Secret", name },
      ],
    },
  };
  return {
    "cloud-controller": objects,
    "cloud-controller-credentials": secret,
    "cloud-controller-set": set,
  };
}

const document = (object: Manifest) => stringify(object, { lineWidth: 0 });

/** The text of the credentials Secret that the set applies; `credentials` is the JSON that CAPX reads too. */
export function controllerSecretText(credentials: string): string {
  return document({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: CREDENTIALS, namespace: NAMESPACE },
    stringData: { credentials },
  });
}

function controllerObjects(spec: WorkloadClusterSpec): Manifest[] {
  const bundle = spec.prismCentral.trustBundle ? [trustBundle(spec, BUNDLE, NAMESPACE)] : [];
  const inNamespace = (name: string) => ({ name, namespace: NAMESPACE });
  return [
    ...bundle,
    { apiVersion: "v1", kind: "ServiceAccount", metadata: inNamespace(ACCOUNT) },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: inNamespace(CONFIG),
      data: { [FILE]: JSON.stringify(controllerConfig(spec), undefined, 2) },
    },
    clusterRole(),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: ROLE },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ROLE },
      subjects: [{ kind: "ServiceAccount", ...inNamespace(ACCOUNT) }],
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...inNamespace(NAME), labels: { "k8s-app": NAME } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { "k8s-app": NAME } },
        strategy: { type: "Recreate" },
        template: { metadata: { labels: { "k8s-app": NAME } }, spec: podSpec(spec) },
      },
    },
  ];
}

function controllerConfig({ prismCentral, vip }: WorkloadClusterSpec) {
  const { address, port, insecure, trustBundle: bundle } = prismCentral;
  const additionalTrustBundle = { kind: "ConfigMap", name: BUNDLE, namespace: NAMESPACE };
  return {
    prismCentral: {
      address,
      port,
      insecure,
      credentialRef: { kind: "secret", name: CREDENTIALS, namespace: NAMESPACE },
      ...(bundle ? { additionalTrustBundle } : {}),
    },
    enableCustomLabeling: false,
    topologyDiscovery: { type: "Prism" },
    // kube-vip's address is on a machine's NIC, but is not the machine's own.
    ignoredNodeIPs: [vip],
  };
}

function clusterRole(): Manifest {
  const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({
    apiGroups: [apiGroup],
    resources,
    verbs,
  });
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: ROLE },
    rules: [
      rule("", ["secrets", "configmaps", "services"], ["get", "list", "watch"]),
      rule("", ["events"], ["create", "patch", "update"]),
      rule("", ["nodes"], ["get", "list", "watch", "update", "patch", "delete"]),
      rule("", ["nodes/status"], ["patch"]),
      rule("", ["serviceaccounts"], ["create"]),
      rule("", ["endpoints"], ["create", "get", "list", "watch", "update"]),
      rule(
        "coordination.k8s.io",
        ["leases"],
        ["get", "list", "watch", "create", "update", "patch", "delete"],
      ),
    ],
  };
}

/** It makes nodes usable, so it tolerates what they are not yet. */
function podSpec({ cloudControllerImage }: WorkloadClusterSpec) {
  const tolerates = (key: string, effect: string, more = {}) => ({
    key,
    operator: "Exists",
    effect,
    ...more,
  });
  const patience = { tolerationSeconds: 120 };
  return {
    hostNetwork: true,
    dnsPolicy: "Default",
    priorityClassName: "system-cluster-critical",
    serviceAccountName: ACCOUNT,
    nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
    tolerations: [
      tolerates("node-role.kubernetes.io/control-plane", "NoSchedule"),
      tolerates("node.cloudprovider.kubernetes.io/uninitialized", "NoSchedule"),
      tolerates("node.kubernetes.io/not-ready", "NoSchedule"),
      tolerates("node.kubernetes.io/not-ready", "NoExecute", patience),
      tolerates("node.kubernetes.io/unreachable", "NoExecute", patience),
    ],
    containers: [
      {
        name: NAME,
        image: cloudControllerImage,
        imagePullPolicy: "IfNotPresent",
        args: ["--leader-elect=true", `--cloud-config=/etc/cloud/${FILE}`],
        env: [
          { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
        ],
        resources: { requests: { cpu: "100m", memory: "50Mi" } },
        volumeMounts: [{ name: "config", mountPath: "/etc/cloud", readOnly: true }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: CONFIG } }],
  };
}
