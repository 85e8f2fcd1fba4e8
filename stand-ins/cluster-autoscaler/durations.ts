// Durations as Go writes them: 10s, 1m30s, 500ms.

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration. */
export function millisecondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (duration === "0") return 0;
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== duration)
    throw new Error(
      `Reading a duration failed: ${duration} is none. Write it like 10s, 1m30s or 500ms.`,
    );
  return parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ""] ?? 0),
    0,
  );
}
