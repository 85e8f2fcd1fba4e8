// Three places that the program is for: what stands there, and what their owners fill into the stacks' files. Addresses
// are the lab's (docs/architecture.md), and what there is no way to from a machine alone has values of this checkout.

import * as path from "node:path";
import { type Lab } from "../../lab/lab";
import type { Site } from "./target";

const HOSTS = ["host-1", "host-2", "host-3"];

/** Milliseconds of tasks, as a Prism Central that has other things to do. */
const latency = {
  kVmCreate: [500, 1000],
  kVmPowerOn: 500,
  kVmDelete: 300,
  kImageCreate: 200,
  kImageUpload: 300,
  kImageDelete: 200,
};

const world = (element: string, subnets: object[]) => ({
  prismCentral: { name: "pc", version: "pc.7.5" },
  clusters: [
    { name: element, version: "7.5", hosts: HOSTS, storageContainers: ["SelfServiceContainer"] },
  ],
  subnets,
  latency,
});

/** Addresses of a lab's subnet: `at(10)` is its tenth. */
const at = (lab: Lab) => {
  const prefix = lab.addresses.vmSubnet.network.replace(/\.0$/, "");
  return (last: number) => `${prefix}.${last}`;
};

/** The same as whoever dials them sees them. */
const dialled = (address: string) => address.replace(/^198\./, "127.");

const subnet = (lab: Lab, name: string, more: object, last = 120) => ({
  name,
  networkId: 10,
  network: at(lab)(0),
  prefixLength: 24,
  gateway: at(lab)(1),
  pool: { start: at(lab)(50), end: at(lab)(last) },
  ...more,
});

/** Next to the one that machines go to. */
const another = (lab: Lab, more: object) => {
  const prefix = lab.addresses.largeVmSubnet.network.replace(/\.0$/, "");
  const range = { network: `${prefix}.0`, gateway: `${prefix}.1` };
  const pool = { start: `${prefix}.50`, end: `${prefix}.60` };
  return subnet(lab, "another", { networkId: 11, ...range, pool, ...more });
};

/** No internet, no container engine, no room for the lab's own files in the checkout. */
const alone = ({ directory, addresses }: Lab) => ({
  "managementCluster.kubeconfigFile": path.join(directory, "kubeconfig"),
  "clusterApi.infrastructure": "manifests/capx",
  "clusterApi.variables": { EXP_RECONCILER_RATE_LIMITING: "false" },
  "workloadCluster.podCidr": addresses.workloadPodCidr,
  "workloadCluster.cni": "none",
  "workloadCluster.skipPhases": ["addon/coredns", "addon/kube-proxy"],
  "clusterAutoscaler.chart": "./charts/cluster-autoscaler",
  "clusterAutoscaler.repository": undefined,
  "clusterAutoscaler.chartVersion": undefined,
  "sampleWorkload.image": "lab/hello:0.1.0",
  "scalingTest.report": path.join(directory, "reports", "scaling-test.json"),
});

const basic = (user: string) => `Basic ${Buffer.from(user).toString("base64")}`;

/** A VLAN, a user with a password, an image to upload, and the scaling test as a part of `up`. */
export function onprem(lab: Lab, image: string): Site {
  const host = lab.addresses.controlPlaneEndpoint.host;
  const near = (last: number) => dialled(at(lab)(last));
  const element = { cluster: "PHX-POC073" };
  return {
    stack: "onprem",
    address: "127.9.0.1",
    seed: {
      users: [{ name: "admin", password: "rack-password" }],
      ...world("PHX-POC073", [subnet(lab, "Primary", element), another(lab, element)]),
    },
    headers: { authorization: basic("admin:rack-password") },
    environment: { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "rack-password" },
    values: {
      ...alone(lab),
      image: { file: image },
      "workloadCluster.endpoint.host": host,
      // As this machine sees the subnet: the endpoint is in it, outside of the pool.
      "workloadCluster.subnetRange": `${near(0)}/24`,
      "workloadCluster.subnetPools": [`${near(50)}-${near(120)}`],
      "scalingTest.run": true,
    },
  };
}

/**
 * NC2 on AWS in a subnet of AWS itself: a service account's key, a load balancer in the place of an address that moves
 * by ARP, and an image that Prism Central fetches from a signed address.
 */
export function nc2Aws(lab: Lab, image: { url: string; sha256: string }): Site {
  const balancer = dialled(at(lab)(30));
  const element = { cluster: "nc2-usw2" };
  const apiKey = "service-account-key-of-nc2";
  return {
    stack: "nc2-aws",
    address: "127.9.0.2",
    seed: {
      apiKeys: [{ name: "pulumi", key: apiKey }],
      ...world("nc2-usw2", [subnet(lab, "k8s-native", element), another(lab, element)]),
    },
    headers: { "x-ntnx-api-key": apiKey },
    values: {
      ...alone(lab),
      image: { sha256: image.sha256 },
      "workloadCluster.endpoint.host": balancer,
      "workloadCluster.kubeVip": "none",
      "workloadCluster.vip": undefined,
      "workloadCluster.subnet": "k8s-native",
      "workloadCluster.subnetKind": "aws",
      "workloadCluster.subnetRange": `${at(lab)(0)}/24`,
      "workloadCluster.subnetPools": [`${at(lab)(50)}-${at(lab)(120)}`],
      "workloadCluster.ntp": ["169.254.169.123"],
      "workloadCluster.mtu": undefined,
    },
    secrets: { "prismCentral.apiKey": apiKey, "image.url": image.url },
    // The first machine has the first address of the pool: the control plane's.
    forwards: [forward(balancer, dialled(at(lab)(50)))],
  };
}

/** NC2 on Azure: an overlay in a Flow VPC, a floating IP before the address that kube-vip holds, an image by UUID. */
export function nc2Azure(lab: Lab): Site {
  const floatingIp = dialled(at(lab)(20));
  const vip = at(lab)(10);
  return {
    stack: "nc2-azure",
    address: "127.9.0.3",
    seed: {
      users: [{ name: "flow", password: "hub-password" }],
      ...world("nc2-westus2", [
        subnet(lab, "k8s-overlay", { type: "OVERLAY" }),
        another(lab, { type: "OVERLAY" }),
      ]),
    },
    headers: { authorization: basic("flow:hub-password") },
    environment: { NUTANIX_USERNAME: "flow", NUTANIX_PASSWORD: "hub-password" },
    values: {
      ...alone(lab),
      "workloadCluster.endpoint.host": floatingIp,
      "workloadCluster.vip": vip,
      "workloadCluster.certSans": ["api.lab.example"],
      "workloadCluster.subnetRange": `${at(lab)(0)}/24`,
      "workloadCluster.subnetPools": [`${at(lab)(50)}-${at(lab)(120)}`],
    },
    forwards: [forward(floatingIp, dialled(vip))],
  };
}

const API_SERVER = 6443;

const forward = (from: string, to: string) => ({
  from: { host: from, port: API_SERVER },
  to: { host: to, port: API_SERVER },
});
