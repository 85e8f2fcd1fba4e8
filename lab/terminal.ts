// What a terminal shows: one row a layer with its state and time, a bar where a share is known. Pure.

import { stripVTControlCharacters, styleText } from "node:util";

export type RowState = "waiting" | "running" | "ready" | "failed";

/** One line of the board: a layer, a group of tools, an upload. */
export interface Row {
  name: string;
  state: RowState;
  seconds: number;
  /** What goes on. */
  detail?: string;
  /** From 0 to 1, where it is known. */
  share?: number;
}

/** live: redrawn; plain: a line for each change; json: an object a line. */
export type Mode = "live" | "plain" | "json";

/** Plain lines in CI and where nobody looks at a terminal. */
export function modeOf(
  stream: { isTTY?: boolean },
  environment: NodeJS.ProcessEnv,
  json = false,
): Mode {
  if (json) return "json";
  const isDumb = environment["TERM"] === "dumb" || Boolean(environment["CI"]);
  return stream.isTTY === true && !isDumb ? "live" : "plain";
}

/** Colours only on a terminal, never against NO_COLOR (no-color.org: set and not empty). */
export const usesColour = (mode: Mode, environment: NodeJS.ProcessEnv) =>
  mode === "live" && !environment["NO_COLOR"];

const MARKS: Record<RowState, string> = { waiting: "·", running: "▸", ready: "✓", failed: "✗" };
const COLOURS = { waiting: "gray", running: "cyan", ready: "green", failed: "red" } as const;
const BAR = 20;

/** A bar of eighths of blocks, so that slow things are seen to move. */
export function bar(share: number, width = BAR): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const full = Math.floor(eighths / 8);
  const rest = full < width ? (["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "") : "";
  return `${"█".repeat(full)}${rest}`.padEnd(width, "░");
}

/** "4.2 s", "75 s", "12 min 5 s" */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** The rows of the board, none wider than the terminal. */
export function boardLines(rows: Row[], columns: number, colour: boolean): string[] {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return rows.map((row) => {
    const { name, state, seconds, detail = "", share } = row;
    const time = state === "waiting" && seconds === 0 ? "" : duration(seconds);
    const drawn =
      share === undefined || state !== "running" ? "" : `${bar(share)} ${percent(share)} `;
    const head = `${MARKS[state]} ${name.padEnd(width)}  ${time.padStart(10)}  `;
    const tail = cut(`${drawn}${detail}`, columns - head.length - 1);
    return `${paint(COLOURS[state], head.slice(0, 2))}${head.slice(2)}${paint("dim", tail)}`.trimEnd();
  });
}

const percent = (share: number) => `${Math.floor(share * 100)} %`.padStart(5);

const cut = (text: string, width: number) =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/** A row as a plain line: what has changed of it. */
export function plainLine({ name, state, seconds, detail, share }: Row): string {
  const what = state === "running" ? (detail ?? "running") : state;
  const more = state === "running" && share !== undefined ? `, ${percent(share).trim()}` : "";
  const tail = state === "ready" || state === "failed" ? (detail ? `: ${detail}` : "") : "";
  return `${name}: ${what}${more}, ${duration(seconds)}${tail}`;
}

/** The share that a line such as "node: uploading, 120 of 800 MiB" or "[3/9]" tells of. */
export function shareIn(text: string): number | undefined {
  const found = /(\d+(?:\.\d+)?) of (\d+(?:\.\d+)?) \w+/.exec(text);
  if (found) return Number(found[1]) / Math.max(Number(found[2]), 1);
  const percents = /(\d+(?:\.\d+)?) ?%/.exec(text);
  return percents ? Number(percents[1]) / 100 : undefined;
}

/** Text as it is written where there are no control sequences. */
export const plainText = (text: string) => stripVTControlCharacters(text).trimEnd();
