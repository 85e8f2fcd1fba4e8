// What a workload cluster is made from, as plain data. Everything else in this folder is a function of it.

import type * as pulumi from "@pulumi/pulumi";
import type { Surroundings } from "./surroundings";

export interface MachineSize {
  sockets: number;
  coresPerSocket: number;
  /** Such as 4Gi; at least 2Gi. */
  memory: string;
  /** Size of the system disk, such as 40Gi; at least 20Gi. */
  disk: string;
}

/** A GPU by the name that Prism Central gives it, or by its device id. */
export type Gpu = { name: string } | { deviceId: number };

export interface Taint {
  key: string;
  value?: string;
  effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What the autoscaler's flags say for all pools, for one pool: durations as Go writes them, such as 10m. */
export interface PoolAutoscaling {
  scaleDownUnneededTime?: string;
  scaleDownUnreadyTime?: string;
  /** Share of a node's requests below which it may go, from 0 to 1. */
  scaleDownUtilizationThreshold?: number;
  /** A machine that is no node by then is given up, by the autoscaler and by the health check alike. */
  maxNodeProvisionTime?: string;
}

/** Workers that are alike: one MachineDeployment. */
export interface Pool {
  /** Unique in the cluster; the MachineDeployment is `<cluster>-<name>`. */
  name: string;
  /** Bounds between which the autoscaler has its way. Where both are equal, the pool is fixed. */
  min: number;
  max: number;
  machine: MachineSize;
  /** Most pods on a node. */
  maxPods: number;
  labels: Record<string, string>;
  taints: Taint[];
  gpus: Gpu[];
  /** One of the cluster's failure domains; in the cluster's own Prism Element and subnet when absent. */
  failureDomain?: string;
  autoscaling: PoolAutoscaling;
}

/** A Prism Element and its subnets: machines in different ones do not fail together. */
export interface FailureDomain {
  name: string;
  prismElement: string;
  subnets: string[];
}

export type PrismCredentials =
  | { username: pulumi.Input<string>; password: pulumi.Input<string> }
  | { apiKey: pulumi.Input<string> };

export interface WorkloadClusterSpec {
  name: string;
  namespace: string;
  kubernetesVersion: string;
  /** Where clients reach the API server. */
  endpoint: { host: string; port: number };
  /** Address that the control-plane machines share; differs from the endpoint behind a floating IP. */
  vip: string;
  /** Further names and addresses of the API server's certificate. */
  certSans: string[];
  podCidr: string;
  serviceCidr: string;
  prismElement: string;
  subnet: string;
  failureDomains: FailureDomain[];
  controlPlane: { replicas: number; machine: MachineSize; failureDomains: string[] };
  pools: Pool[];
  /** Who holds `vip`: kube-vip by ARP, or something outside (a load balancer, a routed address). */
  kubeVip: "arp" | "none";
  kubeVipImage: string;
  /** kubelets wait for a cloud controller manager (external), which is installed with them, or not (none). */
  cloudProvider: "external" | "none";
  cloudControllerImage: string;
  /** kubeadm init phases to leave out. */
  skipPhases: string[];
  sshKeys: string[];
  /** What the network around the machines does not tell them itself. @default nothing */
  surroundings?: Surroundings;
  /** How long a node may be unhealthy before its machine is replaced. */
  unhealthySeconds: number;
  /** Longest that the cluster, a rollout or a deletion may take. */
  timeoutMinutes: number;
  /** UUID of the node image, and a name that changes with its content. */
  image: { uuid: pulumi.Input<string>; imageName: string };
  prismCentral: {
    address: string;
    port: number;
    insecure: boolean;
    trustBundle?: string;
    credentials: PrismCredentials;
  };
}
