// What a stack decides, as one typed value. The components take their arguments from here, structurally, and know
// nothing of configuration. Defaults and bounds stand in groups.ts.

import type * as pulumi from "@pulumi/pulumi";
import type { Budgets } from "../scaling-test/budgets";

export interface PrismCentralConfig {
  address: string;
  port: number;
  /** Its version, where it is known: what needs a newer one is a mistake then. */
  version?: string;
  /** Accept any certificate. False unless the stack says so. */
  insecure: boolean;
  /** PEM certificates to trust in the place of the system's. */
  trustBundle?: string;
  credentials: Credentials;
}

export type Credentials =
  { username: string; password: pulumi.Output<string> } | { apiKey: pulumi.Output<string> };

/** Where the node image comes from. */
export type ImageConfig =
  /** Built by Packer, then uploaded. */
  | {
      from: "recipe";
      recipe: string;
      packer: string;
      /** One source of the template, such as qemu.node; all of them when absent. */
      only?: string;
      /** Further variables of the template. */
      variables: Record<string, string>;
      programs?: string;
      standIns?: string;
      sources: string[];
      format: "img" | "qcow2";
      output: string;
    }
  /** Uploaded as it is. */
  | { from: "file"; file: string; sha256?: string }
  /** Fetched by Prism Central itself. */
  | { from: "url"; url: string; sha256: string }
  /** In Prism Central already. */
  | { from: "prism"; uuid: string }
  | { from: "prism"; name: string };

export interface ManagementClusterConfig {
  name: string;
  /** Where the kubeconfig of a cluster made here is written. */
  kubeconfigFile: string;
  /** Node image for kind; kind's own default when absent. */
  nodeImage?: string;
  /** A cluster that exists: path of its kubeconfig. Nothing is made then. */
  kubeconfig?: string;
  /** Context of that kubeconfig; its current one when absent. */
  context?: string;
}

/** A file, all YAML files of a folder, or the cached copy of what is at an address. */
export interface ManifestSourceConfig {
  path: string;
  /** What `path` is fetched from, by `lab fetch`. */
  url?: string;
  sha256?: string;
}

/** Where images and charts are taken from: prefix of upstream's name -> prefix of the mirror's. */
export interface RegistriesConfig {
  images: Record<string, string>;
  charts: Record<string, string>;
}

export interface ClusterApiConfig {
  version: string;
  /** Version of the infrastructure provider's manifests. */
  capxVersion: string;
  sources: {
    core: ManifestSourceConfig;
    bootstrap: ManifestSourceConfig;
    controlPlane: ManifestSourceConfig;
    infrastructure: ManifestSourceConfig;
    /** Where cert-manager makes the certificates. */
    certManager?: ManifestSourceConfig;
  };
  certificates: "self-signed" | "cert-manager";
  /** Keep the descriptions of CRDs' fields: for `kubectl explain`, at the price of slower runs. */
  crdDescriptions: boolean;
  /** Values of ${NAME} in the manifests. */
  variables: Record<string, string>;
}

export interface MachineConfig {
  sockets: number;
  coresPerSocket: number;
  memory: string;
  disk: string;
}

/** A GPU by Prism Central's name for it, or by its device id. */
export type GpuConfig = { name: string } | { deviceId: number };

export interface TaintConfig {
  key: string;
  value?: string;
  effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Workers that are alike, and what the autoscaler may do with them. */
export interface PoolConfig {
  name: string;
  min: number;
  max: number;
  maxPods: number;
  machine: MachineConfig;
  labels: Record<string, string>;
  taints: TaintConfig[];
  gpus: GpuConfig[];
  failureDomain?: string;
  /** The autoscaler's options for this pool; its flags hold for what is absent. */
  autoscaling: {
    scaleDownUnneededTime?: string;
    scaleDownUnreadyTime?: string;
    scaleDownUtilizationThreshold?: number;
    maxNodeProvisionTime?: string;
  };
}

export interface FailureDomainConfig {
  name: string;
  prismElement: string;
  subnets: string[];
}

export interface WorkloadClusterConfig {
  name: string;
  namespace: string;
  endpoint: { host: string; port: number };
  /** Address that kube-vip holds; differs from the endpoint behind a floating IP. */
  vip: string;
  /** Who holds the vip: kube-vip by ARP, or something outside of the cluster. */
  kubeVip: "arp" | "none";
  /** Further names of the API server. */
  certSans: string[];
  podCidr: string;
  serviceCidr: string;
  prismElement: string;
  subnet: string;
  /** The subnet's range, and the pools that Prism Central gives addresses from, where they are known. */
  subnetRange?: string;
  subnetPools: string[];
  failureDomains: FailureDomainConfig[];
  controlPlane: { replicas: number; machine: MachineConfig; failureDomains: string[] };
  pools: [PoolConfig, ...PoolConfig[]];
  kubeVipImage: string;
  /** kubelets wait for a cloud controller manager (external) or not (none). */
  cloudProvider: "external" | "none";
  cloudControllerImage: string;
  /** The network between pods, and volumes: installed, or there already. */
  cni: "cilium" | "none";
  csi: "nutanix" | "none";
  storageContainer: string;
  /** kubeadm init phases to leave out. */
  skipPhases: string[];
  sshKeys: string[];
  /** What the network around the machines does not tell them itself. */
  surroundings: {
    dns: string[];
    ntp: string[];
    mtu?: number;
    proxy?: { http?: string; https?: string; noProxy: string[] };
    /** Registry -> mirror: those of `registries.images`, for images that nobody can rename. */
    mirrors: Record<string, string>;
  };
  /** How long a node may be unhealthy before its machine is replaced. */
  unhealthySeconds: number;
  /** Longest that the cluster, a rollout or a deletion may take. */
  timeoutMinutes: number;
}

export interface ClusterAutoscalerConfig {
  chart: string;
  repository?: string;
  chartVersion?: string;
  image: { repository: string; tag: string };
  profile: "lab-fast" | "default" | "cost";
}

export interface SampleWorkloadConfig {
  namespace: string;
  image: string;
  /** Share of a worker's memory and cpu that one replica asks for. */
  share: number;
}

export interface ScalingTestConfig {
  /** Run it as a part of `up`. */
  run: boolean;
  replicas: number;
  /** Seconds of single budgets; the others follow from the autoscaler's profile. */
  budgets: Partial<Budgets>;
  report: string;
}

/** What the stack's owner allows; see components/guardrails.ts. */
export interface GuardrailsConfig {
  insecureTls: string[];
  machines: number;
  vcpus?: number;
  memory?: string;
  costPerHour?: number;
  prices: { vcpu: number; memoryGi: number; diskGi: number };
}

export interface LabConfig {
  /** The serverless platform above the cluster; none is the only value for now. */
  platform: "none";
  kubernetesVersion: string;
  prismCentral: PrismCentralConfig;
  registries: RegistriesConfig;
  image: ImageConfig;
  managementCluster: ManagementClusterConfig;
  clusterApi: ClusterApiConfig;
  workloadCluster: WorkloadClusterConfig;
  clusterAutoscaler: ClusterAutoscalerConfig;
  sampleWorkload: SampleWorkloadConfig;
  scalingTest: ScalingTestConfig;
  guardrails: GuardrailsConfig;
}
