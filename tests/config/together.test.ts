// Mistakes that no key shows by itself: ranges that meet, pools, versions, Prism Central's own address.
import * as path from "node:path";
import { changed, least, mistakesOf, source, type Values } from "./stack";

process.chdir(path.join(__dirname, "..", ".."));

const cluster = (keys: Values) => changed("workloadCluster", keys);
const subnet = { subnetRange: "10.0.0.0/25", subnetPools: ["10.0.0.50-10.0.0.120"] };

test("a network that fits", () => {
  expect(mistakesOf(source(cluster(subnet)))).toEqual([]);
});

test("a load balancer outside of the machines' subnet", () => {
  const balancer = { kubeVip: "none", endpoint: { host: "172.16.0.9" } };
  expect(mistakesOf(source(cluster({ ...subnet, ...balancer })))).toEqual([]);
});

test.each<[string, Values, string]>([
  [
    "pods and services that overlap",
    cluster({ podCidr: "10.96.128.0/20" }),
    "workloadCluster.serviceCidr: found 10.96.0.0/16; allowed: a range apart from podCidr 10.96.128.0/20",
  ],
  [
    "pods in the machines' subnet",
    cluster({ subnetRange: "10.0.0.0/20", podCidr: "10.0.8.0/21" }),
    "workloadCluster.subnetRange: found 10.0.0.0/20; allowed: a range apart from podCidr 10.0.8.0/21",
  ],
  [
    "services in the machines' subnet",
    cluster({ subnetRange: "10.0.0.0/25", serviceCidr: "10.0.0.64/26" }),
    "workloadCluster.subnetRange: found 10.0.0.0/25; allowed: a range apart from serviceCidr 10.0.0.64/26",
  ],
  [
    "a subnet that AHV keeps",
    cluster({ subnetRange: "192.168.4.0/23", endpoint: { host: "192.168.4.9" } }),
    "workloadCluster.subnetRange: found 192.168.4.0/23; allowed: a range apart from 192.168.5.0/24, which AHV keeps",
  ],
  [
    "an endpoint within the pods' range",
    cluster({ endpoint: { host: "10.244.3.4" } }),
    "workloadCluster.endpoint.host: found 10.244.3.4; allowed: an address outside of 10.244.0.0/16",
  ],
  [
    "an endpoint in the pool",
    cluster({ ...subnet, endpoint: { host: "10.0.0.60" } }),
    "workloadCluster.endpoint.host: found 10.0.0.60; allowed: an address outside of pool 10.0.0.50-10.0.0.120, " +
      "which would give it to a machine",
  ],
  [
    "an address behind a floating IP in the pool",
    cluster({ ...subnet, endpoint: { host: "172.16.0.9" }, vip: "10.0.0.60" }),
    "workloadCluster.vip: found 10.0.0.60; allowed: an address outside of pool 10.0.0.50-10.0.0.120, " +
      "which would give it to a machine",
  ],
  [
    "an address outside of the subnet",
    cluster({ subnetRange: "10.0.1.0/24" }),
    "workloadCluster.endpoint.host: found 10.0.0.9; allowed: an address of machines in subnetRange 10.0.1.0/24",
  ],
  [
    "the subnet's broadcast address",
    cluster({ subnetRange: "10.0.0.0/25", endpoint: { host: "10.0.0.127" } }),
    "workloadCluster.endpoint.host: found 10.0.0.127; allowed: an address of machines in subnetRange 10.0.0.0/25",
  ],
  [
    "a pool outside of its subnet",
    cluster({ subnetRange: "10.0.0.0/25", subnetPools: ["10.0.0.100-10.0.0.200"] }),
    "workloadCluster.subnetPools: found 10.0.0.100-10.0.0.200; allowed: a pool within subnetRange 10.0.0.0/25",
  ],
  [
    "a pool the wrong way round",
    cluster({ subnetPools: ["10.0.0.99 - 10.0.0.50"] }),
    "workloadCluster.subnetPools: found 10.0.0.99 - 10.0.0.50; allowed: first address - last address",
  ],
  [
    "a pool that is a range",
    cluster({ subnetPools: ["10.0.0.0/26"] }),
    'workloadCluster.subnetPools: found "10.0.0.0/26"; allowed: a pool such as 10.0.0.50-10.0.0.120',
  ],
  [
    "a range with host bits",
    cluster({ podCidr: "10.244.3.0/16" }),
    'workloadCluster.podCidr: found "10.244.3.0/16"; allowed: a range that begins with its first address, such as 10.244.0.0/16',
  ],
  [
    "too small a range for the nodes",
    cluster({ podCidr: "10.244.0.0/22" }),
    "workloadCluster.podCidr: found 10.244.0.0/22; allowed: at least a /21: a /24 for each of 6 nodes",
  ],
  [
    "too large a range of services",
    cluster({
      serviceCidr: "10.0.0.0/8",
      podCidr: "172.20.0.0/16",
      endpoint: { host: "192.0.2.9" },
    }),
    "workloadCluster.serviceCidr: found 10.0.0.0/8; allowed: a range from /12 to /28",
  ],
  [
    "a private key",
    cluster({ sshKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }),
    'workloadCluster.sshKeys: found "-----BEGIN OPENSSH PRIVATE KEY-----"; allowed: public keys, such as ssh-ed25519 AAAA... me@home',
  ],
  [
    "Prism Central in the services' range",
    changed("prismCentral", { address: "10.96.7.7" }),
    "prismCentral.address: found 10.96.7.7; allowed: an address outside of 10.96.0.0/16, or nodes miss it",
  ],
  [
    "Nutanix's console in the place of Prism Central",
    changed("prismCentral", { address: "cloud.nutanix.com" }),
    "prismCentral.address: found cloud.nutanix.com; allowed: a Prism Central, not Nutanix's own console",
  ],
  [
    "Prism Central in the place of a Prism Element",
    cluster({ prismElement: "pc.lab.test" }),
    "workloadCluster.prismElement: found pc.lab.test; allowed: a Prism Element's name, not Prism Central",
  ],
  [
    "Prism Central's address for the cluster",
    changed("prismCentral", { address: "10.0.0.9" }),
    "workloadCluster.endpoint.host: found 10.0.0.9; allowed: another address than Prism Central's",
  ],
  [
    "Kubernetes that Cluster API does not take",
    { ...least, kubernetesVersion: "v1.24.7" },
    "kubernetesVersion: found v1.24.7; allowed: Kubernetes v1.30 to v1.37 with Cluster API v1.13.6",
  ],
  [
    "a Cluster API without v1beta2",
    { ...least, clusterApi: { version: "v1.3.5" } },
    "clusterApi.version: found v1.3.5; allowed: v1.11 to v1.14, which serve v1beta1 and v1beta2",
  ],
  [
    "an old CAPX",
    { ...least, clusterApi: { capxVersion: "v1.1.3" } },
    "clusterApi.capxVersion: found v1.1.3; allowed: v1.7 to v1.10",
  ],
  [
    "a management cluster that is too old",
    { ...least, managementCluster: { nodeImage: "kindest/node:v1.24.7" } },
    "managementCluster.nodeImage: found v1.24.7; allowed: Kubernetes v1.32 to v1.37 with Cluster API v1.13.6",
  ],
  [
    "a Prism Central too old for CAPX",
    changed("prismCentral", { version: "pc.7.3" }),
    "prismCentral.version: found pc.7.3; allowed: 7.5 or newer with CAPX v1.10.3",
  ],
  [
    "an autoscaler of another minor version",
    { ...least, clusterAutoscaler: { image: { tag: "v1.35.2" } } },
    "clusterAutoscaler.image.tag: found v1.35.2; allowed: v1.36.x: its minor version follows Kubernetes v1.36.3",
  ],
  [
    "a chart whose autoscaler stands still",
    {
      ...least,
      clusterAutoscaler: {
        repository: "https://kubernetes.github.io/autoscaler",
        chartVersion: "9.46.6",
      },
    },
    "clusterAutoscaler.chartVersion: found 9.46.6; allowed: 9.54.1 or newer: older ones cannot let the autoscaler read machine templates",
  ],
])("%s: one mistake", (_, values, mistake) => {
  expect(mistakesOf(source(values))).toEqual(["Pulumi.test.yaml has 1 mistake:", mistake]);
});

test.each<[string, Values]>([
  ["a tag of one's own", { clusterAutoscaler: { image: { tag: "patched" } } }],
  [
    "a chart of one's own",
    { clusterAutoscaler: { chart: "./charts/mine", chartVersion: "0.1.0" } },
  ],
  ["Prism Central of another numbering", { clusterApi: { capxVersion: "v1.7.1" } }],
])("%s is nothing to judge", (_, values) => {
  const central = { address: "pc.lab.test", version: "pc.2024.3.1" };
  const prismCentral = "clusterApi" in values ? central : least.prismCentral;
  expect(mistakesOf(source({ ...least, prismCentral, ...values }))).toEqual([]);
});
