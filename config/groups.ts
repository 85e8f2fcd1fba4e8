// One function per group of keys: Section -> typed value, defaults included.

import { homedir } from "node:os";
import * as path from "node:path";
import type {
  ClusterApiConfig,
  ClusterAutoscalerConfig,
  MachineConfig,
  ManagementClusterConfig,
  SampleWorkloadConfig,
  ScalingTestConfig,
  WorkloadClusterConfig,
} from "./lab-config";
import { overlap, rules } from "./rules";
import type { Section } from "./section";

/** Folder of this project's cache, as the toolchain has it. */
function cache(): string {
  const caches = process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache");
  return path.join(caches, "nutanix-serverless-lab");
}

/** A path as a shell reads it: ~ is the home folder. */
export const home = (file: string) => file.replace(/^~(?=\/|$)/, homedir());

/** An optional field: absent rather than undefined, so that it does not show in a diff. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

export function managementCluster(section: Section): ManagementClusterConfig {
  const value: ManagementClusterConfig = {
    name: section.text("name", "management", rules.name),
    kubeconfigFile: section.text("kubeconfigFile", ".lab/kubeconfig"),
    ...optional("nodeImage", section.optionalText("nodeImage")),
    ...optional("kubeconfig", section.optionalText("kubeconfig")),
  };
  section.close();
  return value.kubeconfig === undefined ? value : { ...value, kubeconfig: home(value.kubeconfig) };
}

export function clusterApi(section: Section): ClusterApiConfig {
  const value: ClusterApiConfig = {
    version: section.text("version", "v1.13.6", rules.version),
    manifests: home(section.text("manifests", path.join(cache(), "manifests", "cluster-api"))),
    infrastructure: section.text("infrastructure", "manifests/capx"),
    certificates: section.choice("certificates", ["self-signed", "cert-manager"], "self-signed"),
    crdDescriptions: section.flag("crdDescriptions", true),
    variables: section.textByName("variables"),
  };
  section.close();
  return value;
}

export function workloadCluster(section: Section): WorkloadClusterConfig {
  const endpoint = section.section("endpoint");
  const host = endpoint.text("host", undefined, rules.host);
  const port = endpoint.count("port", 6443, { min: 1, max: 65535 });
  endpoint.close();
  const value: WorkloadClusterConfig = {
    name: section.text("name", "lab", rules.name),
    namespace: section.text("namespace", "default", rules.name),
    endpoint: { host, port },
    vip: host,
    podCidr: section.text("podCidr", "10.244.0.0/16", rules.cidr),
    serviceCidr: section.text("serviceCidr", "10.96.0.0/16", rules.cidr),
    prismElement: section.text("prismElement"),
    subnet: section.text("subnet"),
    controlPlane: controlPlane(section.section("controlPlane")),
    workers: workers(section.section("workers")),
    kubeVipImage: section.text("kubeVipImage", "ghcr.io/kube-vip/kube-vip:v0.9.2"),
    cloudProvider: section.choice("cloudProvider", ["external", "none"], "external"),
    skipPhases: section.texts("skipPhases"),
    sshKeys: section.texts("sshKeys"),
  };
  if (section.has("vip") || (host !== "" && !rules.address.accepts(host)))
    value.vip = section.text("vip", undefined, rules.address);
  checkRanges(section, value);
  section.close();
  return value;
}

function checkRanges(section: Section, { podCidr, serviceCidr, vip }: WorkloadClusterConfig): void {
  if (podCidr === "" || serviceCidr === "") return;
  if (overlap(podCidr, serviceCidr))
    section.mistake("serviceCidr", serviceCidr, `a range apart from podCidr ${podCidr}`);
  for (const range of [podCidr, serviceCidr])
    if (rules.address.accepts(vip) && overlap(range, `${vip}/32`))
      section.mistake("endpoint.host", vip, `an address outside of ${range}`);
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
    maxPods: section.count("maxPods", 110, { min: 1, max: 1000 }),
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

/** The autoscaler's minor version follows the workload cluster's; the patch is the one known to work. */
export function clusterAutoscaler(section: Section, kubernetes: string): ClusterAutoscalerConfig {
  const minor = /^v\d+\.\d+/.exec(kubernetes)?.[0] ?? "v1.36";
  const imageSection = section.section("image");
  const value: ClusterAutoscalerConfig = {
    chart: section.text("chart", "cluster-autoscaler"),
    ...optional("repository", section.optionalText("repository")),
    ...optional("chartVersion", section.optionalText("chartVersion")),
    image: {
      repository: imageSection.text("repository", "registry.k8s.io/autoscaling/cluster-autoscaler"),
      tag: imageSection.text("tag", `${minor}.1`),
    },
    profile: section.choice("profile", ["lab-fast", "default", "cost"], "default"),
  };
  imageSection.close();
  section.close();
  return value;
}

export function sampleWorkload(section: Section): SampleWorkloadConfig {
  const value = {
    namespace: section.text("namespace", "sample", rules.name),
    image: section.text("image", "lab/hello:0.1.0"),
    share: section.share("share", 0.6),
  };
  section.close();
  return value;
}

export function scalingTest(section: Section, maxWorkers: number): ScalingTestConfig {
  const value = {
    run: section.flag("run", true),
    replicas: section.count("replicas", 1, { min: 1, max: Math.max(1, maxWorkers) }),
    report: section.text("report", ".lab/reports/scaling-test.json"),
  };
  section.close();
  return value;
}
