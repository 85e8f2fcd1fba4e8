// The cluster-autoscaler stand-in: upstream's flags, provider clusterapi, pods and nodes of the workload cluster,
// MachineDeployments of the management cluster.

import { keyOf, Manager, stopOnSignal } from "../shared/controller";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import { log } from "../shared/log";
import { Actuator } from "./actuator";
import type { Clients } from "./actuator";
import { Autoscaler } from "./autoscaler";
import { Cluster, isReady, nodeGroupOf } from "./cluster";
import { parseFlags } from "./flags";
import type { Flags } from "./flags";
import * as kinds from "./objects";
import { Recorder } from "./recorder";
import { isUnschedulable } from "./scale-up";
import type { Targets } from "./targets";
import { Templates } from "./templates";

/** Milliseconds in which happenings are gathered before a run. */
const gather = 20;

function clientsOf(flags: Flags): Clients {
  const workload = new KubeClient(loadKubeConfig(flags.kubeconfig || undefined));
  if (flags["cloud-config"])
    return { workload, management: new KubeClient(loadKubeConfig(flags["cloud-config"])) };
  if (flags["clusterapi-cloud-config-authoritative"])
    return { workload, management: new KubeClient(loadKubeConfig()) };
  return { workload, management: workload };
}

function start(flags: Flags): { stop: () => Promise<void>; started: Promise<void> } {
  const clients = clientsOf(flags);
  const health = () => ({ ok: true, body: "OK" });
  const manager = new Manager({
    client: clients.workload,
    lease: flags["leader-elect"]
      ? {
          name: flags["leader-elect-resource-name"],
          namespace: flags["leader-elect-resource-namespace"] || flags.namespace,
        }
      : undefined,
    healthAddress: flags.address,
    metricsAddress: flags.address,
    routes: { "/health-check": health },
  });
  // One namespace in the management cluster, when that is all that is looked for: namespaced rights suffice then.
  const namespaces = new Set(flags.discovery.map(({ namespace }) => namespace));
  const namespace = namespaces.size === 1 ? [...namespaces][0] : undefined;
  const stores = {
    nodes: manager.store(kinds.nodes),
    pods: manager.store(kinds.pods),
    daemonSets: manager.store(kinds.daemonSets),
    budgets: manager.store(kinds.disruptionBudgets),
    deployments: manager.store(kinds.machineDeployments, namespace, clients.management),
    machines: manager.store(kinds.machines, namespace, clients.management),
  };
  const look = (targets: Targets) => {
    const groups = stores.deployments.list().flatMap((deployment) => {
      const group = nodeGroupOf(deployment, flags.discovery, stores.machines.list());
      return group ? [{ ...group, target: targets.size(group.id, group.target) }] : [];
    });
    return new Cluster({
      nodes: stores.nodes.list(),
      pods: stores.pods.list(),
      daemonSets: stores.daemonSets.list(),
      budgets: stores.budgets.list(),
      groups: groups.sort((a, b) => a.id.localeCompare(b.id)),
    });
  };
  const statusMap = { name: flags["status-config-map-name"], namespace: flags.namespace };
  const templates = new Templates(clients.management);
  const autoscaler = new Autoscaler({
    flags,
    look,
    template: (group, cluster) => templates.of(group, cluster),
    actuator: new Actuator(clients, flags, stores.pods),
    recorder: new Recorder(
      clients.workload,
      flags["write-status-configmap"] ? statusMap : undefined,
    ),
    metrics: manager.metrics,
    now: Date.now,
  });

  const queue = manager.queue("loop", () => autoscaler.run(), 1);
  const soon = () => queue.addAfter("run", gather);
  const readiness = new Map<string, boolean>();
  stores.pods.onChange((pod, gone) => {
    if (gone || isUnschedulable(pod)) soon();
  });
  stores.nodes.onChange((node, gone) => {
    const ready = !gone && isReady(node);
    if (readiness.get(node.metadata.name) === ready) return;
    readiness.set(node.metadata.name, ready);
    soon();
  });
  stores.deployments.onChange(soon);
  const links = new Map<string, string | undefined>();
  stores.machines.onChange(({ metadata, spec }, gone) => {
    if (!gone && links.get(keyOf(metadata)) === spec.providerID) return;
    links.set(keyOf(metadata), spec.providerID);
    soon();
  });
  queue.add("run");
  return {
    started: manager.start(),
    stop: async () => {
      await autoscaler.settle();
      await manager.stop();
    },
  };
}

async function main(): Promise<void> {
  const running = start(parseFlags(process.argv.slice(2)));
  stopOnSignal(running);
  await running.started;
}

main().catch((error: unknown) => {
  log("starting failed", { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
