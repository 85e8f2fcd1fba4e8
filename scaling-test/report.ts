// From what was seen to a report. Pure: the times are those of the evidence.

import { PHASES, type PhaseName, type ScalingTestSettings } from "./settings";

/** One thing that shows that a phase was reached, and when its own source says so. */
export interface Evidence {
  /** "Pod", "Event", "Task", "Node", "HTTP response", "VM list", ... */
  kind: string;
  /** Which one: namespace/name, task id, URL. */
  name: string;
  /** UID, extId or other identity. */
  uid?: string;
  /** RFC 3339 time given by the source. */
  time: string;
  detail?: string;
}

export interface Phase {
  name: PhaseName;
  /** RFC 3339 time of the latest evidence. */
  time: string;
  /** Seconds since the phase before; 0 for the first. Sources with whole seconds make it coarse. */
  seconds: number;
  budgetSeconds: number;
  withinBudget: boolean;
  evidence: Evidence[];
}

export interface ScalingTestReport {
  passed: boolean;
  cluster: string;
  replicas: number;
  startedAt: string;
  finishedAt: string;
  /** Pending to the first answered request, in seconds; absent when it never answered. */
  scaleFromZeroSeconds?: number;
  phases: Phase[];
  /** What went wrong, in sentences. */
  failures: string[];
}

const seconds = (from: string, to: string) =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 10) / 100);

const latest = (evidence: Evidence[]) =>
  evidence.map((item) => item.time).reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a));

/** The phases that were seen, in order, each with its distance from the one before. */
export function phases(
  seen: Partial<Record<PhaseName, Evidence[]>>,
  budgets: Record<PhaseName, number>,
): Phase[] {
  const result: Phase[] = [];
  for (const name of PHASES) {
    const evidence = seen[name];
    if (!evidence || evidence.length === 0) continue;
    const time = latest(evidence);
    const before = result.at(-1);
    const elapsed = before ? seconds(before.time, time) : 0;
    const budgetSeconds = budgets[name];
    const withinBudget = elapsed <= budgetSeconds;
    result.push({ name, time, seconds: elapsed, budgetSeconds, withinBudget, evidence });
  }
  return result;
}

/** The whole report. It passes when every phase was seen within its budget and nothing else failed. */
export function report(
  settings: Pick<ScalingTestSettings, "cluster" | "replicas" | "budgets">,
  seen: Partial<Record<PhaseName, Evidence[]>>,
  failures: string[],
): ScalingTestReport {
  const list = phases(seen, settings.budgets);
  const at = (name: PhaseName) => list.find((phase) => phase.name === name)?.time;
  const missing = PHASES.filter((name) => !at(name)).map((name) => `Phase ${name} was not seen.`);
  const late = list
    .filter((phase) => !phase.withinBudget)
    .map(
      (phase) =>
        `Phase ${phase.name} took ${phase.seconds} s, its budget is ${phase.budgetSeconds} s.`,
    );
  const all = [...failures, ...missing, ...late];
  const pending = at("pending");
  const answering = at("answering");
  return {
    passed: all.length === 0,
    cluster: settings.cluster,
    replicas: settings.replicas,
    startedAt: list[0]?.time ?? "",
    finishedAt: list.at(-1)?.time ?? "",
    ...(pending && answering ? { scaleFromZeroSeconds: seconds(pending, answering) } : {}),
    phases: list,
    failures: all,
  };
}
