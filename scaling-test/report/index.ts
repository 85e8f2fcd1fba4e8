// From what was seen to figures. Pure: the times are those of the evidence, so that anybody can compute them again.

import { type Budgets, PHASES, type PhaseName } from "../budgets";
import type {
  Duration,
  Evidence,
  MachineLife,
  Phase,
  Round,
  Savings,
  ScalingTestReport,
  Shares,
} from "./types";

export type * from "./types";

/** What one round saw. */
export interface SeenRound {
  replicas: number;
  seen: Partial<Record<PhaseName, Evidence[]>>;
  asked?: Evidence;
  released?: Evidence;
  machines: MachineLife[];
}

const round2 = (value: number) => Math.round(value * 100) / 100;

/** Seconds between two times, two digits, never below 0: sources with whole seconds may seem to be early. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, round2((Date.parse(to) - Date.parse(from)) / 1000));
}

const byTime = (a: string, b: string) => Date.parse(a) - Date.parse(b);

export const latest = (times: string[]) => [...times].sort(byTime).at(-1) ?? "";
export const earliest = (times: string[]) => [...times].sort(byTime)[0] ?? "";

const times = (evidence: Evidence[] = []) => evidence.map(({ time }) => time);

/** The phases of a round that were seen, in order, each with its distance from what came before. */
export function phasesOf(number: number, seenRound: SeenRound, budgets: Budgets): Phase[] {
  const result: Phase[] = [];
  for (const name of PHASES) {
    const evidence = seenRound.seen[name];
    if (!evidence || evidence.length === 0) continue;
    const time = latest(times(evidence));
    const start = startOf(name, seenRound, result.at(-1));
    const seconds = start.time ? secondsBetween(start.time, time) : 0;
    const budgetSeconds = budgets[name];
    const withinBudget = seconds <= budgetSeconds;
    const { since } = start;
    result.push({
      round: number,
      name,
      time,
      since,
      seconds,
      budgetSeconds,
      withinBudget,
      evidence,
    });
  }
  return result;
}

function startOf(
  name: PhaseName,
  { asked, released }: SeenRound,
  before: Phase | undefined,
): { since: Phase["since"]; time: string } {
  if (name === "pending" && asked) return { since: "asked", time: asked.time };
  if (name === "drained" && released) return { since: "released", time: released.time };
  return { since: before?.name ?? "", time: before?.time ?? "" };
}

function duration(from: string, to: string, budgetSeconds: number): Duration | undefined {
  if (!from || !to) return undefined;
  const seconds = secondsBetween(from, to);
  return { seconds, budgetSeconds, withinBudget: seconds <= budgetSeconds };
}

/** A round's own figures. */
export function roundOf(number: number, seenRound: SeenRound, budgets: Budgets): Round {
  const { seen, asked, released, replicas, machines } = seenRound;
  const pending = earliest(times(seen.pending));
  const first = earliest(times(seen.answering));
  const up = duration(pending, first, budgets.scaleFromZero);
  const shares = up && sharesOf(seenRound, pending, first);
  const back = duration(released?.time ?? "", latest(times(seen.zero)), budgets.backToZero);
  return {
    round: number,
    replicas,
    ...(asked ? { asked } : {}),
    ...(released ? { released } : {}),
    ...(up ? { scaleFromZero: { ...up, ...(shares ? { shares } : {}) } } : {}),
    ...(up ? { allAnsweredSeconds: secondsBetween(pending, latest(times(seen.answering))) } : {}),
    ...(back ? { backToZero: back } : {}),
    machines,
  };
}

/** Where the time went, along the machine whose pod answered first. */
export function sharesOf(
  { seen, machines }: SeenRound,
  pending: string,
  answer: string,
): Shares | undefined {
  const detail = seen.answering?.find(({ time }) => time === answer)?.detail ?? "";
  const machine = machines.find(({ vm }) => detail.includes(vm));
  const ready = seen["node-ready"]?.find((item) => item.detail?.includes(machine?.vm ?? "?"));
  const decision = earliest(times(seen.decision));
  if (!machine?.poweredOnAt || !machine.powerOnRequestedAt || !ready || !decision) return undefined;
  const { requestedAt, createdAt, powerOnRequestedAt, poweredOnAt } = machine;
  const bounds = [
    pending,
    decision,
    requestedAt,
    createdAt,
    powerOnRequestedAt,
    poweredOnAt,
    ready.time,
    answer,
  ];
  // A source with whole seconds may seem to come before the one that caused it.
  const clamped = bounds.map((_, index) => latest(bounds.slice(0, index + 1)));
  const part = (from: number) => secondsBetween(clamped[from] ?? "", clamped[from + 1] ?? "");
  return {
    autoscaler: part(0),
    clusterApi: round2(part(1) + part(3)),
    prismCentral: round2(part(2) + part(4)),
    node: part(5),
    pod: part(6),
  };
}

const hours = (seconds: number) => Math.round((seconds / 3600) * 10_000) / 10_000;

/** VM-hours that were used, against as many workers as were ever asked for running all the time. */
export function savingsOf(rounds: Round[], startedAt: string, finishedAt: string): Savings {
  const windowSeconds = secondsBetween(startedAt, finishedAt);
  const workers = Math.max(0, ...rounds.map(({ replicas }) => replicas));
  const used = rounds
    .flatMap(({ machines }) => machines)
    .reduce((sum, life) => sum + secondsBetween(life.createdAt, life.deletedAt ?? finishedAt), 0);
  const always = windowSeconds * workers;
  const saved = Math.max(0, always - used);
  return {
    assumption:
      `Always on means ${workers} worker VM${workers === 1 ? "" : "s"} for the ${windowSeconds} s of this test; ` +
      "a VM is used from the end of its create task to the end of its delete task. Nothing is extrapolated.",
    windowSeconds,
    alwaysOnVmHours: hours(always),
    usedVmHours: hours(used),
    savedVmHours: hours(saved),
    savedPercent: always === 0 ? 0 : round2((saved / always) * 100),
  };
}

const unseen = (round: number, phases: Phase[]) =>
  PHASES.filter((name) => !phases.some((phase) => phase.round === round && phase.name === name));

const isWhole = (rounds: Round[], phases: Phase[]) =>
  rounds.length > 0 && rounds.every(({ round }) => unseen(round, phases).length === 0);

/** What phases and ways over their budget, and phases that were not seen, have to say. */
export function shortcomings(rounds: Round[], phases: Phase[]): string[] {
  const missing = rounds.flatMap(({ round }) => {
    const left = unseen(round, phases);
    return left.length === 0 ? [] : [`Round ${round} did not come to: ${left.join(", ")}.`];
  });
  const late = phases
    .filter(({ withinBudget }) => !withinBudget)
    .map(
      ({ name, round, seconds, budgetSeconds }) =>
        `Phase ${name} of round ${round} took ${seconds} s, its budget is ${budgetSeconds} s.`,
    );
  const ways = rounds.flatMap(({ round, scaleFromZero, backToZero }) => [
    ...slow(`Scaling from zero in round ${round}`, scaleFromZero),
    ...slow(`Going back to zero in round ${round}`, backToZero),
  ]);
  return [...missing, ...late, ...ways];
}

const slow = (what: string, way: Duration | undefined) =>
  way && !way.withinBudget
    ? [`${what} took ${way.seconds} s, its budget is ${way.budgetSeconds} s.`]
    : [];

type Told = Pick<
  ScalingTestReport,
  | "cluster"
  | "namespace"
  | "machineDeployment"
  | "replicas"
  | "profile"
  | "budgets"
  | "samples"
  | "blockers"
> & { failures: string[] };

/** The whole report. It passes when every phase was seen, all budgets were kept and nothing else failed. */
export function report(told: Told, seenRounds: SeenRound[]): ScalingTestReport {
  const { budgets } = told;
  const rounds = seenRounds.map((seen, index) => roundOf(index + 1, seen, budgets));
  const phases = seenRounds.flatMap((seen, index) => phasesOf(index + 1, seen, budgets));
  const failures = [...told.failures, ...shortcomings(rounds, phases)];
  const startedAt = phases[0]?.time ?? "";
  const finishedAt = phases.at(-1)?.time ?? "";
  const first = rounds[0]?.scaleFromZero?.seconds;
  return {
    version: 1,
    passed: failures.length === 0,
    cluster: told.cluster,
    namespace: told.namespace,
    machineDeployment: told.machineDeployment,
    replicas: told.replicas,
    profile: told.profile,
    budgets,
    startedAt,
    finishedAt,
    ...(first === undefined ? {} : { scaleFromZeroSeconds: first }),
    rounds,
    phases,
    samples: told.samples,
    // Half a test says nothing of what zero saves.
    ...(isWhole(rounds, phases) ? { savings: savingsOf(rounds, startedAt, finishedAt) } : {}),
    blockers: told.blockers,
    failures,
  };
}
