// One round's phases as bars on a line of time (SVG). Pure.

import { duration, escape, LABELS, offset } from "./text";
import type { Phase, Round, ScalingTestReport } from "./types";

const WIDTH = 900;
const LEFT = 150;
const RIGHT = 70;
const ROW = 28;
const TOP = 8;
const AXIS = 24;

/** Where phases that lead down begin. */
const DOWN = new Set(["drained", "vm-deleted", "zero"]);

/** Round steps of an axis, about five of them. */
export function ticks(from: number, to: number): number[] {
  const span = Math.max(to - from, 1);
  const sizes = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const size = sizes.find((step) => span / step <= 7) ?? 7200;
  const first = Math.ceil(from / size) * size;
  return Array.from(
    { length: Math.floor((to - first) / size) + 1 },
    (_, index) => first + index * size,
  );
}

interface Bar {
  phase: Phase;
  from: number;
  to: number;
}

function bars(report: ScalingTestReport, round: Round): Bar[] {
  return report.phases
    .filter((phase) => phase.round === round.round)
    .map((phase) => {
      const to = offset(report, phase.time);
      return { phase, from: to - phase.seconds, to };
    });
}

/** The bars of a round; the table of phases beside it says the same. */
export function timeline(report: ScalingTestReport, round: Round): string {
  const rows = bars(report, round);
  if (rows.length === 0) return "";
  const from = Math.min(...rows.map((row) => row.from));
  const to = Math.max(...rows.map((row) => row.to), from + 1);
  const x = (time: number) => LEFT + ((time - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + rows.length * ROW + AXIS;
  const bottom = height - AXIS;
  const lines = ticks(from, to).map(
    (tick) =>
      `<line class="grid" x1="${fixed(x(tick))}" x2="${fixed(x(tick))}" y1="${TOP}" y2="${bottom}"/>` +
      `<text class="axis" x="${fixed(x(tick))}" y="${height - 7}" text-anchor="middle">+${duration(tick)}</text>`,
  );
  const id = `timeline-${round.round}`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title">`,
    `<title id="${id}-title">Round ${round.round}: phases on a line of time, from ${duration(from)} to ` +
      `${duration(to)} after the start; the table below has the same figures.</title>`,
    ...lines,
    ...rows.map((row, index) => barOf(row, TOP + index * ROW, x)),
    "</svg>",
  ].join("\n");
}

function barOf({ phase, from, to }: Bar, y: number, x: (time: number) => number): string {
  const width = Math.max(3, x(to) - x(from));
  const kind = DOWN.has(phase.name) ? "down" : "up";
  const middle = y + ROW / 2 + 4;
  return (
    `<text x="0" y="${middle}">${escape(LABELS[phase.name])}</text>` +
    `<rect class="${kind}" x="${fixed(x(from))}" y="${y + 6}" width="${fixed(width)}" height="${ROW - 12}" rx="4"/>` +
    `<text x="${fixed(x(from) + width + 7)}" y="${middle}">${duration(phase.seconds)}</text>`
  );
}

export const fixed = (value: number) => String(Math.round(value * 10) / 10);
