// One function per group of keys: Section -> typed value, defaults included.

import { homedir } from "node:os";
import { BUDGETS, type Budgets } from "../scaling-test/budgets";
import type {
  ClusterAutoscalerConfig,
  ManagementClusterConfig,
  SampleWorkloadConfig,
  ScalingTestConfig,
} from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";
import { autoscalerFor } from "./versions";

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
    ...optional("context", section.optionalText("context")),
  };
  if (value.context !== undefined && value.kubeconfig === undefined)
    section.mistake("context", `"${value.context}"`, "a context only beside kubeconfig");
  section.close();
  return value.kubeconfig === undefined ? value : { ...value, kubeconfig: home(value.kubeconfig) };
}

/** The autoscaler's minor version follows the workload cluster's. */
export function clusterAutoscaler(section: Section, kubernetes: string): ClusterAutoscalerConfig {
  const imageSection = section.section("image");
  const value: ClusterAutoscalerConfig = {
    chart: section.text("chart", "cluster-autoscaler"),
    ...optional("repository", section.optionalText("repository")),
    ...optional("chartVersion", section.optionalText("chartVersion")),
    image: {
      repository: imageSection.text("repository", "registry.k8s.io/autoscaling/cluster-autoscaler"),
      tag: imageSection.text("tag", autoscalerFor(kubernetes)),
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

const DAY = 86_400;

/** Seconds by name of a budget; only those that the stack sets. */
function budgets(section: Section): Partial<Budgets> {
  const given = BUDGETS.filter((name) => section.has(name));
  const value = Object.fromEntries(
    given.map((name) => [name, section.count(name, 60, { min: 1, max: DAY })]),
  );
  section.close();
  return value;
}

export function scalingTest(section: Section, maxWorkers: number): ScalingTestConfig {
  const value = {
    run: section.flag("run", true),
    replicas: section.count("replicas", 1, { min: 1, max: Math.max(1, maxWorkers) }),
    budgets: budgets(section.section("budgets")),
    report: section.text("report", ".lab/reports/scaling-test.json"),
  };
  section.close();
  return value;
}
