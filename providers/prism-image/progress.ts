// How an image comes along: a line every two seconds while something is done to it.

const INTERVAL = 2_000;
const MIB = 1024 * 1024;

export interface Progress {
  /** From now on, this is done; with so many bytes to move, where that is known. */
  begin: (what: string, totalBytes?: number) => void;
  /** So many bytes are done of it. */
  moved: (bytes: number) => void;
  end: () => void;
}

/** Logs lines such as `node: uploading, 120 of 800 MiB, 60 MiB/s` and `node: waiting for Prism Central, 4 s`. */
export function startProgress(name: string, log: (line: string) => void): Progress {
  let now = { what: "", total: 0, done: 0, before: 0, seconds: 0 };
  const timer = setInterval(() => {
    now.seconds += INTERVAL / 1000;
    log(`${name}: ${now.what}, ${now.total > 0 ? amount(now) : `${now.seconds} s`}`);
    now.before = now.done;
  }, INTERVAL);
  return {
    begin: (what, totalBytes = 0) => {
      now = { what, total: totalBytes, done: 0, before: 0, seconds: 0 };
    },
    moved: (bytes) => {
      now.done = bytes;
    },
    end: () => clearInterval(timer),
  };
}

function amount({ done, total, before }: { done: number; total: number; before: number }): string {
  const mebibytes = (bytes: number) => (bytes / MIB).toFixed(0);
  const speed = mebibytes(Math.max(done - before, 0) / (INTERVAL / 1000));
  return `${mebibytes(done)} of ${mebibytes(total)} MiB, ${speed} MiB/s`;
}
