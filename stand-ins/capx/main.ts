// The CAPX stand-in: a controller manager with upstream's flags, over the same objects and the same Prism calls.

import { Command, InvalidArgumentError } from "commander";
import { Manager, stopOnSignal } from "../shared/controller";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import { log } from "../shared/log";
import { patience } from "../shared/prism-client";
import { addCapx } from "./provider";

interface Flags {
  leaderElect: boolean;
  leaderElectNamespace: string;
  healthAddr: string;
  healthProbeBindAddress?: string;
  metricsBindAddress?: string;
  diagnosticsAddress: string;
  namespace?: string;
  kubeconfig?: string;
  maxConcurrentReconciles?: string;
  taskTimeout: number;
  listLag: number;
}

const program = new Command("manager")
  .description("Cluster API provider for Nutanix, stand-in")
  .option("--leader-elect", "work only while holding the Lease", false)
  .option("--leader-elect-namespace <name>", "namespace of the Lease", podNamespace())
  .option("--health-addr <address>", "serves /healthz and /readyz", ":8081")
  .option("--health-probe-bind-address <address>", "the older name of --health-addr")
  .option("--metrics-bind-address <address>", "same as --diagnostics-address")
  .option("--diagnostics-address <address>", "serves /metrics, plain HTTP", ":8443")
  .option("--webhook-port <port>", "accepted: there are no webhooks")
  .option("--webhook-cert-dir <folder>", "accepted: there are no webhooks")
  .option("--rate-limiter-base-delay <duration>", "accepted, without effect, as in CAPX")
  .option("--rate-limiter-max-delay <duration>", "accepted, without effect, as in CAPX")
  .option("--rate-limiter-bucket-size <number>", "accepted, without effect, as in CAPX")
  .option("--rate-limiter-qps <number>", "accepted, without effect, as in CAPX")
  .option("-v, --v <level>", "accepted: the log has one level")
  .option("--insecure-diagnostics", "accepted: diagnostics are always plain HTTP", false)
  .option("--namespace <name>", "watch one namespace only")
  .option("--kubeconfig <file>", "default: $KUBECONFIG, else the pod's service account")
  .option("--max-concurrent-reconciles <number>", "machines worked on at once")
  .option(
    "--task-timeout <seconds>",
    "a Prism task that has not ended by then is given up (CAPX waits for ever)",
    milliseconds,
    patience.task,
  )
  .option(
    "--list-lag <seconds>",
    "how long Prism's lists may not show what is new",
    milliseconds,
    patience.listLag,
  );

function milliseconds(seconds: string): number {
  const value = Number(seconds);
  if (!(value >= 0)) throw new InvalidArgumentError("It must be a number of seconds.");
  return value * 1000;
}

function podNamespace(): string {
  return process.env.POD_NAMESPACE ?? "capx-system";
}

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const lease = { name: "f265110d.cluster.x-k8s.io", namespace: flags.leaderElectNamespace };
  const manager = new Manager({
    client: new KubeClient(loadKubeConfig(flags.kubeconfig)),
    lease: flags.leaderElect ? lease : undefined,
    healthAddress: flags.healthProbeBindAddress ?? flags.healthAddr,
    metricsAddress: flags.metricsBindAddress ?? flags.diagnosticsAddress,
  });
  const { namespace, maxConcurrentReconciles: workers, taskTimeout, listLag } = flags;
  addCapx(manager, {
    namespace,
    workers: workers ? Number(workers) : undefined,
    patience: {
      reconcile: Math.min(patience.reconcile, taskTimeout),
      task: taskTimeout,
      listLag,
    },
  });
  stopOnSignal(manager);
  await manager.start();
}

main().catch((error: unknown) => {
  log("starting failed", { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
