// The objects that CAPX reads and writes, with the fields it uses. The CRDs are in manifests/capx/.

import type { KubeObject, Resource } from "../shared/kube-client";

export const infrastructureGroup = "infrastructure.cluster.x-k8s.io";
export const clusterFinalizer = `${infrastructureGroup}/nutanixcluster`;
export const machineFinalizer = `${infrastructureGroup}/nutanixmachine`;
export const failureDomainFinalizer = `${infrastructureGroup}/nutanixfailuredomain`;
export const credentialFinalizer = `${infrastructureGroup}/nutanixclustercredential`;
export const clusterNameLabel = "cluster.x-k8s.io/cluster-name";
export const pausedAnnotation = "cluster.x-k8s.io/paused";

/** A condition of Cluster API's v1beta1 contract. */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  lastTransitionTime: string;
  severity?: string;
  reason?: string;
  message?: string;
}

/** A Nutanix thing, named or by uuid. */
export interface Identifier {
  type: "name" | "uuid";
  name?: string;
  uuid?: string;
}

export interface NutanixCluster extends KubeObject {
  spec: {
    controlPlaneEndpoint?: { host: string; port: number };
    prismCentral?: {
      address: string;
      port?: number;
      insecure?: boolean;
      credentialRef?: { kind: string; name: string; namespace?: string };
      additionalTrustBundle?: { kind: "String" | "ConfigMap"; name?: string; data?: string };
    };
    controlPlaneFailureDomains?: { name: string }[];
    /** Deprecated, and still honoured. */
    failureDomains?: {
      name: string;
      cluster: Identifier;
      subnets: Identifier[];
      controlPlane?: boolean;
    }[];
  };
  status?: {
    ready?: boolean;
    failureDomains?: Record<string, { controlPlane: boolean }>;
    conditions?: Condition[];
    failureReason?: string;
    failureMessage?: string;
  };
}

export interface DataDisk {
  diskSize: string;
  deviceProperties?: {
    deviceType: "Disk" | "CDRom";
    adapterType: string;
    deviceIndex?: number;
  };
  storageConfig?: { diskMode?: string; storageContainer?: Identifier };
  dataSource?: Identifier;
}

export interface Gpu {
  type: "name" | "deviceID";
  name?: string;
  deviceID?: number;
}

export interface NutanixMachineSpec {
  providerID?: string;
  vcpusPerSocket: number;
  vcpuSockets: number;
  memorySize: string;
  systemDiskSize: string;
  image?: Identifier;
  imageLookup?: { baseOS: string; format?: string };
  cluster?: Identifier;
  subnet?: Identifier[];
  additionalCategories?: { key: string; value: string }[];
  project?: Identifier;
  bootType?: "legacy" | "uefi";
  bootstrapRef?: { apiVersion?: string; kind: string; name: string; namespace?: string };
  dataDisks?: DataDisk[];
  gpus?: Gpu[];
}

export interface NutanixMachine extends KubeObject {
  spec: NutanixMachineSpec;
  status?: {
    ready?: boolean;
    vmUUID?: string;
    addresses?: { type: string; address: string }[];
    failureDomain?: string;
    failureReason?: string;
    failureMessage?: string;
    conditions?: Condition[];
  };
}

export interface NutanixMachineTemplate extends KubeObject {
  spec: { template: { spec: NutanixMachineSpec } };
  status?: { capacity?: Record<string, string> };
}

export interface FailureDomainSpec {
  prismElementCluster: Identifier;
  subnets: Identifier[];
}

export interface NutanixFailureDomain extends KubeObject {
  spec: FailureDomainSpec;
  status?: { conditions?: Condition[] };
}

export interface Cluster extends KubeObject {
  spec?: { paused?: boolean; infrastructureRef?: { kind: string; name: string } };
  status?: {
    initialization?: { infrastructureProvisioned?: boolean; controlPlaneInitialized?: boolean };
  };
}

export interface Machine extends KubeObject {
  spec: {
    clusterName: string;
    bootstrap?: { dataSecretName?: string };
    infrastructureRef?: { kind: string; name: string };
    version?: string;
    failureDomain?: string;
  };
  status?: { nodeInfo?: { systemUUID?: string } };
}

export interface Secret extends KubeObject {
  data?: Record<string, string>;
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

function infrastructure<T extends KubeObject>(kind: string, plural: string): Resource<T> {
  return { group: infrastructureGroup, version: "v1beta1", plural, kind };
}

export const nutanixClusters = infrastructure<NutanixCluster>("NutanixCluster", "nutanixclusters");
export const nutanixMachines = infrastructure<NutanixMachine>("NutanixMachine", "nutanixmachines");
export const nutanixMachineTemplates = infrastructure<NutanixMachineTemplate>(
  "NutanixMachineTemplate",
  "nutanixmachinetemplates",
);
export const nutanixFailureDomains = infrastructure<NutanixFailureDomain>(
  "NutanixFailureDomain",
  "nutanixfailuredomains",
);
export const clusters: Resource<Cluster> = {
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  plural: "clusters",
  kind: "Cluster",
};
export const machines: Resource<Machine> = {
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  plural: "machines",
  kind: "Machine",
};
export const secrets: Resource<Secret> = {
  group: "",
  version: "v1",
  plural: "secrets",
  kind: "Secret",
};
export const configMaps: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
};
