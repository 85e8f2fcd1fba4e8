// How an upload comes along, every two seconds while it moves.

const INTERVAL = 2_000;
const MIB = 1024 * 1024;

/** Counts sent bytes and logs lines such as `node.img: 120 of 800 MiB, 60 MiB/s`. */
export function progressReport(
  name: string,
  sizeBytes: number,
  log: (line: string) => void,
): { moved: (sentBytes: number) => void; end: () => void } {
  let sent = 0;
  let before = 0;
  const timer = setInterval(() => {
    const speed = ((sent - before) / MIB / (INTERVAL / 1000)).toFixed(0);
    before = sent;
    log(
      `${name}: ${(sent / MIB).toFixed(0)} of ${(sizeBytes / MIB).toFixed(0)} MiB, ${speed} MiB/s`,
    );
  }, INTERVAL);
  return {
    moved: (sentBytes) => {
      sent = sentBytes;
    },
    end: () => clearInterval(timer),
  };
}
