// The CAPX stand-in: a controller manager with upstream's flags, over the same objects and the same Prism calls.

import { Command } from "commander";
import { Manager, stopOnSignal } from "../shared/controller";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import { log } from "../shared/log";
import { addCapx } from "./provider";

interface Flags {
  leaderElect: boolean;
  leaderElectNamespace: string;
  healthProbeBindAddress: string;
  metricsBindAddress?: string;
  diagnosticsAddress: string;
  namespace?: string;
  kubeconfig?: string;
  maxConcurrentReconciles?: string;
}

const program = new Command("manager")
  .description("Cluster API provider for Nutanix, stand-in")
  .option("--leader-elect", "work only while holding the Lease", false)
  .option("--leader-elect-namespace <name>", "namespace of the Lease", podNamespace())
  .option("--health-probe-bind-address <address>", "serves /healthz and /readyz", ":8081")
  .option("--metrics-bind-address <address>", "same as --diagnostics-address")
  .option("--diagnostics-address <address>", "serves /metrics, plain HTTP", ":8443")
  .option("--insecure-diagnostics", "accepted: diagnostics are always plain HTTP", false)
  .option("--namespace <name>", "watch one namespace only")
  .option("--kubeconfig <file>", "default: $KUBECONFIG, else the pod's service account")
  .option("--max-concurrent-reconciles <number>", "machines worked on at once");

function podNamespace(): string {
  return process.env.POD_NAMESPACE ?? "capx-system";
}

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const lease = { name: "f265110d.cluster.x-k8s.io", namespace: flags.leaderElectNamespace };
  const manager = new Manager({
    client: new KubeClient(loadKubeConfig(flags.kubeconfig)),
    lease: flags.leaderElect ? lease : undefined,
    healthAddress: flags.healthProbeBindAddress,
    metricsAddress: flags.metricsBindAddress ?? flags.diagnosticsAddress,
  });
  const workers = flags.maxConcurrentReconciles;
  addCapx(manager, flags.namespace, workers ? Number(workers) : undefined);
  stopOnSignal(manager);
  await manager.start();
}

main().catch((error: unknown) => {
  log("starting failed", { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
