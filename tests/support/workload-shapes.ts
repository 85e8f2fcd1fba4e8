// Workload clusters of different shapes, by the names of their golden files.

import type { WorkloadClusterSpec } from "../../components/workload-cluster/spec";
import { pool, spec } from "./workload-spec";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

export const shapes: Record<string, Partial<WorkloadClusterSpec>> = {
  onprem: {},
  "floating-ip": {
    vip: "192.168.10.10",
    endpoint: { host: "10.78.2.20", port: 6443 },
    certSans: ["api.lab.example"],
    cloudProvider: "none",
    skipPhases: ["addon/coredns", "addon/kube-proxy"],
    sshKeys: ["ssh-ed25519 AAAA lab"],
    prismCentral: { ...spec.prismCentral, trustBundle: PEM },
    surroundings: {
      dns: ["10.78.0.2"],
      ntp: ["169.254.169.123"],
      mtu: 1442,
      proxy: { http: "http://proxy.lab.example:3128", noProxy: [".lab.example"] },
      mirrors: { "registry.k8s.io": "harbor.lab.example/k8s" },
    },
  },
  "failure-domains": {
    controlPlane: { ...spec.controlPlane, replicas: 3, failureDomains: ["a", "b"] },
    failureDomains: [
      { name: "a", prismElement: "PE-A", subnets: ["vms-a"] },
      { name: "b", prismElement: "PE-B", subnets: ["vms-b", "storage-b"] },
    ],
    kubeVip: "none",
    endpoint: { host: "api.lab.example", port: 443 },
    prismCentral: { ...spec.prismCentral, trustBundle: PEM },
    pools: [{ ...pool, failureDomain: "b" }],
  },
  pools: {
    cloudProvider: "none",
    pools: [
      { ...pool, name: "system", min: 1, max: 1, labels: { "node-role.kubernetes.io/system": "" } },
      {
        ...pool,
        name: "burst",
        max: 20,
        maxPods: 50,
        labels: { tier: "burst", "node.cluster.x-k8s.io/pool": "burst" },
        taints: [
          { key: "burst", value: "only", effect: "NoSchedule" },
          { key: "slow", effect: "PreferNoSchedule" },
        ],
        autoscaling: {
          scaleDownUnneededTime: "1m",
          scaleDownUnreadyTime: "5m",
          scaleDownUtilizationThreshold: 0.7,
          maxNodeProvisionTime: "30m",
        },
      },
      {
        ...pool,
        name: "gpu",
        gpus: [{ name: "Ampere 40" }, { deviceId: 8757 }],
        machine: { ...pool.machine, sockets: 4, coresPerSocket: 2, disk: "100Gi" },
      },
    ],
  },
};
