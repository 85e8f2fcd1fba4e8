// A workload cluster on premises, as tests describe it.

import type { Pool, WorkloadClusterSpec } from "../../components/workload-cluster/spec";

const machine = { sockets: 2, coresPerSocket: 1, memory: "4Gi", disk: "40Gi" };

export const pool: Pool = {
  name: "wmd",
  min: 0,
  max: 5,
  maxPods: 110,
  machine: { ...machine, memory: "8Gi" },
  labels: {},
  taints: [],
  gpus: [],
  autoscaling: {},
};

/** Nothing is added to the cluster. */
export const bare = {
  cni: "none",
  csi: "none",
  storageContainer: "SelfServiceContainer",
  charts: {},
} as const;

export const spec: WorkloadClusterSpec = {
  name: "lab",
  namespace: "default",
  kubernetesVersion: "v1.36.3",
  endpoint: { host: "10.42.73.14", port: 6443 },
  vip: "10.42.73.14",
  kubeVip: "arp",
  certSans: [],
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.96.0.0/16",
  prismElement: "PHX-POC073",
  subnet: "Primary",
  failureDomains: [],
  controlPlane: { replicas: 1, machine, failureDomains: [] },
  pools: [pool],
  kubeVipImage: "ghcr.io/kube-vip/kube-vip:v0.9.2",
  cloudProvider: "external",
  cloudControllerImage: "ghcr.io/nutanix-cloud-native/cloud-provider-nutanix/controller:v0.7.0",
  skipPhases: [],
  sshKeys: [],
  unhealthySeconds: 300,
  timeoutMinutes: 30,
  image: { uuid: "3f1c7a52-0000-4000-8000-000000000001", imageName: "capx-embedded-v1.36.3-1a2b" },
  prismCentral: {
    address: "pc.lab.example",
    port: 9440,
    insecure: false,
    credentials: { username: "admin", password: "secret" },
  },
};
