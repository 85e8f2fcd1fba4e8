// Counts over time as steps, and shares as one bar (SVG). Pure.

import { duration, escape, offset } from "./text";
import { fixed, ticks } from "./timeline";
import type { Sample, ScalingTestReport, Shares } from "./types";

const WIDTH = 900;
const HEIGHT = 132;
const LEFT = 44;
const RIGHT = 16;
const TOP = 14;
const BOTTOM = 26;

type Count = "vms" | "nodes" | "readyNodes" | "pods" | "readyPods";

export interface Plot {
  id: string;
  title: string;
  count: Count;
  /** Drawn dashed above it. */
  second?: Count;
}

export const PLOTS: Plot[] = [
  { id: "vms", title: "Worker VMs in Prism Central", count: "vms" },
  { id: "nodes", title: "Worker nodes; dashed: ready", count: "nodes", second: "readyNodes" },
  { id: "pods", title: "Pods of the function; dashed: ready", count: "pods", second: "readyPods" },
];

interface Scale {
  x: (seconds: number) => number;
  y: (count: number) => number;
  to: number;
  most: number;
}

function scaleOf(report: ScalingTestReport): Scale {
  const to = Math.max(offset(report, report.finishedAt), 1);
  const { samples, replicas } = report;
  const most = Math.max(
    1,
    replicas,
    ...samples.flatMap(({ vms, nodes, pods }) => [vms, nodes, pods]),
  );
  return {
    to,
    most,
    x: (seconds) => LEFT + (Math.min(Math.max(seconds, 0), to) / to) * (WIDTH - LEFT - RIGHT),
    y: (count) => TOP + (1 - count / most) * (HEIGHT - TOP - BOTTOM),
  };
}

/** The corners of a step line: each count holds until the next sample. */
function steps(report: ScalingTestReport, count: Count, { x, y, to }: Scale): [number, number][] {
  const points = report.samples.map(
    (sample) => [offset(report, sample.time), sample[count]] as const,
  );
  const corners = points.flatMap(([time, value], index): [number, number][] => {
    const until = points[index + 1]?.[0] ?? to;
    return [
      [x(time), y(value)],
      [x(until), y(value)],
    ];
  });
  return corners;
}

const path = (corners: [number, number][]) =>
  corners.map(([x, y], index) => `${index === 0 ? "M" : "L"}${fixed(x)} ${fixed(y)}`).join("");

/** One count over time; the table beside it says the same. */
export function stepPlot(report: ScalingTestReport, plot: Plot): string {
  if (report.samples.length === 0) return "";
  const scale = scaleOf(report);
  const corners = steps(report, plot.count, scale);
  const [first, last] = [corners[0]?.[0] ?? 0, corners.at(-1)?.[0] ?? 0];
  const ground = fixed(scale.y(0));
  const area = `${path(corners)}L${fixed(last)} ${ground}L${fixed(first)} ${ground}Z`;
  const most = Math.max(...report.samples.map((sample) => sample[plot.count]));
  const id = `plot-${plot.id}`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title">`,
    `<title id="${id}-title">${escape(plot.title)}: between 0 and ${most} in ${duration(scale.to)}; ` +
      `the table of counts has the same figures.</title>`,
    ...grid(scale),
    `<path class="area" d="${area}"/>`,
    `<path class="step" d="${path(corners)}"/>`,
    ...(plot.second
      ? [`<path class="ready" d="${path(steps(report, plot.second, scale))}"/>`]
      : []),
    "</svg>",
  ].join("\n");
}

function grid({ x, y, to, most }: Scale): string[] {
  const levels = most <= 5 ? Array.from({ length: most + 1 }, (_, index) => index) : [0, most];
  return [
    ...levels.map(
      (level) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(level))}" y2="${fixed(y(level))}"/>` +
        `<text class="axis" x="${LEFT - 10}" y="${fixed(y(level) + 4)}" text-anchor="end">${level}</text>`,
    ),
    ...ticks(0, to).map(
      (tick) =>
        `<text class="axis" x="${fixed(x(tick))}" y="${HEIGHT - 7}" text-anchor="middle">+${duration(tick)}</text>`,
    ),
  ];
}

export const SHARES: [keyof Shares, string][] = [
  ["autoscaler", "Autoscaler decides"],
  ["clusterApi", "Cluster API and CAPX"],
  ["prismCentral", "Prism Central: create, power on"],
  ["node", "Machine boots, node joins"],
  ["pod", "Pod starts and answers"],
];

/** Where the time from Pending to the first answer went, as one bar. */
export function shareBar(shares: Shares, round: number): string {
  const total = SHARES.reduce((sum, [name]) => sum + shares[name], 0);
  let from = 0;
  const parts = SHARES.map(([name], index) => {
    const width = total === 0 ? 0 : (shares[name] / total) * WIDTH;
    const part = `<rect class="share-${index + 1}" x="${fixed(from)}" y="0" width="${fixed(Math.max(0, width - 2))}" height="22" rx="3"/>`;
    from += width;
    return part;
  });
  return (
    `<svg viewBox="0 0 ${WIDTH} 22" role="img" aria-label="Round ${round}: shares of the time, as in the table">` +
    `${parts.join("")}</svg>`
  );
}

/** What a table of counts shows: the samples in which something changed. */
export const countRows = (report: ScalingTestReport): Sample[] => report.samples;
