// The autoscaler's command line, in Go's syntax and with upstream's names and defaults. What this stand-in does
// not do is refused by name; flags of logging and client tuning are taken and have no effect.

import { millisecondsOf } from "./durations";

export interface Discovery {
  namespace?: string;
  clusterName?: string;
  labels: Record<string, string>;
}

const expanders = ["least-waste", "least-nodes", "most-pods", "random"] as const;
export type Expander = (typeof expanders)[number];

const strings = {
  "cloud-provider": "clusterapi",
  kubeconfig: "",
  "cloud-config": "",
  namespace: "kube-system",
  "cluster-name": "",
  address: ":8085",
  "status-config-map-name": "cluster-autoscaler-status",
  "leader-elect-resource-name": "cluster-autoscaler",
  "leader-elect-resource-namespace": "",
};
const durations = {
  "scan-interval": "10s",
  "new-pod-scale-up-delay": "0s",
  "max-node-provision-time": "15m",
  "max-node-startup-time": "15m",
  "scale-down-delay-after-add": "10m",
  "scale-down-delay-after-delete": "0s",
  "scale-down-delay-after-failure": "3m",
  "scale-down-unneeded-time": "10m",
  "scale-down-unready-time": "20m",
  "initial-node-group-backoff-duration": "5m",
  "max-node-group-backoff-duration": "30m",
  "node-group-backoff-reset-timeout": "3h",
  "max-pod-eviction-time": "2m",
};
const numbers = {
  "scale-down-utilization-threshold": 0.5,
  "max-nodes-total": 0,
  "max-nodes-per-scaleup": 1000,
  "max-graceful-termination-sec": 600,
  "max-scale-down-parallelism": 10,
  "max-drain-parallelism": 1,
};
const booleans = {
  "clusterapi-cloud-config-authoritative": false,
  "scale-down-enabled": true,
  "skip-nodes-with-system-pods": true,
  "skip-nodes-with-local-storage": true,
  "skip-nodes-with-custom-controller-pods": true,
  "cordon-node-before-terminating": true,
  "ignore-daemonsets-utilization": false,
  "ignore-mirror-pods-utilization": false,
  "leader-elect": true,
  "write-status-configmap": true,
};
/** Taken and without effect. */
const idle = new Set([
  "v",
  "vmodule",
  "logtostderr",
  "alsologtostderr",
  "stderrthreshold",
  "logging-format",
  "log-dir",
  "log-file",
  "skip-headers",
  "kube-client-qps",
  "kube-client-burst",
  "profiling",
  "emit-per-nodegroup-metrics",
  "record-duplicated-events",
  "leader-elect-lease-duration",
  "leader-elect-renew-deadline",
  "leader-elect-retry-period",
  "leader-elect-resource-lock",
  "user-agent",
  "add-dir-header",
  "cluster-snapshot-parallelism",
  "frequent-loops-enabled",
  "kube-api-content-type",
  "log-file-max-size",
  "log-flush-frequency",
  "max-binpacking-time",
  "max-failing-time",
  "max-inactivity",
  "max-nodegroup-binpacking-duration",
  "node-info-cache-expire-time",
  "one-output",
  "predicate-parallelism",
  "scale-down-candidates-pool-min-count",
  "scale-down-candidates-pool-ratio",
  "scale-down-non-empty-candidates-count",
  "scale-down-simulation-timeout",
  "skip-log-headers",
  // This stand-in looks at every node in every run.
  "unremovable-node-recheck-timeout",
]);

export type Flags = { [K in keyof typeof strings]: string } & {
  [K in keyof typeof durations | keyof typeof numbers]: number;
} & { [K in keyof typeof booleans]: boolean } & { discovery: Discovery[]; expander: Expander[] };

interface Given {
  name: string;
  value: string | undefined;
}

/** Reads a command line. Throws with all that is wrong with it at once. */
export function parseFlags(args: readonly string[]): Flags {
  const flags = defaults();
  const mistakes: string[] = [];
  for (const given of pairs(args)) {
    try {
      take(flags, given);
    } catch (error) {
      mistakes.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (flags["cloud-provider"] !== "clusterapi")
    mistakes.push(
      `--cloud-provider=${String(flags["cloud-provider"])} is not known: clusterapi is.`,
    );
  if (mistakes.length > 0)
    throw new Error(`Reading the command line failed: ${mistakes.join(" ")}`);
  return flags as Flags;
}

function defaults(): Record<string, unknown> {
  const found: Record<string, unknown> = { ...strings, ...numbers, ...booleans, discovery: [] };
  found["expander"] = ["least-waste"];
  for (const [name, text] of Object.entries(durations)) found[name] = millisecondsOf(text);
  return found;
}

/** "--name=value", "--name value" and "--name" for booleans; one dash does as well. */
function pairs(args: readonly string[]): Given[] {
  const found: Given[] = [];
  for (let i = 0; i < args.length; i++) {
    const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(args[i] ?? "");
    if (!match) throw new Error(`Reading the command line failed: ${args[i] ?? ""} is no flag.`);
    const name = match[1] ?? "";
    const separate = match[2] === undefined && !(name in booleans) && !isFlag(args[i + 1]);
    found.push({ name, value: separate ? args[++i] : match[2] });
  }
  return found;
}

function isFlag(text: string | undefined): boolean {
  return text === undefined || text.startsWith("-");
}

function take(flags: Record<string, unknown>, { name, value }: Given): void {
  if (idle.has(name)) return;
  const read = reader(name);
  if (!read) throw new Error(`--${name} is not known to this stand-in.`);
  if (value === undefined && !(name in booleans)) throw new Error(`--${name} needs a value.`);
  const result = read(value ?? "true");
  if (name === "node-group-auto-discovery") (flags["discovery"] as unknown[]).push(result);
  else flags[name] = result;
}

/** What reads the value of a flag; undefined for a flag that is not known. */
function reader(name: string): ((value: string) => unknown) | undefined {
  if (name in booleans) return (value) => booleanOf(name, value);
  if (name in durations) return millisecondsOf;
  if (name in numbers) return (value) => numberOf(name, value);
  if (name === "expander") return expandersOf;
  if (name === "node-group-auto-discovery") return discoveryOf;
  return name in strings ? (value) => value : undefined;
}

function booleanOf(name: string, value: string): boolean {
  if (/^(true|1|t)$/i.test(value)) return true;
  if (/^(false|0|f)$/i.test(value)) return false;
  throw new Error(`--${name}=${value} is neither true nor false.`);
}

function numberOf(name: string, value: string): number {
  const number = Number(value);
  if (value === "" || Number.isNaN(number)) throw new Error(`--${name}=${value} is no number.`);
  return number;
}

/** Names in a row, as in "least-nodes,least-waste". */
function expandersOf(value: string): Expander[] {
  return value.split(",").map((name) => {
    const known = expanders.find((each) => each === name);
    if (known) return known;
    throw new Error(`--expander=${name} is not known: ${expanders.join(", ")} are.`);
  });
}

/** "clusterapi:namespace=a,clusterName=b,label=value" */
function discoveryOf(value: string): Discovery {
  const [provider, rest = ""] = value.split(/:(.*)/s);
  if (provider !== "clusterapi")
    throw new Error(`--node-group-auto-discovery=${value} does not start with clusterapi:.`);
  const found: Discovery = { labels: {} };
  for (const pair of rest.split(",").filter((text) => text !== "")) {
    const [key = "", text = ""] = pair.split("=");
    if (key === "namespace") found.namespace = text;
    else if (key === "clusterName") found.clusterName = text;
    else found.labels[key] = text;
  }
  return found;
}
