// The report for a pull request or a terminal. Pure.

import { duration, journey, LABELS, number, sinceLabel } from "./text";
import { SHARES } from "./plots";
import type { Round, ScalingTestReport } from "./types";

const cell = (text: string) => text.replaceAll("|", "\\|").replace(/\s+/g, " ");

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map(cell).join(" | ")} |`)
    .join("\n");

/** The whole report as Markdown. */
export function markdown(report: ScalingTestReport): string {
  const parts = [
    `# Scaling test of cluster ${report.cluster}: ${report.passed ? "passed" : "FAILED"}`,
    `${journey(report)}, profile ${report.profile}, from ${report.startedAt} to ${report.finishedAt}.`,
    ...problems(report),
    ...report.rounds.map((round) => roundText(report, round)),
    ...savings(report),
  ];
  return `${parts.join("\n\n")}\n`;
}

function problems({ failures, blockers }: ScalingTestReport): string[] {
  if (failures.length === 0) return [];
  const list = failures.map((failure) => `- ${failure}`).join("\n");
  const rows = blockers.map(({ kind, subject, message, source }) => [
    kind,
    subject,
    message,
    source,
  ]);
  return [
    `## What went wrong\n\n${list}`,
    ...(rows.length > 0
      ? [`## What is in the way\n\n${table(["kind", "subject", "what", "source"], rows)}`]
      : []),
  ];
}

function roundText(report: ScalingTestReport, round: Round): string {
  const rows = report.phases
    .filter((phase) => phase.round === round.round)
    .map((phase) => [
      LABELS[phase.name],
      phase.time,
      `${duration(phase.seconds)} since ${sinceLabel(phase.since)}`,
      `${duration(phase.budgetSeconds)}, ${phase.withinBudget ? "kept" : "OVER"}`,
      phase.evidence.map(({ kind, name }) => `${kind} ${name}`).join("; "),
    ]);
  const { scaleFromZero, backToZero } = round;
  const lines = [
    `## Round ${round.round}: 0 → ${round.replicas} → 0`,
    table(["phase", "at", "took", "budget", "evidence"], rows),
  ];
  if (scaleFromZero)
    lines.push(`Pending to the first answer: ${duration(scaleFromZero.seconds)}.${shares(round)}`);
  if (backToZero) lines.push(`Back at zero after ${duration(backToZero.seconds)}.`);
  return lines.join("\n\n");
}

function shares({ scaleFromZero }: Round): string {
  const found = scaleFromZero?.shares;
  if (!found) return "";
  const parts = SHARES.map(([name, label]) => `${label} ${duration(found[name])}`);
  return ` Of these: ${parts.join(", ")}.`;
}

function savings({ savings: found }: ScalingTestReport): string[] {
  if (!found) return [];
  return [
    `## Saved\n\n${number(found.savedVmHours)} of ${number(found.alwaysOnVmHours)} VM-hours ` +
      `(${found.savedPercent} %). ${found.assumption}`,
  ];
}
