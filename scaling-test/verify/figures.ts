// Everything that follows from evidence, computed again and held against the file, value by value. Pure.

import { report, type SeenRound } from "../report";
import { shortcomings } from "../report";
import type { MachineLife, Phase, ScalingTestReport } from "../report/types";
import type { Check } from "./checks";

/** The rounds of a file as they were seen, machines' lives taken from Prism Central instead of from the file. */
export function seenRounds(file: ScalingTestReport, lives: MachineLife[]): SeenRound[] {
  return file.rounds.map((round) => {
    const phases = file.phases.filter((phase) => phase.round === round.round);
    const seen = Object.fromEntries(phases.map((phase) => [phase.name, phase.evidence]));
    const machines = round.machines.map(
      (machine) => lives.find(({ vm }) => vm === machine.vm) ?? machine,
    );
    const { replicas, asked, released } = round;
    return {
      replicas,
      seen,
      machines,
      ...(asked ? { asked } : {}),
      ...(released ? { released } : {}),
    };
  });
}

/** Values by their place, "rounds[0].backToZero.seconds"; phases by round and name. */
export function leaves(value: unknown, place = ""): [string, string][] {
  if (typeof value !== "object" || value === null) return [[place, JSON.stringify(value)]];
  const entries = Array.isArray(value)
    ? value.map((item: unknown, index) => [`[${labelOf(item) ?? index}]`, item] as const)
    : Object.entries(value).map(
        ([key, item]) => [place ? `.${key}` : key, item as unknown] as const,
      );
  return entries.flatMap(([key, item]) => leaves(item, `${place}${key}`));
}

function labelOf(item: unknown): string | undefined {
  const { round, name } = (item ?? {}) as Partial<Phase>;
  return round !== undefined && name !== undefined ? `${round} ${name}` : undefined;
}

/** The checks of all that can be computed from the file's own evidence and Prism Central's tasks. */
export function figureChecks(file: ScalingTestReport, lives: MachineLife[]): Check[] {
  const rounds = seenRounds(file, lives);
  const told = file.failures.filter(
    (failure) => !shortcomings(file.rounds, file.phases).includes(failure),
  );
  const again = report({ ...file, failures: told }, rounds);
  const reported = new Map(leaves(file));
  const recomputed = new Map(leaves(again));
  const places = [...new Set([...reported.keys(), ...recomputed.keys()])].filter(
    (place) => !place.startsWith("samples") && !place.startsWith("blockers"),
  );
  return places.map((figure) => {
    const [said, found] = [reported.get(figure) ?? "nothing", recomputed.get(figure) ?? "nothing"];
    const source = "the evidence and Prism Central's task log";
    return { figure, reported: said, recomputed: found, agrees: said === found, source };
  });
}
