// What makes a program a controller: live copies of resources, a queue of keys to reconcile, leadership, probes
// and a graceful stop. A controller is a function from a key to "done" or "again in so many milliseconds".

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { KubeStore } from "./kube-store";
import type { KubeClient, KubeObject, Ref, Resource } from "./kube-client";
import { lead } from "./leader-election";
import type { Leadership } from "./leader-election";
import { log } from "./log";
import { Metrics, serveProbes } from "./probes";
import type { Probes, Routes } from "./probes";
import { WorkQueue } from "./work-queue";
import type { Work } from "./work-queue";

export interface ManagerOptions {
  client: KubeClient;
  /** Names the Lease; undefined: no election. */
  lease?: Ref;
  /** Addresses of the probes and of the metrics; the same one may serve both. */
  healthAddress: string;
  metricsAddress: string;
  /** More routes for the metrics' address. */
  routes?: Routes;
}

/** "namespace/name", the key of an object. */
export function keyOf(ref: Ref): string {
  return `${ref.namespace ?? ""}/${ref.name}`;
}

/** The object that a key names. */
export function refOf(key: string): { name: string; namespace: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { name, namespace };
}

/** Holds a process's controllers together: starts them as leader and stops them in order. */
export class Manager {
  readonly metrics = new Metrics();
  readonly client: KubeClient;
  private readonly options: ManagerOptions;
  private readonly stores: { start(): void; stop(): void; synced: Promise<void> }[] = [];
  private readonly queues: WorkQueue[] = [];
  private readonly abort = new AbortController();
  private probes: (Probes | undefined)[] = [];
  private leadership: Leadership | undefined;
  private ready = false;

  constructor(options: ManagerOptions) {
    this.options = options;
    this.client = options.client;
  }

  /** A live copy of a resource, watched from start on; of another cluster when its client is given. */
  store<T extends KubeObject>(
    resource: Resource<T>,
    namespace?: string,
    client = this.client,
  ): KubeStore<T> {
    const store = new KubeStore(client, resource, namespace);
    this.stores.push(store);
    return store;
  }

  /** A queue whose keys are reconciled once this process leads. */
  queue(name: string, reconcile: Work, workers = 20): WorkQueue {
    const timed: Work = async (key) => {
      const again = await reconcile(key);
      this.metrics.add(`controller_runtime_reconcile_total{controller="${name}",result="success"}`);
      return again;
    };
    const onError = (key: string, error: unknown) => {
      this.metrics.add(`controller_runtime_reconcile_total{controller="${name}",result="error"}`);
      log(`reconciling ${name} failed`, { key, reason: String(error) });
    };
    const queue = new WorkQueue(timed, { workers, onError });
    queue.hold();
    this.queues.push(queue);
    return queue;
  }

  /** Serves probes, waits for leadership, then watches. Settles once everything is listed, or stopped. */
  async start(): Promise<void> {
    await this.serve();
    if (this.options.lease) {
      this.leadership = await lead({
        client: this.client,
        lease: this.options.lease,
        identity: `${hostname()}_${randomUUID()}`,
        signal: this.abort.signal,
        onLost: () => {
          log("leadership was lost", { lease: this.options.lease?.name });
          process.exit(1);
        },
      });
      if (!this.leadership) return;
    }
    for (const store of this.stores) store.start();
    await Promise.all(this.stores.map((store) => store.synced));
    for (const queue of this.queues) queue.resume();
    this.ready = true;
    log("watching", { resources: this.stores.length });
  }

  /** Lets the work at hand end, gives leadership back and closes everything. */
  async stop(): Promise<void> {
    this.ready = false;
    this.abort.abort();
    for (const store of this.stores) store.stop();
    await Promise.all(this.queues.map((queue) => queue.stop()));
    await this.leadership?.release().catch((error: unknown) => {
      log("giving the lease back failed", { reason: String(error) });
    });
    for (const probes of this.probes) probes?.close();
  }

  /** Aborted when the manager stops. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  private async serve(): Promise<void> {
    const { healthAddress, metricsAddress } = this.options;
    const health: Routes = {
      "/healthz": () => ({ ok: true, body: "ok" }),
      // Like controller-runtime: a process that waits for its turn to lead is ready too.
      "/readyz": () => ({ ok: true, body: this.ready ? "ok" : "ok, not leading yet" }),
    };
    const metrics: Routes = {
      "/metrics": () => ({ ok: true, body: this.metrics.text() }),
      ...this.options.routes,
    };
    if (healthAddress === metricsAddress)
      this.probes = [await serveProbes(healthAddress, { ...health, ...metrics })];
    else
      this.probes = [
        await serveProbes(healthAddress, health),
        await serveProbes(metricsAddress, metrics),
      ];
  }
}

/** Stops the manager on SIGTERM or SIGINT, and ends the process with 0 at the latest after some seconds. */
export function stopOnSignal(
  manager: { stop(): Promise<void> },
  withinMilliseconds = 10_000,
): void {
  const stop = (signal: string) => {
    log(`stopping on ${signal}`);
    setTimeout(() => process.exit(0), withinMilliseconds).unref();
    void manager.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
