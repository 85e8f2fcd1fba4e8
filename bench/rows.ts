// What measuring yields: rows of names and figures, each next to what it is compared with in the same run.

export interface Row {
  name: string;
  /** Figures with their unit in their name. */
  [figure: string]: string | number;
}

export const round = (value: number) => Math.round(value * 100) / 100;

/** The middle one; of two middle ones, the lower. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}
