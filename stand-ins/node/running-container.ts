// One run of a container: its hooks, its probes, how it is ended. What becomes of it afterwards decides its runner.
import { readFileSync } from "node:fs";
import type { NodeEvent } from "./events";
import type { PodContext } from "./pod-context";
import { act } from "./probe-actions";
import type { ActionSite } from "./probe-actions";
import { Prober } from "./prober";
import { hasUserNamespace } from "./shim";
import type { Exit, Shim } from "./shim";
import type { Container, ContainerRecord } from "./types";

// A kubelet gives at least this, whatever is asked for.
const leastGrace = 2000;
const day = 24 * 60 * 60 * 1000;

export interface RunPlace {
  context: PodContext;
  container: Container;
  /** Whether it is started and ready is kept here. */
  record: ContainerRecord;
  /** What its image calls its programs. */
  programs: Record<string, string[]>;
  changed: () => void;
  event: (type: NodeEvent["type"], reason: string, message: string) => void;
}

export class RunningContainer {
  readonly shim: Shim;
  private readonly place: RunPlace;
  private readonly probes: Prober;
  private ending: Promise<void> | undefined;

  constructor(shim: Shim, place: RunPlace) {
    this.shim = shim;
    this.place = place;
    this.probes = this.probe();
  }

  /** Settles when it has ended and its log is complete. */
  async exited(): Promise<Exit> {
    const exit = await this.shim.exited;
    this.probes.stop();
    return exit;
  }

  /** Runs the hook that follows a start; a container whose hook fails is ended. */
  async postStart(): Promise<void> {
    const hook = this.place.container.lifecycle?.postStart;
    if (!hook) return;
    const answer = await act(hook, this.site(), day);
    if (answer.ok || !this.shim.isRunning) return;
    this.place.event("Warning", "FailedPostStartHook", "PostStartHook failed");
    await this.kill("FailedPostStartHook");
  }

  /** preStop hook, stop signal, KILL after the grace; a later call can only make it shorter. */
  async stop(graceMilliseconds: number, message: string): Promise<void> {
    if (!this.ending) {
      this.place.event("Normal", "Killing", message);
      this.ending = this.end(graceMilliseconds);
      return this.ending;
    }
    const hurry = setTimeout(() => this.shim.kill(), Math.max(leastGrace, graceMilliseconds));
    await this.ending.finally(() => clearTimeout(hurry));
  }

  private async end(graceMilliseconds: number): Promise<void> {
    const began = Date.now();
    const preStop = this.place.container.lifecycle?.preStop;
    if (preStop && graceMilliseconds > 0) {
      const answer = await act(preStop, this.site(), graceMilliseconds);
      if (!answer.ok) this.place.event("Warning", "FailedPreStopHook", "PreStopHook failed");
    }
    await this.shim.stop(Math.max(leastGrace, graceMilliseconds - (Date.now() - began)));
  }

  private kill(message: string, graceSeconds?: number): Promise<void> {
    const { terminationGracePeriodSeconds } = this.place.context.pod.spec;
    return this.stop(1000 * (graceSeconds ?? terminationGracePeriodSeconds ?? 30), message);
  }

  private probe(): Prober {
    const { record, changed, event, container } = this.place;
    const { startupProbe, readinessProbe, livenessProbe, name } = container;
    return new Prober(
      { startup: startupProbe, readiness: readinessProbe, liveness: livenessProbe },
      { site: this.site(), started: record.started, ready: record.ready },
      {
        started() {
          record.started = true;
          if (!readinessProbe) record.ready = true;
          changed();
        },
        ready(isReady) {
          record.ready = isReady;
          changed();
        },
        unhealthy(kind, message) {
          const title = kind.charAt(0).toUpperCase() + kind.slice(1);
          event("Warning", "Unhealthy", `${title} probe failed: ${message}`);
        },
        kill: (kind) => {
          const probe = kind === "startup" ? startupProbe : livenessProbe;
          const message = `Container ${name} failed ${kind} probe, will be restarted`;
          void this.kill(message, probe?.terminationGracePeriodSeconds);
        },
      },
    );
  }

  private site(): ActionSite {
    return {
      container: this.place.container,
      endpoint: (host, port) => this.place.context.endpoint(host, port),
      inside: (words) => this.inside(words),
    };
  }

  private inside(words: string[]): { argv: string[]; environment: NodeJS.ProcessEnv } {
    const { pid } = this.shim.id;
    const user = hasUserNamespace ? ["--user", "--preserve-credentials"] : [];
    const [first = "", ...rest] = words;
    const program = this.place.programs[first] ?? [first];
    const spaces = ["--mount", "--uts", "--pid", ...user, "--wd"];
    return {
      argv: ["nsenter", "--target", String(pid), ...spaces, "--", ...program, ...rest],
      environment: environmentOf(pid),
    };
  }
}

// A container's environment is that of its shim, whichever life of the node has started it.
function environmentOf(pid: number): NodeJS.ProcessEnv {
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return Object.fromEntries(
    entries
      .filter((entry) => entry.includes("="))
      .map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
  );
}
