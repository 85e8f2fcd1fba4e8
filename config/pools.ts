// The pools of workers: `pools`, a list, or `workers`, the short form for a single one.

import { optional } from "./groups";
import type { GpuConfig, MachineConfig, PoolConfig, TaintConfig } from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";

/** The pool that `workers` describes; its MachineDeployment is `<cluster>-wmd`, as in CAPX's templates. */
const ONLY = "wmd";

/** Names that a cluster's own objects have. */
const TAKEN = ["cp", "kcp", "ccm"];

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** A kubelet may not give itself labels of Kubernetes but these, and those that Cluster API carries over. */
const KUBERNETES = /(^|\.)(kubernetes|k8s)\.io$/;
const GRANTED =
  /^((.+\.)?(kubelet|node|node-restriction)\.kubernetes\.io|node-role\.kubernetes\.io)$/;

/** At least one pool. */
export function pools(section: Section): [PoolConfig, ...PoolConfig[]] {
  const short = section.section("workers");
  if (!section.has("pools")) return [pool(short, ONLY)];
  if (section.has("workers"))
    section.mistake("workers", "both workers and pools", "one of them: workers is a single pool");
  const [first, ...others] = section.sections("pools").map((each) => pool(each));
  if (first === undefined) {
    section.mistake("pools", "no pool", "at least one");
    return [pool(short, ONLY)];
  }
  checkNames(section, [first, ...others]);
  return [first, ...others];
}

function checkNames(section: Section, all: readonly PoolConfig[]): void {
  const names = all.map(({ name }) => name);
  for (const name of new Set(names.filter((each, at) => each !== "" && names.indexOf(each) !== at)))
    section.mistake("pools", `two pools called ${name}`, "another name for each");
  for (const name of names.filter((each) => TAKEN.includes(each)))
    section.mistake(
      "pools",
      `a pool called ${name}`,
      "another name: the cluster's own objects have it",
    );
}

function pool(section: Section, name?: string): PoolConfig {
  const min = section.count("min", 0, { min: 0, max: 1000 });
  const max = section.count("max", 3, { min: 1, max: 1000 });
  if (max < min) section.mistake("max", String(max), `at least min, which is ${min}`);
  const value: PoolConfig = {
    name: name ?? section.text("name", undefined, rules.poolName),
    min,
    max,
    maxPods: section.count("maxPods", 110, { min: 1, max: 250 }),
    machine: machine(section),
    labels: labels(section),
    taints: section.sections("taints").map(taint),
    gpus: section.sections("gpus").map(gpu),
    ...optional("failureDomain", section.optionalText("failureDomain", rules.name)),
    autoscaling: autoscaling(section.section("autoscaling")),
  };
  section.close();
  return value;
}

/** The size of a machine: keys of a pool, and of the control plane. */
export function machine(section: Section): MachineConfig {
  return {
    sockets: section.count("sockets", 2, { min: 1, max: 64 }),
    coresPerSocket: section.count("coresPerSocket", 1, { min: 1, max: 64 }),
    memory: section.text("memory", "4Gi", rules.sizeFrom(2)),
    disk: section.text("disk", "40Gi", rules.sizeFrom(20)),
  };
}

function labels(section: Section): Record<string, string> {
  const value = section.textByName("labels");
  for (const [key, text] of Object.entries(value)) {
    const prefix = key.includes("/") ? (key.split("/")[0] ?? "") : "";
    if (!rules.labelKey.accepts(key)) section.mistake("labels", key, rules.labelKey.allowed);
    else if (KUBERNETES.test(prefix) && !GRANTED.test(prefix))
      section.mistake("labels", key, "a prefix of your own: Kubernetes gives such labels itself");
    if (!rules.labelValue.accepts(text))
      section.mistake(`labels.${key}`, text, rules.labelValue.allowed);
  }
  return value;
}

function taint(section: Section): TaintConfig {
  const value = {
    key: section.text("key", undefined, rules.labelKey),
    ...optional("value", section.optionalText("value", rules.labelValue)),
    effect: section.choice("effect", EFFECTS, "NoSchedule"),
  };
  section.close();
  return value;
}

function gpu(section: Section): GpuConfig {
  const name = section.optionalText("name");
  const value = section.has("deviceId")
    ? { deviceId: section.count("deviceId", 0, { min: 0, max: 65535 }) }
    : { name: name ?? "" };
  if (section.has("name") === section.has("deviceId"))
    section.mistake("name", "both or neither of name and deviceId", "one of them");
  section.close();
  return value;
}

function autoscaling(section: Section): PoolConfig["autoscaling"] {
  const time = (key: "scaleDownUnneededTime" | "scaleDownUnreadyTime" | "maxNodeProvisionTime") =>
    optional(key, section.optionalText(key, rules.duration));
  const threshold = section.optionalShare("scaleDownUtilizationThreshold");
  const value = {
    ...time("scaleDownUnneededTime"),
    ...time("scaleDownUnreadyTime"),
    ...time("maxNodeProvisionTime"),
    ...optional("scaleDownUtilizationThreshold", threshold),
  };
  section.close();
  return value;
}
