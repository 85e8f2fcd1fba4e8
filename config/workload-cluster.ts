// The workload cluster: its machines, and the network they live in.

import type { MachineConfig, WorkloadClusterConfig } from "./lab-config";
import { checkNetwork } from "./network";
import { rules } from "./rules";
import type { Section } from "./section";
import { KNOWN_GOOD } from "./versions";

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
    podCidr: section.text("podCidr", "10.244.0.0/16", rules.range),
    serviceCidr: section.text("serviceCidr", "10.96.0.0/16", rules.range),
    prismElement: section.text("prismElement"),
    subnet: section.text("subnet"),
    controlPlane: controlPlane(section.section("controlPlane")),
    workers: workers(section.section("workers")),
    kubeVipImage: section.text(
      "kubeVipImage",
      `ghcr.io/kube-vip/kube-vip:${KNOWN_GOOD[0].kubeVip}`,
    ),
    cloudProvider: section.choice("cloudProvider", ["external", "none"], "external"),
    skipPhases: section.texts("skipPhases"),
    sshKeys: section.texts("sshKeys", rules.sshKey),
  };
  if (section.has("vip") || (host !== "" && !rules.address.accepts(host)))
    value.vip = section.text("vip", undefined, rules.address);
  checkNetwork(section, value);
  section.close();
  return value;
}

function controlPlane(section: Section): WorkloadClusterConfig["controlPlane"] {
  const replicas = section.count("replicas", 1, { min: 1, max: 5 });
  if (replicas % 2 === 0)
    section.mistake("replicas", String(replicas), "an odd number: etcd needs a majority");
  const value = { replicas, machine: machine(section) };
  section.close();
  return value;
}

function workers(section: Section): WorkloadClusterConfig["workers"] {
  const value = {
    min: section.count("min", 0, { min: 0, max: 1000 }),
    max: section.count("max", 3, { min: 1, max: 1000 }),
    maxPods: section.count("maxPods", 110, { min: 1, max: 250 }),
    machine: machine(section),
  };
  if (value.max < value.min)
    section.mistake("max", String(value.max), `at least workers.min, which is ${value.min}`);
  section.close();
  return value;
}

function machine(section: Section): MachineConfig {
  return {
    sockets: section.count("sockets", 2, { min: 1, max: 64 }),
    coresPerSocket: section.count("coresPerSocket", 1, { min: 1, max: 64 }),
    memory: section.text("memory", "4Gi", rules.sizeFrom(2)),
    disk: section.text("disk", "40Gi", rules.sizeFrom(20)),
  };
}
