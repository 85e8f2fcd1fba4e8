// The objects that the autoscaler reads and writes, with the fields it uses.

import type { KubeObject, Resource } from "../shared/kube-client";

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

export interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface NodeSelectorTerm {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
}

/** Pods that a pod wants beside it, or far from it. */
export interface PodTerm {
  topologyKey: string;
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

export interface SpreadConstraint {
  topologyKey: string;
  maxSkew: number;
  whenUnsatisfiable: string;
  labelSelector?: LabelSelector;
  minDomains?: number;
  matchLabelKeys?: string[];
}

interface PodTerms {
  requiredDuringSchedulingIgnoredDuringExecution?: PodTerm[];
}

export type Quantities = Record<string, string | number>;

export interface Container {
  restartPolicy?: string;
  resources?: { requests?: Quantities };
}

export interface Volume {
  name: string;
  hostPath?: object;
  emptyDir?: { medium?: string };
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] };
    };
    podAffinity?: PodTerms;
    podAntiAffinity?: PodTerms;
  };
  topologySpreadConstraints?: SpreadConstraint[];
  tolerations?: Toleration[];
  containers: Container[];
  initContainers?: Container[];
  overhead?: Quantities;
  volumes?: Volume[];
}

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; reason?: string; lastTransitionTime?: string }[];
  };
}

export interface Node extends KubeObject {
  spec: { providerID?: string; taints?: Taint[]; unschedulable?: boolean };
  status?: {
    allocatable?: Quantities;
    conditions?: { type: string; status: string; lastTransitionTime?: string }[];
  };
}

export interface DaemonSet extends KubeObject {
  spec: { template: { spec: PodSpec } };
}

export interface PodDisruptionBudget extends KubeObject {
  spec: { selector?: LabelSelector };
  status?: { disruptionsAllowed?: number };
}

export interface MachineDeployment extends KubeObject {
  spec: {
    clusterName?: string;
    replicas?: number;
    paused?: boolean;
    template?: {
      metadata?: { labels?: Record<string, string> };
      spec?: { infrastructureRef?: { apiGroup?: string; kind: string; name: string } };
    };
  };
  status?: { conditions?: { type: string; status: string }[] };
}

export interface Machine extends KubeObject {
  spec: { providerID?: string; clusterName?: string };
  status?: { nodeRef?: { name?: string }; phase?: string };
}

export interface MachineTemplate extends KubeObject {
  status?: { capacity?: Quantities };
}

const workload = <T extends KubeObject>(
  group: string,
  plural: string,
  kind: string,
): Resource<T> => ({ group, version: "v1", plural, kind });
const management = <T extends KubeObject>(plural: string, kind: string): Resource<T> => ({
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  plural,
  kind,
});

export const pods = workload<Pod>("", "pods", "Pod");
export const nodes = workload<Node>("", "nodes", "Node");
export const configMaps = workload<KubeObject & { data?: Record<string, string> }>(
  "",
  "configmaps",
  "ConfigMap",
);
export const events = workload("", "events", "Event");
export const daemonSets = workload<DaemonSet>("apps", "daemonsets", "DaemonSet");
export const disruptionBudgets = workload<PodDisruptionBudget>(
  "policy",
  "poddisruptionbudgets",
  "PodDisruptionBudget",
);
export const machineDeployments = management<MachineDeployment>(
  "machinedeployments",
  "MachineDeployment",
);
export const machines = management<Machine>("machines", "Machine");

/** Where the machine templates of a kind are served. */
export function machineTemplates(group: string, kind: string): Resource<MachineTemplate> {
  return { group, version: "v1beta1", plural: `${kind.toLowerCase()}s`, kind };
}
