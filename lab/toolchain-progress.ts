// The toolchain's progress as lines: each change of phase, and every ten seconds what goes on.

import type { Progress, Report } from "../toolchain";
import type { Console } from "./console";

const REPEAT_SECONDS = 10;

/** One line of progress. Pure. */
export function progressLine(progress: Progress): string {
  const { group, phase, seconds, done, of, detail } = progress;
  const count = of > 0 ? ` [${done}/${of}]` : "";
  return `toolchain${count}: ${group} ${phase}${detail ? ` ${detail}` : ""}, ${seconds.toFixed(0)} s`;
}

/** A report that writes to the console no more often than it has something to say. */
export function toolchainReport(console: Console): Report {
  const last = new Map<string, { phase: string; seconds: number }>();
  return (progress) => {
    const before = last.get(progress.group);
    const changed = before?.phase !== progress.phase;
    if (before && !changed && progress.seconds - before.seconds < REPEAT_SECONDS) return;
    last.set(progress.group, { phase: progress.phase, seconds: progress.seconds });
    console.say(progressLine(progress));
  };
}
