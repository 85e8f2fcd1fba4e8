// Runs one container through its restarts as a kubelet does: start, end, back-off, and what is told of it.
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { duration, failuresAfter, restartDelay, wait } from "./back-off";
import { MissingSourceError } from "./environment";
import type { NodeEvent } from "./events";
import { UnknownImageError } from "./images";
import { lastWords, prepareLaunch } from "./launch";
import type { Prepared } from "./launch";
import type { PodContext } from "./pod-context";
import { isSidecar, shouldRestart } from "./restart-policy";
import { RunningContainer } from "./running-container";
import { Shim, StartError } from "./shim";
import type { Exit } from "./shim";
import { nowOf } from "./types";
import type { Container, ContainerMemory, ContainerRecord, Terminated } from "./types";

const retryMilliseconds = 5000;

export interface ContainerPlace {
  context: PodContext;
  container: Container;
  isInit: boolean;
  changed: () => void;
  /** Of an earlier life of the node. */
  memory?: ContainerMemory;
}

export class ContainerRunner {
  readonly record: ContainerRecord;
  readonly container: Container;
  /** Settles when its first start has come to an end, well or not: then the next container has its turn. */
  readonly begun: Promise<void>;
  private readonly place: ContainerPlace;
  private readonly stopping = new AbortController();
  private running: RunningContainer | undefined;
  private programs: Record<string, string[]> = {};
  private logFile: string | undefined;
  private previousLogFile: string | undefined;
  private failures = 0;
  private begin: () => void = () => undefined;

  constructor(place: ContainerPlace) {
    this.place = place;
    this.container = place.container;
    this.begun = new Promise((resolve) => (this.begin = resolve));
    const { container, context, memory } = place;
    const hasInit = (context.pod.spec.initContainers ?? []).length > 0;
    const reason = hasInit ? "PodInitializing" : "ContainerCreating";
    this.record = memory?.record ?? {
      name: container.name,
      state: { kind: "waiting", reason },
      restarts: 0,
      started: false,
      ready: false,
    };
    if (memory) this.remember(memory);
  }

  private remember({ run, logFile, previousLogFile, programs }: ContainerMemory): void {
    this.programs = programs;
    this.logFile = logFile;
    this.previousLogFile = previousLogFile;
    if (run) this.supervise(new Shim({ pid: run.pid, start: run.start }, run.folder));
  }

  /** What a later life of the node, and kubelet-streams, need to know. */
  memory(): ContainerMemory {
    const { record, running, logFile, previousLogFile, programs } = this;
    const run = running && { ...running.shim.id, folder: running.shim.folder };
    return { record, run, logFile, previousLogFile, programs };
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Runs it until it needs no further start; goes on where an earlier life of the node was. */
  async run(): Promise<void> {
    const { context, isInit } = this.place;
    let exitCode = await this.resume();
    for (;;) {
      exitCode ??= await this.once();
      this.begin();
      if (exitCode === undefined || this.isStopping()) return;
      if (!shouldRestart(context.pod, this.container, exitCode, isInit)) return;
      await this.backOff();
      if (this.isStopping()) return;
      this.record.restarts += 1;
      exitCode = undefined;
    }
  }

  /** The exit code of a run that an earlier life has started, undefined when there is none. */
  private async resume(): Promise<number | undefined> {
    const { state, last } = this.record;
    if (this.running) {
      this.begin();
      return this.follow(this.running);
    }
    return state.kind === "terminated" ? state.end.exitCode : last?.exitCode;
  }

  /** Stops it for good. A further call can only shorten the grace. */
  async stop(graceMilliseconds: number): Promise<void> {
    this.stopping.abort();
    this.begin();
    await this.running?.stop(graceMilliseconds, `Stopping container ${this.container.name}`);
  }

  /** One start and what becomes of it: the exit code, undefined when stopped before. */
  private async once(): Promise<number | undefined> {
    const { signal } = this.stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const { context } = this.place;
      try {
        const prepared = await prepareLaunch(context, this.container, this.record.restarts);
        if (this.isStopping()) return undefined;
        return await this.start(prepared);
      } catch (error) {
        this.begin();
        if (error instanceof StartError && error.stage === "start") return this.failedStart(error);
        await wait(this.refuse(error, attempt), signal);
      }
    }
    return undefined;
  }

  private refuse(error: unknown, attempt: number): number {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UnknownImageError) return this.refuseImage(message, attempt);
    const missing = error instanceof MissingSourceError;
    const reason = missing ? "CreateContainerConfigError" : "CreateContainerError";
    this.event("Warning", "Failed", `Error: ${message}`);
    this.set({ kind: "waiting", reason, message });
    return retryMilliseconds;
  }

  // A kubelet's back-off would go on to five minutes: here an image comes by a line in a file.
  private refuseImage(message: string, attempt: number): number {
    const image = this.container.image ?? "";
    this.event("Normal", "Pulling", `Pulling image "${image}"`);
    this.event("Warning", "Failed", `Failed to pull image "${image}": ${message}`);
    this.event("Warning", "Failed", "Error: ErrImagePull");
    this.set({ kind: "waiting", reason: "ErrImagePull", message });
    setTimeout(() => {
      const { state } = this.record;
      if (state.kind !== "waiting" || state.reason !== "ErrImagePull") return;
      const backOff = `Back-off pulling image "${image}"`;
      this.event("Normal", "BackOff", backOff);
      this.event("Warning", "Failed", "Error: ImagePullBackOff");
      const reason = "ImagePullBackOff";
      this.set({ kind: "waiting", reason, message: `${backOff}: ErrImagePull: ${message}` });
    }, 1000).unref();
    return Math.min(restartDelay(attempt + 1), 30_000);
  }

  private async start({ launch, programs, imageId }: Prepared): Promise<number> {
    const { context, isInit } = this.place;
    const image = this.container.image ?? "";
    const present = `Container image "${image}" already present on machine`;
    this.event("Normal", "Pulled", `${present} and can be accessed by the pod`);
    this.programs = programs;
    this.record.imageId = imageId;
    if (this.logFile !== launch.logFile) this.previousLogFile = this.logFile;
    this.logFile = launch.logFile;
    const shim = await Shim.start(context.services.shim, launch);
    this.event("Normal", "Created", "Container created");
    this.event("Normal", "Started", "Container started");
    const { startupProbe, readinessProbe } = this.container;
    const runsOn = !isInit || isSidecar(this.container);
    Object.assign(this.record, {
      id: containerId(),
      started: !startupProbe,
      ready: runsOn && !startupProbe && !readinessProbe,
    });
    const running = this.supervise(shim);
    this.set({ kind: "running", startedAt: nowOf() });
    if (this.isStopping()) void this.stop(0);
    void running.postStart().finally(() => this.begin());
    return this.follow(running);
  }

  private supervise(shim: Shim): RunningContainer {
    const { context, container, changed } = this.place;
    this.running = new RunningContainer(shim, {
      ...{ context, container, changed, record: this.record, programs: this.programs },
      event: (...event) => this.event(...event),
    });
    return this.running;
  }

  /** Waits for a run's end and keeps how it ended. */
  private async follow(running: RunningContainer): Promise<number> {
    const exit = await running.exited();
    this.running = undefined;
    this.ended(exit, dirname(running.shim.folder));
    return exit.exitCode;
  }

  private ended(exit: Exit, folder: string): void {
    const { state, id } = this.record;
    const startedAt = state.kind === "running" ? state.startedAt : exit.finishedAt;
    const lost = "The container could not be located when the pod was terminated";
    const ran = Date.parse(exit.finishedAt) - Date.parse(startedAt);
    if (failuresAfter(0, ran) === 0) this.failures = 0;
    this.terminated({
      exitCode: exit.exitCode,
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      reason: exit.exitCode === 0 ? "Completed" : "Error",
      ...lastWords(this.container, exit, { folder, logFile: this.logFile ?? "" }),
      ...(exit.lost ? { reason: "ContainerStatusUnknown", message: lost } : {}),
      startedAt,
      finishedAt: exit.finishedAt,
      containerID: id,
    });
  }

  private failedStart(error: StartError): number {
    this.event("Warning", "Failed", `Error: ${error.message}`);
    const now = nowOf();
    const containerID = containerId();
    this.record.id = containerID;
    const times = { startedAt: now, finishedAt: now, containerID };
    this.terminated({ exitCode: 128, reason: "StartError", message: error.message, ...times });
    return 128;
  }

  private terminated(end: Terminated): void {
    this.record.started = false;
    const isInit = this.place.isInit && !isSidecar(this.container);
    this.record.ready = isInit && end.exitCode === 0;
    this.set({ kind: "terminated", end });
  }

  private async backOff(): Promise<void> {
    const { state } = this.record;
    if (state.kind === "terminated") this.record.last = state.end;
    const delay = restartDelay(this.failures);
    this.failures += 1;
    const since = Date.parse(this.record.last?.finishedAt ?? nowOf());
    const left = since + delay - Date.now();
    if (left <= 0) return;
    const { name, namespace = "default", uid = "" } = this.place.context.pod.metadata;
    const pod = `${name}_${namespace}(${uid})`;
    const container = this.container.name;
    const told = `Back-off restarting failed container ${container} in pod ${pod}`;
    this.event("Warning", "BackOff", told);
    const message = `back-off ${duration(delay)} restarting failed container=${container} pod=${pod}`;
    this.set({ kind: "waiting", reason: "CrashLoopBackOff", message });
    await wait(left, this.stopping.signal);
  }

  private set(state: ContainerRecord["state"]): void {
    this.record.state = state;
    this.place.changed();
  }

  private event(type: NodeEvent["type"], reason: string, message: string): void {
    const { context, isInit, container } = this.place;
    const fieldPath = `spec.${isInit ? "initContainers" : "containers"}{${container.name}}`;
    context.services.event(context.pod, { type, reason, message, fieldPath });
  }
}

function containerId(): string {
  return `process://${randomBytes(32).toString("hex")}`;
}
