// Decides which pods run here: those the API server binds to this node and the static ones. Starts and stops
// their runners, and goes on with those of an earlier life.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { log } from "../shared/log";
import { refusalOf } from "./admission";
import type { NodeView, Refusal } from "./admission";
import { memoryOfStatus } from "./memory";
import type { PodMemory } from "./memory";
import type { PodAddresses } from "./pod-addresses";
import type { NodeServices } from "./pod-context";
import { PodReporter } from "./pod-reporter";
import type { Entry, Registered } from "./pod-reporter";
import { PodRunner } from "./pod-runner";
import type { RunnerPlace } from "./pod-runner";
import type { PodStates, Remembered } from "./pod-state";
import { isMirror, mirrorAnnotation } from "./static-pods";
import { nameOf } from "./types";
import type { Pod, PodAddress } from "./types";

export interface ManagerOptions {
  services: NodeServices;
  states: PodStates;
  rootDir: string;
}

/** The Node as last seen, or as it is now. */
export type NodeSource = (fresh: boolean) => Promise<NodeView>;

const forcedGrace = 2;

export class PodManager {
  private readonly options: ManagerOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly waiting = new Map<string, Pod>();
  private readonly admitting = new Set<string>();
  private readonly remembered: Map<string, Remembered>;
  private readonly reporter: PodReporter;
  private addresses: PodAddresses | undefined;
  private node: NodeSource | undefined;

  constructor(options: ManagerOptions) {
    this.options = options;
    this.remembered = options.states.load();
    this.reporter = new PodReporter(options.services.node, (name) => this.entries.get(name));
  }

  /** From now on there is an API server to report to, and a Node whose labels pods select. */
  connect(registered: Registered, node: NodeSource): void {
    this.node = node;
    this.reporter.connect(registered);
    for (const key of this.entries.keys()) this.reporter.report(key);
  }

  /** From now on there are addresses for pods without the host's network. */
  useAddresses(addresses: PodAddresses): void {
    this.addresses = addresses;
    for (const { address } of this.remembered.values()) addresses.reserve(address.ip);
    for (const { runner } of this.entries.values()) addresses.reserve(runner.context.address.ip);
    this.admitWaiting();
  }

  /** All pods of the API server have been told: what else runs of an earlier life is not wanted any more. */
  endForgotten(): void {
    for (const [uid, remembered] of this.remembered) {
      if (remembered.isStatic) continue;
      this.remembered.delete(uid);
      this.discard(remembered);
    }
  }

  /** A pod of the API server has come or changed. */
  onPod(pod: Pod): void {
    const entry = this.entries.get(nameOf(pod));
    if (isMirror(pod)) this.onMirror(pod, entry);
    else if (!entry) this.admitFromServer(pod);
    else if (entry.runner.pod.metadata.uid !== pod.metadata.uid) this.replace(entry, pod);
    else this.onChange(pod, entry);
  }

  private onChange(pod: Pod, entry: Entry): void {
    entry.seen = pod;
    entry.runner.update(pod);
    if (pod.metadata.deletionTimestamp !== undefined) this.terminate(entry, pod);
    else this.reporter.report(nameOf(pod));
  }

  /** A pod of the API server is gone. */
  onGone(pod: Pod): void {
    this.waiting.delete(nameOf(pod));
    const entry = this.entries.get(nameOf(pod));
    if (!entry) return;
    if (entry.isStatic) {
      if (entry.seen?.metadata.uid === pod.metadata.uid) entry.seen = undefined;
      this.reporter.report(nameOf(pod));
    } else if (entry.runner.pod.metadata.uid === pod.metadata.uid)
      void this.end(entry, forcedGrace);
  }

  /** Makes the static pods these: starts, restarts and stops what differs. */
  setStaticPods(wanted: Pod[]): void {
    const byName = new Map(wanted.map((pod) => [nameOf(pod), pod]));
    for (const [name, entry] of this.entries) {
      if (!entry.isStatic) continue;
      const next = byName.get(name);
      byName.delete(name);
      // A changed one ends first; the next look at the folder starts it anew.
      if (next?.metadata.uid !== entry.runner.pod.metadata.uid) void this.endStatic(entry);
    }
    for (const pod of byName.values()) this.admit(pod, true);
    for (const [uid, remembered] of this.remembered) {
      if (!remembered.isStatic) continue;
      this.remembered.delete(uid);
      this.discard(remembered);
    }
  }

  /** Stops every pod, for the end of the node; the API server's view stays. */
  async stop(graceSeconds: number): Promise<void> {
    await this.reporter.stop();
    const runners = [...this.entries.values()].map(({ runner }) => runner);
    await Promise.all(runners.map((runner) => runner.stop(graceSeconds)));
    for (const runner of runners) this.options.states.remove(runner);
  }

  private admitFromServer(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const { phase } = pod.status ?? {};
    const isOver = phase === "Succeeded" || phase === "Failed";
    if (this.remembered.has(uid)) {
      this.admit(pod);
      const entry = this.entries.get(nameOf(pod));
      if (entry) this.onChange(pod, entry);
    } else if (pod.metadata.deletionTimestamp !== undefined)
      void this.reporter.removeFromServer(pod);
    else if (!isOver) void this.check(pod);
  }

  /** Admits a pod that fits; refuses another for good, as a kubelet does. */
  private async check(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? "";
    if (this.admitting.has(uid) || !this.node) return;
    this.admitting.add(uid);
    try {
      if (memoryOfStatus(pod)) {
        this.admit(pod);
        return;
      }
      const refusal = await this.refusal(pod, this.node);
      if (refusal) await this.reporter.refuse(pod, refusal);
    } finally {
      this.admitting.delete(uid);
    }
  }

  // A pod that was started once has been admitted; labels may be newer than they were last seen.
  private async refusal(pod: Pod, node: NodeSource): Promise<Refusal | undefined> {
    for (const fresh of [false, true]) {
      const view = await node(fresh);
      const refusal = refusalOf(pod, this.others(), view);
      if (!refusal && !this.entries.has(nameOf(pod))) this.admit(pod);
      if (refusal?.reason !== "NodeAffinity" || fresh) return refusal;
    }
    return undefined;
  }

  private others(): Pod[] {
    return [...this.entries.values()]
      .filter(({ runner }) => !runner.isFinished)
      .map(({ runner }) => runner.pod);
  }

  private admitWaiting(): void {
    const pods = [...this.waiting.values()];
    this.waiting.clear();
    for (const pod of pods) this.admit(pod);
  }

  private admit(pod: Pod, isStatic = false): void {
    const name = nameOf(pod);
    const uid = pod.metadata.uid ?? "";
    const remembered = this.remembered.get(uid);
    const address = remembered?.address ?? this.addressFor(pod);
    if (!address) {
      // A static pod is found again at the next look at its folder.
      if (!isStatic) this.waiting.set(name, pod);
      return;
    }
    this.remembered.delete(uid);
    const told = isStatic ? undefined : memoryOfStatus(pod);
    this.start(pod, isStatic, { address, ...withPorts(remembered?.memory ?? told) });
  }

  private start(
    pod: Pod,
    isStatic: boolean,
    place: Pick<RunnerPlace, "address" | "memory" | "ports">,
  ): void {
    const name = nameOf(pod);
    const uid = pod.metadata.uid ?? "";
    const runner: PodRunner = new PodRunner(pod, this.options.services, {
      ...place,
      folder: join(this.options.rootDir, "pods", `${name.replace("/", "_")}_${uid}`),
      changed: () => this.changed(name),
      finished: () => this.giveBack(runner),
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

  private giveBack(runner: PodRunner): void {
    const { pod, address } = runner.context;
    const isTaken = [...this.entries.values()].some(
      (other) =>
        other.runner !== runner &&
        !other.runner.isFinished &&
        other.runner.context.address.ip === address.ip,
    );
    if (pod.spec.hostNetwork || isTaken) return;
    this.addresses?.giveBack(address);
    this.admitWaiting();
  }

  private changed(name: string): void {
    const entry = this.entries.get(name);
    if (!entry) return;
    this.options.states.write(entry.runner, entry.isStatic);
    this.reporter.report(name);
  }

  private onMirror(pod: Pod, entry: Entry | undefined): void {
    const hash = pod.metadata.annotations?.[mirrorAnnotation];
    const current = entry?.isStatic && entry.runner.pod.metadata.uid === hash;
    if (!current || pod.metadata.deletionTimestamp !== undefined) {
      void this.reporter.removeFromServer(pod);
      return;
    }
    const isNew = entry.seen?.metadata.uid !== pod.metadata.uid;
    entry.seen = pod;
    if (isNew) this.reporter.report(nameOf(pod));
  }

  private terminate(entry: Entry, pod: Pod): void {
    const meta = pod.metadata as Pod["metadata"] & { deletionGracePeriodSeconds?: number };
    void this.end(entry, meta.deletionGracePeriodSeconds ?? 30).then(() =>
      this.reporter.removeFromServer(pod),
    );
  }

  private async end(entry: Entry, graceSeconds: number): Promise<void> {
    const { runner } = entry;
    await runner.stop(graceSeconds);
    const name = nameOf(runner.pod);
    if (this.entries.get(name) !== entry) return;
    // The last status tells how the containers ended; a pod that is gone takes none.
    if (!entry.isStatic) await this.reporter.now(name).catch(() => undefined);
    this.entries.delete(name);
    this.options.states.remove(runner);
    rmSync(runner.context.folder, { recursive: true, force: true });
  }

  private discard(remembered: Remembered): void {
    log("ending a pod of an earlier life", { pod: nameOf(remembered.pod) });
    this.options.states.discard(remembered);
    const { pod, address } = remembered;
    const folder = `${nameOf(pod).replace("/", "_")}_${pod.metadata.uid ?? ""}`;
    rmSync(join(this.options.rootDir, "pods", folder), { recursive: true, force: true });
    if (!pod.spec.hostNetwork) this.addresses?.giveBack(address);
  }

  private replace(entry: Entry, pod: Pod): void {
    void this.end(entry, forcedGrace).then(() => this.admitFromServer(pod));
  }

  private async endStatic(entry: Entry): Promise<void> {
    if (entry.runner.isStopping) return;
    const { seen, runner } = entry;
    await this.end(entry, runner.pod.spec.terminationGracePeriodSeconds ?? 30);
    if (seen) await this.reporter.removeFromServer(seen);
  }
}

function withPorts(memory: PodMemory | undefined): Pick<RunnerPlace, "memory" | "ports"> {
  return { memory, ports: memory?.ports };
}
