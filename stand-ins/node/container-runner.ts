// Runs one container through its restarts: image, environment, process, probes, back-off, as a kubelet does.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lastLines } from "../shared/process";
import { failuresAfter, restartDelay, wait } from "./back-off";
import { ContainerProcess, needsUserNamespace, planMounts } from "./container-process";
import type { Exit, Launch } from "./container-process";
import { containerEnvironment, expand, MissingSourceError } from "./environment";
import { argvOf, findImage, programsOf, substitute, UnknownImageError } from "./images";
import type { Image } from "./images";
import type { PodContext, PodEvent } from "./pod-context";
import { act } from "./probe-actions";
import type { Action, ActionSite } from "./probe-actions";
import { Prober } from "./prober";
import { lineText } from "./log-file";
import { mountsOf } from "./volumes";
import type { Container, ContainerRecord, Terminated } from "./types";

export type RestartPolicy = "Always" | "OnFailure" | "Never";

const retryMilliseconds = 5000;

export class ContainerRunner {
  readonly record: ContainerRecord;
  /** What kubelet-streams needs of the current run. */
  process: ContainerProcess | undefined;
  programs: Record<string, string[]> = {};
  logFile: string | undefined;
  previousLogFile: string | undefined;
  private readonly context: PodContext;
  private readonly container: Container;
  private readonly changed: () => void;
  private readonly stopping = new AbortController();
  private environment: NodeJS.ProcessEnv = {};

  constructor(context: PodContext, container: Container, changed: () => void) {
    this.context = context;
    this.container = container;
    this.changed = changed;
    const reason = context.pod.spec.initContainers?.length
      ? "PodInitializing"
      : "ContainerCreating";
    const state = { kind: "waiting", reason } as const;
    const { name } = container;
    this.record = { name, state, restarts: 0, started: false, ready: false };
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Runs it until it needs no further start. */
  async run(policy: RestartPolicy): Promise<void> {
    for (let failures = 0; !this.stopping.signal.aborted;) {
      const launch = await this.prepare();
      if (!launch) return;
      const began = Date.now();
      const exit = await this.runOnce(launch);
      const again = policy === "Always" || (policy === "OnFailure" && exit.code !== 0);
      if (!again || this.isStopping()) return;
      await this.backOff(failures);
      failures = failuresAfter(failures, Date.now() - began);
      this.record.restarts += 1;
    }
  }

  /** Stops it for good: preStop hook, TERM, KILL after the grace. */
  async stop(graceMilliseconds: number): Promise<void> {
    this.stopping.abort();
    const running = this.process;
    if (!running) return;
    const deadline = Date.now() + graceMilliseconds;
    const preStop = this.container.lifecycle?.preStop;
    if (preStop && graceMilliseconds > 0) await act(preStop, this.site(), graceMilliseconds);
    await running.stop(Math.max(0, deadline - Date.now()));
  }

  /** Waits until everything that a start needs is there; undefined when stopped meanwhile. */
  private async prepare(): Promise<Launch | undefined> {
    const { signal } = this.stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await this.launch();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const delay = this.refuse(error, message, attempt);
        await wait(delay, signal);
      }
    }
    return undefined;
  }

  private refuse(error: unknown, message: string, attempt: number): number {
    if (error instanceof UnknownImageError) {
      this.event("Warning", "Failed", message);
      this.set({ kind: "waiting", reason: "ErrImagePull", message });
      const backOff = () => this.set({ kind: "waiting", reason: "ImagePullBackOff", message });
      setTimeout(() => this.waiting("ErrImagePull") && backOff(), 1000).unref();
      return Math.max(2000, Math.min(restartDelay(attempt), 30_000));
    }
    const missing = error instanceof MissingSourceError;
    const reason = missing ? "CreateContainerConfigError" : "CreateContainerError";
    this.event("Warning", "Failed", `Error: ${message}`);
    this.set({ kind: "waiting", reason, message });
    return retryMilliseconds;
  }

  private async launch(): Promise<Launch> {
    const { context, container } = this;
    const name = container.image ?? "";
    const image = findImage(context.services.catalogue(), name);
    await context.mapPorts(image);
    const variables = context.variables();
    const environment = await this.environmentOf(image);
    const known = environment as Record<string, string>;
    const words = {
      command: container.command?.map((word) => expand(word, known)),
      args: container.args?.map((word) => expand(word, known)),
    };
    const argv = argvOf(image, words, variables);
    const folder = join(context.folder, container.name);
    this.environment = environment;
    this.programs = programsOf(image, variables);
    this.record.imageId = `catalogue://${argv[0] ?? ""}`;
    return {
      argv,
      environment,
      plan: planMounts(mountsOf(container, context.volumes, known)),
      workingDir: container.workingDir,
      logFile: join(folder, `${this.record.restarts}.log`),
      scratch: join(folder, "scratch"),
    };
  }

  private async environmentOf(image: Image): Promise<NodeJS.ProcessEnv> {
    const { context, container } = this;
    const home = join(context.folder, container.name, "home");
    mkdirSync(home, { recursive: true });
    const variables = context.variables();
    const own = Object.entries(image.env ?? {}).map(([key, value]) => [
      key,
      substitute(value, variables),
    ]);
    const base = {
      ...context.services.environment,
      ...context.services.apiServer(),
      HOME: home,
      HOSTNAME: context.pod.spec.hostNetwork
        ? context.services.node.name
        : context.pod.metadata.name,
      ...(Object.fromEntries(own) as Record<string, string>),
    };
    return containerEnvironment(container, base, context.sources);
  }

  private async runOnce(launch: Launch): Promise<Exit> {
    const startedAt = now();
    const id = `process://${randomBytes(32).toString("hex")}`;
    this.previousLogFile = this.logFile;
    this.logFile = launch.logFile;
    this.process = new ContainerProcess(launch);
    const { startupProbe, readinessProbe } = this.container;
    Object.assign(this.record, {
      id,
      started: !startupProbe,
      ready: !startupProbe && !readinessProbe,
    });
    this.set({ kind: "running", startedAt });
    this.event("Normal", "Started", `Started container ${this.container.name}`);
    const hook = this.container.lifecycle?.postStart;
    if (hook) void this.postStart(hook);
    const probes = this.probe();
    const exit = await this.process.exited;
    probes.stop();
    this.process = undefined;
    const end: Terminated = {
      exitCode: exit.code,
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      reason: exit.code === 0 ? "Completed" : "Error",
      ...this.lastWords(exit, launch.logFile),
      startedAt,
      finishedAt: now(),
      containerID: id,
    };
    Object.assign(this.record, { started: false, ready: false });
    this.set({ kind: "terminated", end });
    return exit;
  }

  /** FallbackToLogsOnError; the file of a termination message is not played. */
  private lastWords({ code }: Exit, logFile: string): { message?: string } {
    if (code === 0 || this.container.terminationMessagePolicy !== "FallbackToLogsOnError")
      return {};
    const lines = lastLines(logFile, 80).split("\n");
    return { message: lines.map(lineText).join("\n").slice(-2048) };
  }

  private async postStart(hook: Action): Promise<void> {
    const answer = await act(hook, this.site(), 30_000);
    if (answer.ok) return;
    this.event("Warning", "FailedPostStartHook", answer.message);
    await this.process?.stop(2000);
  }

  private probe(): Prober {
    const { startupProbe, readinessProbe, livenessProbe } = this.container;
    return new Prober(
      { startup: startupProbe, readiness: readinessProbe, liveness: livenessProbe },
      this.site(),
      {
        started: () => {
          this.record.started = true;
          if (!readinessProbe) this.record.ready = true;
          this.changed();
        },
        ready: (ready) => {
          this.record.ready = ready;
          this.changed();
        },
        unhealthy: (kind, message) =>
          this.event("Warning", "Unhealthy", `${kind} probe failed: ${message}`),
        kill: (kind) => {
          const { name } = this.container;
          this.event(
            "Normal",
            "Killing",
            `Container ${name} failed ${kind} probe, will be restarted`,
          );
          void this.process?.stop(
            (this.context.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000,
          );
        },
      },
    );
  }

  private async backOff(failures: number): Promise<void> {
    if (this.record.state.kind === "terminated") this.record.last = this.record.state.end;
    const delay = restartDelay(failures);
    if (delay === 0) return;
    const { name } = this.container;
    const message = `back-off ${delay / 1000}s restarting failed container=${name} pod=${this.context.pod.metadata.name}`;
    this.event("Warning", "BackOff", message);
    this.set({ kind: "waiting", reason: "CrashLoopBackOff", message });
    await wait(delay, this.stopping.signal);
  }

  private site(): ActionSite {
    return {
      container: this.container,
      endpoint: (host, port) => this.context.endpoint(host, port),
      inside: (words) => this.inside(words),
    };
  }

  private inside(words: string[]): { argv: string[]; environment: NodeJS.ProcessEnv } {
    const pid = this.process?.id.pid;
    if (pid === undefined) throw new Error(`container ${this.container.name} is not running`);
    const user = needsUserNamespace ? ["--user", "--preserve-credentials"] : [];
    const [first = "", ...rest] = words;
    const program = this.programs[first] ?? [first];
    const enter = ["nsenter", "--target", String(pid), "--mount", ...user, "--wd", "--"];
    return { argv: [...enter, ...program, ...rest], environment: this.environment };
  }

  private waiting(reason: string): boolean {
    const { state } = this.record;
    return state.kind === "waiting" && state.reason === reason;
  }

  private set(state: ContainerRecord["state"]): void {
    this.record.state = state;
    this.changed();
  }

  private event(type: PodEvent["type"], reason: string, message: string): void {
    this.context.services.event(this.context.pod, { type, reason, message });
  }
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
