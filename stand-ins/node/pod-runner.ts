// Runs one pod from its volumes to its end: init containers one after the other, then the containers together.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { wait } from "./back-off";
import { ContainerRunner } from "./container-runner";
import type { RestartPolicy } from "./container-runner";
import { PodContext } from "./pod-context";
import type { NodeServices } from "./pod-context";
import { isDoneInit, podStatus } from "./status";
import type { PodView } from "./status";
import type { Pod, PodAddress } from "./types";

const volumeRetry = 2000;
const volumeRefresh = 60_000;

export interface PodPlace {
  address: PodAddress;
  /** The pod's own folder, removed at its end. */
  folder: string;
}

export class PodRunner {
  /** As last seen; its spec stays that of the start. */
  pod: Pod;
  readonly context: PodContext;
  readonly init: ContainerRunner[];
  readonly app: ContainerRunner[];
  /** Settles when nothing of the pod runs any more. */
  readonly done: Promise<void>;
  private readonly startTime = `${new Date().toISOString().slice(0, 19)}Z`;
  private readonly stopping = new AbortController();
  private readonly changed: () => void;
  private stopped: Promise<void> | undefined;
  private failure: PodView["failure"];

  constructor(pod: Pod, services: NodeServices, place: PodPlace & { changed: () => void }) {
    this.pod = pod;
    this.changed = place.changed;
    mkdirSync(place.folder, { recursive: true });
    this.context = new PodContext(pod, services, place);
    const runner = (container: Pod["spec"]["containers"][number]) =>
      new ContainerRunner(this.context, container, this.changed);
    this.init = (pod.spec.initContainers ?? []).map(runner);
    this.app = pod.spec.containers.map(runner);
    this.done = this.run();
  }

  /** The status to report now. */
  status(now: string): Record<string, unknown> {
    return podStatus(this.view(), now);
  }

  get isStopping(): boolean {
    return this.stopped !== undefined;
  }

  /** Stops everything and removes the pod's files. Further calls wait for the first. */
  stop(graceSeconds: number): Promise<void> {
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
    };
  }

  private async run(): Promise<void> {
    this.changed();
    if (!(await this.placeVolumes())) return;
    const refresh = setInterval(() => void this.refreshVolumes(), volumeRefresh);
    const deadline = this.deadline();
    try {
      const policy = (this.pod.spec.restartPolicy ?? "Always") as RestartPolicy;
      const sidecars = await this.runInit(policy);
      if (!sidecars) return;
      await Promise.all(this.app.map((container) => container.run(policy)));
      await Promise.all(this.init.map((container) => container.stop(30_000)));
      await Promise.all(sidecars);
    } finally {
      clearInterval(refresh);
      clearTimeout(deadline);
      this.changed();
    }
  }

  /** One after the other; undefined when one has failed for good. Sidecars go on running. */
  private async runInit(policy: RestartPolicy): Promise<Promise<void>[] | undefined> {
    const sidecars: Promise<void>[] = [];
    for (const [index, container] of this.init.entries()) {
      const sidecar = this.pod.spec.initContainers?.[index]?.restartPolicy === "Always";
      if (sidecar) {
        sidecars.push(container.run("Always"));
        while (!container.record.started && !this.stopping.signal.aborted)
          await wait(50, this.stopping.signal);
      } else await container.run(policy === "Never" ? "Never" : "OnFailure");
      if (this.stopping.signal.aborted || !isDoneInit(container.record)) return undefined;
    }
    return sidecars;
  }

  private async placeVolumes(): Promise<boolean> {
    const { signal } = this.stopping;
    let told = "";
    while (!signal.aborted) {
      try {
        await this.context.placeVolumes();
        return true;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const event = { type: "Warning", reason: "FailedMount", message } as const;
        if (message !== told) this.context.services.event(this.pod, event);
        told = message;
        await wait(volumeRetry, signal);
      }
    }
    return false;
  }

  // What cannot be read now keeps its last content.
  private async refreshVolumes(): Promise<void> {
    await this.context.placeVolumes().catch(() => undefined);
  }

  private deadline(): NodeJS.Timeout | undefined {
    const seconds = this.pod.spec.activeDeadlineSeconds;
    if (seconds === undefined) return undefined;
    return setTimeout(() => {
      const message = "Pod was active on the node longer than the specified deadline";
      this.failure = { reason: "DeadlineExceeded", message };
      void this.stopContainers(this.pod.spec.terminationGracePeriodSeconds ?? 30);
    }, seconds * 1000);
  }

  private async stopContainers(graceSeconds: number): Promise<void> {
    this.stopping.abort();
    const grace = graceSeconds * 1000;
    await Promise.all(this.app.map((container) => container.stop(grace)));
    await Promise.all(this.init.map((container) => container.stop(grace)));
  }

  private async end(graceSeconds: number): Promise<void> {
    await this.stopContainers(graceSeconds);
    await this.done;
    this.context.close();
    rmSync(join(this.context.folder, "volumes"), { recursive: true, force: true });
    this.changed();
  }
}
