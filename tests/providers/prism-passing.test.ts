import { startProgress } from "../../providers/prism-image/progress";
import { delayBefore, passesCode, passesStatus } from "../../providers/prism/passing";

const now = new Date("2026-01-01T00:00:00Z");

test.each([
  [1, undefined, 1000],
  [4, undefined, 8000],
  [1, "3", 3000],
  [1, "0", 0],
  [1, "86400", 120_000],
  [1, "Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  [1, "Wed, 31 Dec 2025 00:00:00 GMT", 0],
  [2, "soon", 2000],
])("attempt %d with Retry-After %s waits %d ms", (attempt, retryAfter, delay) => {
  expect(delayBefore(attempt, retryAfter, now)).toBe(delay);
});

test("a lost connection passes, a bad certificate and a refusal do not", () => {
  const codes = ["ECONNRESET", "DEPTH_ZERO_SELF_SIGNED_CERT", "ENOTFOUND", undefined];
  expect(codes.map(passesCode)).toEqual([true, false, false, false]);
  expect([429, 503, 401, 500].map(passesStatus)).toEqual([true, true, false, false]);
});

test("progress is told every two seconds", () => {
  jest.useFakeTimers();
  try {
    const lines: string[] = [];
    const progress = startProgress("node", (line) => lines.push(line));
    progress.begin("uploading", 100 * 1024 * 1024);
    progress.moved(20 * 1024 * 1024);
    jest.advanceTimersByTime(2000);
    progress.moved(60 * 1024 * 1024);
    jest.advanceTimersByTime(2000);
    progress.begin("waiting for Prism Central");
    jest.advanceTimersByTime(4000);
    progress.end();
    jest.advanceTimersByTime(9000);
    expect(lines).toEqual([
      "node: uploading, 20 of 100 MiB, 10 MiB/s",
      "node: uploading, 60 of 100 MiB, 20 MiB/s",
      "node: waiting for Prism Central, 2 s",
      "node: waiting for Prism Central, 4 s",
    ]);
  } finally {
    jest.useRealTimers();
  }
});
