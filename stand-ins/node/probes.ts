// Probes: when to ask, and what the answers mean. Pure; probe-actions.ts asks.
import type { Probe } from "./types";

export type ProbeKind = "startup" | "readiness" | "liveness";

export interface ProbeSettings {
  delay: number;
  period: number;
  timeout: number;
  successes: number;
  failures: number;
}

/** The settings of a probe in milliseconds and counts, the API server's defaults included. */
export function settingsOf(probe: Probe): ProbeSettings {
  return {
    delay: (probe.initialDelaySeconds ?? 0) * 1000,
    period: (probe.periodSeconds ?? 10) * 1000,
    timeout: (probe.timeoutSeconds ?? 1) * 1000,
    successes: probe.successThreshold ?? 1,
    failures: probe.failureThreshold ?? 3,
  };
}

export interface ProbeState {
  /** What the last answers amount to; undefined before the first verdict. */
  verdict: boolean | undefined;
  run: number;
  last: boolean | undefined;
}

export const unasked: ProbeState = { verdict: undefined, run: 0, last: undefined };

/** The state after one more answer: a verdict needs as many equal answers in a row as its threshold. */
export function afterAnswer(
  state: ProbeState,
  answer: boolean,
  settings: ProbeSettings,
): ProbeState {
  const run = state.last === answer ? state.run + 1 : 1;
  const threshold = answer ? settings.successes : settings.failures;
  return { verdict: run >= threshold ? answer : state.verdict, run, last: answer };
}

/** How long to wait before the next question. A container that is not ready is asked each second, unlike by a kubelet: it saves waiting. */
export function waitOf(kind: ProbeKind, state: ProbeState, settings: ProbeSettings): number {
  if (state.last === undefined) return settings.delay;
  const eager = kind === "readiness" && state.verdict !== true;
  return eager ? Math.min(settings.period, 1000) : settings.period;
}
