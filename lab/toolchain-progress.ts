// The toolchain's progress as rows: one for each group of tools, with a bar where its work can be counted.

import type { Progress, Report } from "../toolchain";
import type { Console } from "./console";
import { type Row, shareIn } from "./terminal";

/** One group's row. Pure. */
export function progressRow(progress: Progress): Row {
  const { group, phase, seconds, done, of, detail } = progress;
  const count = of > 0 ? ` [${done}/${of}]` : "";
  const share = phase === "done" ? undefined : shareIn(detail);
  return {
    name: `toolchain ${group}`,
    state: phase === "done" ? "ready" : "running",
    seconds,
    detail: phase === "done" ? count.trim() : `${phase}${detail ? ` ${detail}` : ""}${count}`,
    ...(share === undefined ? {} : { share }),
  };
}

/** A report that shows on the console. */
export function toolchainReport(console: Console): Report {
  return (progress) => {
    console.show(progressRow(progress));
  };
}
