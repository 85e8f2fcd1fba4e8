// Decides which pods run here: those the API server binds to this node and the static ones. Starts and stops
// their runners and keeps the API server's view of them true.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { KubeError, pathOf } from "../shared/kube-client";
import type { KubeClient } from "../shared/kube-client";
import { log } from "../shared/log";
import { WorkQueue } from "../shared/work-queue";
import type { PodAddresses } from "./pod-addresses";
import type { NodeServices } from "./pod-context";
import { PodRunner } from "./pod-runner";
import type { PodStates } from "./pod-state";
import { isMirror, mirrorPod } from "./static-pods";
import { nameOf, pods } from "./types";
import type { Pod, PodAddress } from "./types";

/** What the manager can do only while the node is registered. */
export interface Registered {
  client: KubeClient;
  nodeUid: string;
}

export interface ManagerOptions {
  services: NodeServices;
  states: PodStates;
  rootDir: string;
}

interface Entry {
  runner: PodRunner;
  isStatic: boolean;
  /** The pod as the API server has it: the mirror of a static one. */
  seen?: Pod;
}

export class PodManager {
  private readonly options: ManagerOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly waiting = new Map<string, Pod>();
  private readonly queue: WorkQueue;
  private addresses: PodAddresses | undefined;
  private registered: Registered | undefined;

  constructor(options: ManagerOptions) {
    this.options = options;
    const onError = (key: string, error: unknown) =>
      log("reporting a pod failed", { pod: key, reason: String(error) });
    this.queue = new WorkQueue((key) => this.report(key), {
      workers: 4,
      firstDelay: 200,
      longestDelay: 5000,
      onError,
    });
  }

  /** From now on there is an API server to report to. */
  connect(registered: Registered): void {
    this.registered = registered;
    for (const key of this.entries.keys()) this.queue.add(key);
  }

  /** From now on there are addresses for pods without the host's network. */
  useAddresses(addresses: PodAddresses): void {
    this.addresses = addresses;
    this.admitWaiting();
  }

  /** A pod of the API server has come or changed. */
  onPod(pod: Pod): void {
    const entry = this.entries.get(nameOf(pod));
    if (isMirror(pod)) this.onMirror(pod, entry);
    else if (!entry) this.admitFromServer(pod);
    else if (entry.runner.context.pod.metadata.uid !== pod.metadata.uid) this.replace(entry, pod);
    else this.onChange(pod, entry);
  }

  private onChange(pod: Pod, entry: Entry): void {
    entry.seen = pod;
    entry.runner.pod = { ...entry.runner.pod, metadata: pod.metadata, status: pod.status };
    if (pod.metadata.deletionTimestamp !== undefined) this.terminate(entry, pod);
  }

  /** A pod of the API server is gone. */
  onGone(pod: Pod): void {
    this.waiting.delete(nameOf(pod));
    const entry = this.entries.get(nameOf(pod));
    if (!entry) return;
    if (entry.isStatic) {
      if (entry.seen?.metadata.uid === pod.metadata.uid) entry.seen = undefined;
      this.queue.add(nameOf(pod));
    } else if (entry.runner.context.pod.metadata.uid === pod.metadata.uid) void this.end(entry, 2);
  }

  /** Makes the static pods these: starts, restarts and stops what differs. */
  setStaticPods(wanted: Pod[]): void {
    const byName = new Map(wanted.map((pod) => [nameOf(pod), pod]));
    for (const [name, entry] of this.entries) {
      if (!entry.isStatic) continue;
      const next = byName.get(name);
      byName.delete(name);
      // A changed one ends first; the next look at the folder starts it anew.
      if (next?.metadata.uid !== entry.runner.context.pod.metadata.uid) void this.endStatic(entry);
    }
    for (const pod of byName.values()) this.admit(pod, true);
  }

  /** Stops every pod, for the end of the node; the API server's view stays. */
  async stop(graceSeconds: number): Promise<void> {
    await this.queue.stop();
    const runners = [...this.entries.values()].map(({ runner }) => runner);
    await Promise.all(runners.map((runner) => runner.stop(graceSeconds)));
    for (const runner of runners) this.options.states.remove(runner);
  }

  private admitFromServer(pod: Pod): void {
    const { phase } = pod.status ?? {};
    if (pod.metadata.deletionTimestamp !== undefined) void this.removeFromServer(pod);
    else if (phase !== "Succeeded" && phase !== "Failed") this.admit(pod);
  }

  private admitWaiting(): void {
    const pods = [...this.waiting.values()];
    this.waiting.clear();
    for (const pod of pods) this.admit(pod);
  }

  private admit(pod: Pod, isStatic = false): void {
    const name = nameOf(pod);
    const address = this.addressFor(pod);
    if (!address) {
      // A static pod is found again at the next look at its folder.
      if (!isStatic) this.waiting.set(name, pod);
      return;
    }
    const folder = `${name.replace("/", "_")}_${pod.metadata.uid ?? ""}`;
    const runner: PodRunner = new PodRunner(pod, this.options.services, {
      address,
      folder: join(this.options.rootDir, "pods", folder),
      changed: () => this.changed(name),
    });
    this.entries.set(name, { runner, isStatic, seen: isStatic ? undefined : pod });
    runner.done.catch((error: unknown) =>
      log("a pod failed", { pod: name, reason: String(error) }),
    );
    this.changed(name);
  }

  private addressFor(pod: Pod): PodAddress | undefined {
    const { node } = this.options.services;
    return pod.spec.hostNetwork ? { ip: node.ip, loopback: node.loopback } : this.addresses?.take();
  }

  private changed(name: string): void {
    const entry = this.entries.get(name);
    if (!entry) return;
    this.options.states.write(entry.runner);
    this.queue.add(name);
  }

  private onMirror(pod: Pod, entry: Entry | undefined): void {
    const hash = pod.metadata.annotations?.["kubernetes.io/config.mirror"];
    const current = entry?.isStatic && entry.runner.context.pod.metadata.uid === hash;
    if (!current || pod.metadata.deletionTimestamp !== undefined) {
      void this.removeFromServer(pod);
      return;
    }
    const isNew = entry.seen?.metadata.uid !== pod.metadata.uid;
    entry.seen = pod;
    if (isNew) this.queue.add(nameOf(pod));
  }

  private terminate(entry: Entry, pod: Pod): void {
    const meta = pod.metadata as Pod["metadata"] & { deletionGracePeriodSeconds?: number };
    const event = {
      type: "Normal",
      reason: "Killing",
      message: "Stopping the pod's containers",
    } as const;
    if (!entry.runner.isStopping) this.options.services.event(pod, event);
    void this.end(entry, meta.deletionGracePeriodSeconds ?? 30).then(() =>
      this.removeFromServer(pod),
    );
  }

  private async end(entry: Entry, graceSeconds: number): Promise<void> {
    const { context } = entry.runner;
    await entry.runner.stop(graceSeconds);
    const name = nameOf(context.pod);
    if (this.entries.get(name) !== entry) return;
    // The last status tells how the containers ended; a pod that is gone takes none.
    if (!entry.isStatic) await this.report(name).catch(() => undefined);
    this.entries.delete(name);
    this.options.states.remove(entry.runner);
    rmSync(context.folder, { recursive: true, force: true });
    if (context.pod.spec.hostNetwork) return;
    this.addresses?.giveBack(context.address);
    this.admitWaiting();
  }

  private replace(entry: Entry, pod: Pod): void {
    void this.end(entry, 2).then(() => this.admitFromServer(pod));
  }

  private async endStatic(entry: Entry): Promise<void> {
    if (entry.runner.isStopping) return;
    const { seen, runner } = entry;
    await this.end(entry, runner.context.pod.spec.terminationGracePeriodSeconds ?? 30);
    if (seen) await this.removeFromServer(seen);
  }

  /** Reports a pod's status; makes a mirror pod first where one is missing. */
  private async report(name: string): Promise<undefined> {
    const entry = this.entries.get(name);
    if (!entry || !this.registered) return undefined;
    const { client } = this.registered;
    if (entry.isStatic && !entry.seen) entry.seen = await this.mirror(entry, this.registered);
    const { seen, runner } = entry;
    if (!seen) return undefined;
    runner.pod = { ...runner.pod, status: seen.status };
    const status = runner.status(`${new Date().toISOString().slice(0, 19)}Z`);
    status["observedGeneration"] = seen.metadata.generation;
    const { uid, namespace } = seen.metadata;
    const ref = { name: seen.metadata.name, namespace };
    const patch = { metadata: { uid }, status };
    try {
      const after = await client.patch(pods, ref, patch, "status");
      entry.seen = { ...seen, status: after.status };
    } catch (error) {
      if (!isGone(error)) throw error;
      if (entry.isStatic) entry.seen = undefined;
    }
    return undefined;
  }

  private async mirror(entry: Entry, { client, nodeUid }: Registered): Promise<Pod | undefined> {
    const node = { name: this.options.services.node.name, uid: nodeUid };
    const wanted = mirrorPod(entry.runner.context.pod, node);
    try {
      return await client.create(pods, wanted);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
      const found = await client.get(pods, wanted.metadata);
      const same = found?.metadata.annotations?.["kubernetes.io/config.mirror"];
      if (found && same === entry.runner.context.pod.metadata.uid) return found;
      if (found) await this.removeFromServer(found);
      throw new Error(`The pod ${nameOf(wanted)} is in the way of a mirror pod.`, { cause: error });
    }
  }

  /** Completes a deletion. Tries until it has worked or the pod is gone. */
  private async removeFromServer(pod: Pod): Promise<void> {
    const { uid, name, namespace } = pod.metadata;
    const path = pathOf(pods, { name, namespace });
    for (let attempt = 0; attempt < 60; attempt++) {
      try {
        const options = { gracePeriodSeconds: 0, preconditions: { uid } };
        await this.registered?.client.call("DELETE", path, options);
        return;
      } catch (error) {
        if (isGone(error)) return;
        log("removing a pod failed", { pod: nameOf(pod), reason: String(error) });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }
}

// 409: another pod has this name by now.
function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 404 || error.status === 409);
}
