// The workload cluster: its machines, and the network they live in.

import type { FailureDomainConfig, WorkloadClusterConfig } from "./lab-config";
import { checkKind, surroundings } from "./surroundings";
import { checkNetwork, subnet } from "./network";
import { machine, pools } from "./pools";
import { rules } from "./rules";
import type { Section } from "./section";
import { nearest } from "./spelling";
import { KNOWN_GOOD } from "./versions";

const [NEWEST] = KNOWN_GOOD;
const CLOUD_CONTROLLER = "ghcr.io/nutanix-cloud-native/cloud-provider-nutanix/controller";

export function workloadCluster(section: Section): WorkloadClusterConfig {
  const endpoint = section.section("endpoint");
  const host = endpoint.text("host", undefined, rules.host);
  const port = endpoint.count("port", 6443, { min: 1, max: 65535 });
  endpoint.close();
  const value: WorkloadClusterConfig = {
    name: section.text("name", "lab", rules.clusterName),
    namespace: section.text("namespace", "default", rules.name),
    endpoint: { host, port },
    vip: host,
    kubeVip: section.choice("kubeVip", ["arp", "none"], "arp"),
    certSans: section.texts("certSans", rules.host),
    podCidr: section.text("podCidr", "10.244.0.0/16", rules.range),
    serviceCidr: section.text("serviceCidr", "10.96.0.0/16", rules.range),
    prismElement: section.text("prismElement"),
    subnet: section.text("subnet"),
    ...subnet(section),
    failureDomains: section.sections("failureDomains").map(failureDomain),
    controlPlane: controlPlane(section.section("controlPlane")),
    pools: pools(section),
    kubeVipImage: section.text("kubeVipImage", `ghcr.io/kube-vip/kube-vip:${NEWEST.kubeVip}`),
    cloudProvider: section.choice("cloudProvider", ["external", "none"], "external"),
    cloudControllerImage: section.text(
      "cloudControllerImage",
      `${CLOUD_CONTROLLER}:${NEWEST.cloudController}`,
    ),
    cni: section.choice("cni", ["cilium", "none"], "cilium"),
    csi: section.choice("csi", ["nutanix", "none"], "none"),
    storageContainer: section.text("storageContainer", "SelfServiceContainer"),
    skipPhases: section.texts("skipPhases"),
    sshKeys: section.texts("sshKeys", rules.sshKey),
    surroundings: surroundings(section),
    unhealthySeconds: section.count("unhealthySeconds", 300, { min: 10, max: 3600 }),
    timeoutMinutes: section.count("timeoutMinutes", 30, { min: 1, max: 1440 }),
  };
  if (needsVip(section, value)) value.vip = section.text("vip", undefined, rules.address);
  checkNetwork(section, value);
  checkFailureDomains(section, value);
  checkKind(section, value);
  section.close();
  return value;
}

/** kube-vip holds an address, not a name. */
function needsVip(section: Section, { endpoint, kubeVip }: WorkloadClusterConfig): boolean {
  const named = endpoint.host !== "" && !rules.address.accepts(endpoint.host);
  return section.has("vip") || (named && kubeVip === "arp");
}

function controlPlane(section: Section): WorkloadClusterConfig["controlPlane"] {
  const replicas = section.count("replicas", 1, { min: 1, max: 5 });
  if (replicas % 2 === 0)
    section.mistake("replicas", String(replicas), "an odd number: etcd needs a majority");
  const failureDomains = section.texts("failureDomains", rules.name);
  const value = { replicas, machine: machine(section), failureDomains };
  section.close();
  return value;
}

function failureDomain(section: Section): FailureDomainConfig {
  const value = {
    name: section.text("name", undefined, rules.name),
    prismElement: section.text("prismElement"),
    subnets: section.texts("subnets"),
  };
  if (value.subnets.length === 0) section.mistake("subnets", "nothing", "at least one subnet");
  section.close();
  return value;
}

/** Whoever names a failure domain names one that there is. */
function checkFailureDomains(section: Section, cluster: WorkloadClusterConfig): void {
  const known = cluster.failureDomains.map(({ name }) => name);
  const named = [
    ...cluster.controlPlane.failureDomains.map((name) => ["controlPlane.failureDomains", name]),
    ...cluster.pools.map((pool) => [`pools ${pool.name} failureDomain`, pool.failureDomain]),
  ] as const;
  for (const [key = "", name] of named) {
    if (name === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near ? ` Did you mean ${near}?` : "";
    section.mistake(key, name, `one of failureDomains: ${known.join(", ") || "none"}.${hint}`);
  }
}
