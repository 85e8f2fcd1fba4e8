// Words and numbers of the report's pages. Pure.

import type { PhaseName } from "../budgets";
import type { Phase, ScalingTestReport } from "./types";

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that may stand in HTML and in its attributes. */
export const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

export const LABELS: Record<PhaseName, string> = {
  idle: "Idle at zero",
  pending: "Pod pending",
  decision: "Autoscaler decides",
  "vm-created": "VM created",
  "node-ready": "Node ready",
  running: "Pod running",
  answering: "Pod answers",
  drained: "Node drained",
  "vm-deleted": "VM deleted",
  zero: "Zero again",
};

const SINCE: Partial<Record<Phase["since"], string>> = {
  asked: "replicas asked for",
  released: "replicas given back",
  "": "the beginning",
};

export const sinceLabel = (since: Phase["since"]) =>
  SINCE[since] ?? LABELS[since as PhaseName].toLowerCase();

/** "3.25 s", "4 min 5 s" from two minutes on. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(2))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Seconds from the start of the test to a time. */
export const offset = (report: Pick<ScalingTestReport, "startedAt">, time: string) =>
  (Date.parse(time) - Date.parse(report.startedAt)) / 1000;

/** "+12.3 s" after the start of the test. */
export function afterStart(report: Pick<ScalingTestReport, "startedAt">, time: string): string {
  const seconds = offset(report, time);
  return `${seconds < 0 ? "−" : "+"}${duration(Math.abs(Math.round(seconds * 10) / 10))}`;
}

/** "0 → 2 → 0 → 1 → 0" */
export const journey = ({ rounds, replicas }: Pick<ScalingTestReport, "rounds" | "replicas">) =>
  `0 → ${rounds[0]?.replicas ?? replicas} → 0 → 1 → 0`;

/** A number with at most four digits after the point, without a tail of zeros. */
export const number = (value: number) => String(Number(value.toFixed(4)));
