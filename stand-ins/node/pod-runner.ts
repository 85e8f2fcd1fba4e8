// Runs one pod from its volumes to its end: init containers one after the other, then the containers, in their order.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { wait } from "./back-off";
import { ContainerRunner } from "./container-runner";
import { begunAnew, survivalOf } from "./memory";
import type { PodMemory, Survival } from "./memory";
import { PodContext } from "./pod-context";
import type { NodeServices, PodPlace } from "./pod-context";
import { isSidecar } from "./restart-policy";
import { isDoneInit, podStatus } from "./status";
import type { PodView } from "./status";
import { nowOf } from "./types";
import type { Container, Pod } from "./types";

const volumeRetry = 2000;
const volumeRefresh = 60_000;
// Changes come in groups.
const changeDelay = 50;

export interface RunnerPlace extends PodPlace {
  changed: () => void;
  /** Called once nothing of the pod runs any more, and nothing will. */
  finished: () => void;
  memory?: PodMemory;
}

export class PodRunner {
  readonly context: PodContext;
  readonly init: ContainerRunner[];
  readonly app: ContainerRunner[];
  /** Settles when nothing of the pod runs any more. */
  readonly done: Promise<void>;
  isFinished = false;
  private readonly place: RunnerPlace;
  private readonly startTime: string;
  private readonly stopping = new AbortController();
  private readonly restored: PodMemory | undefined;
  private stopped: Promise<void> | undefined;
  private failure: PodView["failure"];
  private refreshing: NodeJS.Timeout | undefined;
  private retry: () => void = () => undefined;

  constructor(pod: Pod, services: NodeServices, place: RunnerPlace) {
    this.place = place;
    mkdirSync(place.folder, { recursive: true });
    const survival = place.memory && survivalOf(place.memory);
    this.restored = place.memory && restoredOf(place.memory, pod, survival);
    this.startTime = this.restored?.startTime || nowOf();
    this.failure = this.restored?.failure;
    this.context = new PodContext(pod, services, place, () => this.refreshSoon());
    if (survival === "all lost") {
      const message = "Pod sandbox changed, it will be killed and re-created.";
      services.event(pod, { type: "Normal", reason: "SandboxChanged", message });
    }
    const { initContainers = [], containers } = pod.spec;
    this.init = initContainers.map((container) => this.runnerOf(container, true));
    this.app = containers.map((container) => this.runnerOf(container, false));
    this.done = this.run();
  }

  private runnerOf(container: Container, isInit: boolean): ContainerRunner {
    const memory = this.restored?.containers[container.name];
    const changed = () => this.place.changed();
    return new ContainerRunner({ context: this.context, container, isInit, changed, memory });
  }

  /** As the API server has it; the spec stays that of the start. */
  get pod(): Pod {
    return this.context.pod;
  }

  /** Takes over what may change of a pod that runs: labels, annotations, status. */
  update({ metadata, status }: Pod): void {
    this.context.pod = { ...this.context.pod, metadata, status };
    this.refreshSoon();
  }

  /** The status to report now; `seen` is the pod as the API server has it, the mirror of a static one. */
  statusAgainst(seen: Pod, now: string): Record<string, unknown> {
    const { generation } = seen.metadata;
    const { pod } = this;
    const known = { ...pod, metadata: { ...pod.metadata, generation }, status: seen.status };
    return podStatus({ ...this.view(), pod: known }, now);
  }

  /** What a later life of the node needs to go on. */
  memory(): PodMemory {
    const all = [...this.init, ...this.app];
    return {
      startTime: this.startTime,
      containers: Object.fromEntries(all.map((each) => [each.container.name, each.memory()])),
      ports: this.context.ports,
      failure: this.failure,
      finished: this.isFinished,
    };
  }

  get isStopping(): boolean {
    return this.stopped !== undefined;
  }

  /** Stops everything and removes the pod's volumes. A further call can only shorten the grace. */
  stop(graceSeconds: number): Promise<void> {
    if (this.stopped) void this.stopContainers(graceSeconds);
    this.stopped ??= this.end(graceSeconds);
    return this.stopped;
  }

  private view(): PodView {
    return {
      pod: this.pod,
      node: this.context.services.node,
      address: this.context.address,
      startTime: this.startTime,
      init: this.init.map(({ record }) => record),
      app: this.app.map(({ record }) => record),
      failure: this.failure,
      ends: this.stopped !== undefined || this.failure !== undefined,
    };
  }

  private async run(): Promise<void> {
    // Not before whoever makes it knows it.
    await Promise.resolve();
    this.place.changed();
    const deadline = this.deadline();
    const refresh = setInterval(() => this.refreshSoon(), volumeRefresh);
    try {
      if (!this.restored?.finished && (await this.placeVolumes())) await this.runContainers();
    } finally {
      clearInterval(refresh);
      clearTimeout(deadline);
      clearTimeout(this.refreshing);
      this.isFinished = true;
      this.context.close();
      this.place.finished();
      this.place.changed();
    }
  }

  private async runContainers(): Promise<void> {
    const sidecars = await this.runInit();
    if (!sidecars) return;
    const runs: Promise<void>[] = [];
    for (const container of this.app) {
      if (this.stopping.signal.aborted) break;
      runs.push(container.run());
      await container.begun;
    }
    await Promise.all(runs);
    await this.stopSidecars(Date.now() + this.grace() * 1000);
    await Promise.all(sidecars);
  }

  /** One after the other; undefined when one has failed for good. Sidecars go on running. */
  private async runInit(): Promise<Promise<void>[] | undefined> {
    const sidecars: Promise<void>[] = [];
    for (const init of this.init) {
      if (isSidecar(init.container)) {
        sidecars.push(init.run());
        while (!init.record.started && !this.stopping.signal.aborted)
          await wait(20, this.stopping.signal);
      } else await init.run();
      if (this.stopping.signal.aborted || !isDoneInit(init.record)) {
        await this.stopSidecars(Date.now() + this.grace() * 1000);
        await Promise.all(sidecars);
        return undefined;
      }
    }
    return sidecars;
  }

  private async placeVolumes(): Promise<boolean> {
    const { signal } = this.stopping;
    let told = "";
    while (!signal.aborted) {
      try {
        await this.context.placeVolumes();
        if (this.restored) await this.context.restorePorts(this.restored.ports);
        return true;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const event = { type: "Warning", reason: "FailedMount", message } as const;
        if (message !== told) this.context.services.event(this.pod, event);
        told = message;
        const changed = new Promise<void>((resolve) => (this.retry = resolve));
        await Promise.race([wait(volumeRetry, signal), changed]);
      }
    }
    return false;
  }

  // What cannot be read now keeps its last content.
  private refreshSoon(): void {
    this.retry();
    if (this.isFinished || this.stopping.signal.aborted) return;
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined;
      void this.context.placeVolumes().catch(() => undefined);
    }, changeDelay);
  }

  private grace(): number {
    return this.pod.spec.terminationGracePeriodSeconds ?? 30;
  }

  private deadline(): NodeJS.Timeout | undefined {
    const seconds = this.pod.spec.activeDeadlineSeconds;
    if (seconds === undefined) return undefined;
    const left = Date.parse(this.startTime) + seconds * 1000 - Date.now();
    // Longer than a timer can wait is longer than anybody waits.
    if (left > 2 ** 31 - 1) return undefined;
    return setTimeout(() => {
      const message = "Pod was active on the node longer than the specified deadline";
      this.failure = { reason: "DeadlineExceeded", message };
      const event = { type: "Normal", ...this.failure } as const;
      this.context.services.event(this.pod, event);
      void this.stopContainers(this.grace());
    }, left);
  }

  private async stopContainers(graceSeconds: number): Promise<void> {
    this.stopping.abort();
    const end = Date.now() + graceSeconds * 1000;
    await Promise.all(this.app.map((container) => container.stop(graceSeconds * 1000)));
    await this.stopSidecars(end);
  }

  /** The last to start is the first to stop. */
  private async stopSidecars(end: number): Promise<void> {
    for (const container of [...this.init].reverse())
      await container.stop(Math.max(0, end - Date.now()));
  }

  private async end(graceSeconds: number): Promise<void> {
    await this.stopContainers(graceSeconds);
    await this.done;
    rmSync(join(this.context.folder, "volumes"), { recursive: true, force: true });
    this.place.changed();
  }
}

function restoredOf(memory: PodMemory, pod: Pod, survival: Survival | undefined): PodMemory {
  if (survival === "all lost") return begunAnew(memory, pod);
  return survival === "some run" ? memory : { ...memory, ports: {} };
}
