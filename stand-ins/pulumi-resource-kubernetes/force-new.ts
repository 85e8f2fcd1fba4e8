// Fields that Kubernetes does not let change: a new value needs a new object. The table is the real plugin's;
// `*` stands for every item of a list.

import { groupOf, kindOf, type KubeObject } from "./kube-object";

const identity = ["metadata.name", "metadata.namespace"];

const containerFields = [
  "args",
  "command",
  "env",
  "image",
  "imagePullPolicy",
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resources",
  "securityContext",
  "stdin",
  "stdinOnce",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
];

const podFields = [
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "hostAliases",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostname",
  "imagePullSecrets",
  "nodeName",
  "nodeSelector",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "restartPolicy",
  "runtimeClassName",
  "schedulerName",
  "securityContext",
  "serviceAccount",
  "serviceAccountName",
  "shareProcessNamespace",
  "subdomain",
  "terminationGracePeriodSeconds",
  "volumes",
];

const volumeSources = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

const spec = (...names: string[]) => names.map((name) => `spec.${name}`);

const byKind: Readonly<Record<string, readonly string[]>> = {
  "/PersistentVolume": spec(...volumeSources),
  "/PersistentVolumeClaim": spec("accessModes", "selector", "storageClassName", "volumeName"),
  "/Pod": [
    ...spec(...podFields),
    ...spec(...containerFields.map((field) => `containers.*.${field}`)),
    ...spec(...containerFields.map((field) => `initContainers.*.${field}`)),
  ],
  "/ResourceQuota": spec("scopes"),
  "/Secret": ["type"],
  "/Service": spec("clusterIP"),
  "apps/DaemonSet": spec("selector"),
  "apps/Deployment": spec("selector"),
  "apps/StatefulSet": spec(
    "podManagementPolicy",
    "revisionHistoryLimit",
    "selector",
    "serviceName",
    "volumeClaimTemplates",
  ),
  "batch/Job": spec("completions", "parallelism", "selector", "template"),
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

export interface Mutability {
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
}

/** The paths whose change replaces this object. */
export function forceNewPaths(object: KubeObject, mutability: Mutability): readonly string[] {
  const key = `${groupOf(object)}/${kindOf(object)}`;
  const immutable = object["immutable"] === true;
  if (key === "/Secret" && (immutable || !mutability.enableSecretMutable)) {
    return [...identity, "type", "stringData", "data"];
  }
  if (key === "/ConfigMap" && (immutable || !mutability.enableConfigMapMutable)) {
    return [...identity, "binaryData", "data"];
  }
  return [...identity, ...(byKind[key] ?? [])];
}
