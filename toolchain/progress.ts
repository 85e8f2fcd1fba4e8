/** What the toolchain is doing, told at least every two seconds. */
export interface Progress {
  /** Tool group, or another unit of work such as "packer" or "manifests". */
  group: string;
  phase: "waiting" | "downloading" | "building" | "unpacking" | "rendering" | "installing" | "done";
  /** Seconds since this group began. */
  seconds: number;
  /** Groups that are whole, of all that have to be made in this run. */
  done: number;
  of: number;
  detail: string;
}

export type Report = (progress: Progress) => void;

/** Counts the groups of one run. */
export interface Tally {
  done: number;
  of: number;
}

/** Reports one group: at once on each change of phase, and every second in between. */
export interface Reporter {
  say(phase: Progress["phase"], detail?: string): void;
  /** Changes the detail without an event of its own; the next tick carries it. */
  note(phase: Progress["phase"], detail: string): void;
  seconds(): number;
  stop(): void;
}

/** Starts reporting a group. Call stop() in the end, else the ticking goes on. */
export function reporter(report: Report, group: string, tally: Tally): Reporter {
  const start = Date.now();
  const seconds = (): number => Math.round((Date.now() - start) / 100) / 10;
  let phase: Progress["phase"] | undefined;
  let detail = "";
  const send = (): void => {
    if (phase !== undefined) report({ group, phase, seconds: seconds(), ...tally, detail });
  };
  const ticking = setInterval(send, 1000);
  const note: Reporter["note"] = (nextPhase, nextDetail) => {
    const changed = nextPhase !== phase;
    phase = nextPhase;
    detail = nextDetail;
    if (changed) send();
  };
  return {
    say: (nextPhase, nextDetail = "") => {
      phase = nextPhase;
      detail = nextDetail;
      send();
    },
    note,
    seconds,
    stop: () => clearInterval(ticking),
  };
}
