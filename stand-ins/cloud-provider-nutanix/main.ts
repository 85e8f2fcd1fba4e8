// The cloud controller manager for Nutanix, stand-in: a cloud controller manager's flags, the controllers cloud-node
// and cloud-node-lifecycle.

import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { keyOf, Manager, refOf, stopOnSignal } from "../shared/controller";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import { log } from "../shared/log";
import { readConfig } from "./cloud-config";
import { Instances } from "./instances";
import { monitorNode } from "./lifecycle-controller";
import { reconcileNode, updateAddresses, type CloudWorld } from "./node-controller";
import { nodes, type Node } from "./objects";
import { Recorder } from "./recorder";

interface Flags {
  cloudConfig: string;
  kubeconfig?: string;
  leaderElect: string | boolean;
  leaderElectResourceName: string;
  leaderElectResourceNamespace: string;
  bindAddress: string;
  securePort: string;
  nodeMonitorPeriod: number;
  nodeStatusUpdateFrequency: number;
  concurrentNodeSyncs: string;
}

const program = new Command("cloud-controller-manager")
  .description("cloud controller manager for Nutanix, stand-in")
  .requiredOption("--cloud-config <file>", "JSON: prismCentral, topologyDiscovery, ignoredNodeIPs")
  .option("--kubeconfig <file>", "default: $KUBECONFIG, else the pod's service account")
  .option("--leader-elect [boolean]", "work only while holding the Lease", "true")
  .option("--leader-elect-resource-name <name>", "the Lease", "cloud-controller-manager")
  .option("--leader-elect-resource-namespace <name>", "its namespace", "kube-system")
  .option("--bind-address <address>", "of /healthz and /metrics", "127.0.0.1")
  .option("--secure-port <port>", "of /healthz and /metrics, plain HTTP; 0: off", "10258")
  .option("--node-monitor-period <duration>", "between looks at nodes", duration, 5_000)
  .option("--node-status-update-frequency <duration>", "of addresses", duration, 300_000)
  .option("--concurrent-node-syncs <number>", "nodes initialised at once", "1")
  .option("--cloud-provider <name>", "accepted: it is always nutanix")
  .option("--cluster-name <name>", "accepted: nothing is named by it")
  .option("--allow-untagged-cloud [boolean]", "accepted: Nutanix has cluster ids")
  .option("--use-service-account-credentials [boolean]", "accepted: one account does all")
  .option("-v, --v <level>", "accepted: the log has one level");

/** A Go duration such as 5s or 1m30s, in milliseconds. */
function duration(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text))
    throw new InvalidArgumentError("It must be a duration, such as 5s.");
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

function add(manager: Manager, world: CloudWorld, flags: Flags): KubeStore<Node> {
  const store = manager.store(nodes);
  const workers = Math.max(1, Number(flags.concurrentNodeSyncs));
  const initialize = manager.queue(
    "cloud-node",
    async (key) => {
      const node = store.get({ name: refOf(key).name });
      if (node) await reconcileNode(world, node);
      return undefined;
    },
    workers,
  );
  store.onChange((node, gone) => {
    if (!gone) initialize.add(keyOf(node.metadata));
  });
  return store;
}

/** Does something to every node, time after time, one round after the other. */
function everyRound(
  manager: Manager,
  store: KubeStore<Node>,
  round: { what: string; every: number; act: (node: Node) => Promise<void> },
): void {
  const run = async () => {
    for (const node of store.list())
      await round.act(node).catch((error: unknown) => {
        log(`${round.what} failed`, { node: node.metadata.name, reason: String(error) });
      });
    if (!manager.signal.aborted) setTimeout(() => void run(), round.every);
  };
  setTimeout(() => void run(), round.every);
}

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const namespace = process.env.POD_NAMESPACE;
  if (!namespace)
    throw new Error("POD_NAMESPACE is not set. Give it to the pod as a field reference.");
  const config = readConfig(readFileSync(flags.cloudConfig, "utf8"));
  const client = new KubeClient(loadKubeConfig(flags.kubeconfig));
  const address = flags.securePort === "0" ? "0" : `${flags.bindAddress}:${flags.securePort}`;
  const { leaderElectResourceName: name, leaderElectResourceNamespace } = flags;
  const elects = String(flags.leaderElect) !== "false";
  const manager = new Manager({
    client,
    lease: elects ? { name, namespace: leaderElectResourceNamespace } : undefined,
    healthAddress: address,
    metricsAddress: address,
  });
  const world = {
    client,
    instances: new Instances(client, config, namespace),
    recorder: new Recorder(client),
  };
  const store = add(manager, world, flags);
  stopOnSignal(manager);
  await manager.start();
  everyRound(manager, store, {
    what: "monitoring a node",
    every: flags.nodeMonitorPeriod,
    act: (node) => monitorNode(world, node),
  });
  everyRound(manager, store, {
    what: "updating a node's addresses",
    every: flags.nodeStatusUpdateFrequency,
    act: (node) => updateAddresses(world, node),
  });
}

main().catch((error: unknown) => {
  log("starting failed", { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
