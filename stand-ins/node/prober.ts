// Asks a running container's probes, each at its own pace: startup first, then readiness and liveness.
import { wait } from "./back-off";
import { act } from "./probe-actions";
import type { ActionSite } from "./probe-actions";
import { Pace } from "./probe-pace";
import { afterAnswer, settingsOf, unasked } from "./probes";
import type { ProbeKind } from "./probes";
import type { Probe } from "./types";

export interface Listener {
  started(): void;
  ready(ready: boolean): void;
  unhealthy(kind: ProbeKind, message: string): void;
  /** The container must be restarted. */
  kill(kind: ProbeKind): void;
}

/** Where to ask, and what is known already, from an earlier life of the node. */
export interface ProbeSite {
  site: ActionSite;
  started: boolean;
  ready: boolean;
}

export class Prober {
  private readonly abort = new AbortController();
  private readonly site: ActionSite;
  private readonly known: ProbeSite;
  private readonly listener: Listener;

  constructor(probes: Partial<Record<ProbeKind, Probe>>, known: ProbeSite, listener: Listener) {
    this.site = known.site;
    this.known = known;
    this.listener = listener;
    void this.run(probes);
  }

  stop(): void {
    this.abort.abort();
  }

  private isStopped(): boolean {
    return this.abort.signal.aborted;
  }

  private async run(probes: Partial<Record<ProbeKind, Probe>>): Promise<void> {
    const starts = !this.known.started && probes.startup;
    if (starts && !(await this.ask("startup", starts))) return;
    if (probes.readiness) void this.ask("readiness", probes.readiness);
    if (probes.liveness) void this.ask("liveness", probes.liveness);
  }

  /** Asks until stopped or decided; true when a startup probe has succeeded. */
  private async ask(kind: ProbeKind, probe: Probe): Promise<boolean> {
    const settings = settingsOf(probe);
    const wasReady = kind === "readiness" && this.known.ready;
    let state = wasReady ? { ...unasked, verdict: true } : unasked;
    const pace = new Pace(kind, settings, performance.now(), state);
    for (;;) {
      await wait(pace.next() - performance.now(), this.abort.signal);
      if (this.isStopped()) return false;
      const answer = await act(probe, this.site, settings.timeout);
      if (this.isStopped()) return false;
      const before = state.verdict;
      state = afterAnswer(state, answer.ok, settings);
      pace.asked(performance.now(), state);
      if (!answer.ok) this.listener.unhealthy(kind, answer.message);
      if (this.decided(kind, before, state.verdict)) return state.verdict === true;
    }
  }

  /** Tells what has changed; true when there is nothing more to ask. */
  private decided(
    kind: ProbeKind,
    before: boolean | undefined,
    verdict: boolean | undefined,
  ): boolean {
    if (verdict === before) return false;
    if (kind === "readiness") this.listener.ready(verdict === true);
    if (kind === "startup" && verdict) this.listener.started();
    if (kind === "readiness" || verdict) return kind === "startup";
    this.listener.kill(kind);
    return true;
  }
}
