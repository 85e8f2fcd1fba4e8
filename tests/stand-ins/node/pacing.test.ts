// When the node asks probes, renews tokens and starts containers again.
import { duration, failuresAfter, restartDelay } from "../../../stand-ins/node/back-off";
import { isDue } from "../../../stand-ins/node/tokens";
import type { ProbeKind } from "../../../stand-ins/node/probes";
import type { Probe } from "../../../stand-ins/node/types";
import { Pace } from "../../../stand-ins/node/probe-pace";
import { afterAnswer, settingsOf, unasked, waitOf } from "../../../stand-ins/node/probes";

test("a container is started again at once, then after 10 s doubling to 5 min", () => {
  expect([0, 1, 2, 3, 5, 6, 20].map(restartDelay)).toEqual([
    0, 10_000, 20_000, 40_000, 160_000, 300_000, 300_000,
  ]);
});

test("ten steady minutes make up for earlier failures", () => {
  expect([failuresAfter(4, 599_999), failuresAfter(4, 600_000)]).toEqual([5, 0]);
});

test("a probe has the API server's defaults", () => {
  expect(settingsOf({})).toEqual({
    delay: 0,
    period: 10_000,
    timeout: 1000,
    successes: 1,
    failures: 3,
  });
});

test("a verdict needs as many equal answers in a row as its threshold", () => {
  const settings = settingsOf({ successThreshold: 2, failureThreshold: 2 });
  const verdicts: (boolean | undefined)[] = [];
  let state = unasked;
  for (const answer of [true, false, true, true, false, true, false, false]) {
    state = afterAnswer(state, answer, settings);
    verdicts.push(state.verdict);
  }
  expect(verdicts).toEqual([undefined, undefined, undefined, true, true, true, true, false]);
});

test("the first question waits for the delay, an unready container is asked each second", () => {
  const settings = settingsOf({ initialDelaySeconds: 3 });
  const no = afterAnswer(unasked, false, settings);
  const yes = afterAnswer(unasked, true, settings);
  expect([
    waitOf("readiness", unasked, settings),
    waitOf("readiness", no, settings),
    waitOf("readiness", yes, settings),
    waitOf("liveness", no, settings),
  ]).toEqual([3000, 1000, 10_000, 10_000]);
});

/** When a probe of a container that starts at `start` asks, as long as it fails, in milliseconds. */
function failing(start: number, probe: Probe, kind: ProbeKind = "readiness"): number[] {
  const settings = settingsOf(probe);
  const pace = new Pace(kind, settings, start);
  let state = unasked;
  return Array.from({ length: 4 }, () => {
    const now = pace.next();
    state = afterAnswer(state, false, settings);
    pace.asked(now, state);
    return now;
  });
}

test("an unready container is asked at its own pace, and once when the node looks at it", () => {
  expect(failing(300, {})).toEqual([300, 1000, 1300, 2300]);
  expect(failing(300, {}, "liveness")).toEqual([300, 10_300, 20_300, 30_300]);
  expect(failing(300, { initialDelaySeconds: 1 })).toEqual([1300, 2300, 3300, 4300]);
});

test("one that is ready when the node looks is asked a period later", () => {
  const settings = settingsOf({ periodSeconds: 5 });
  const pace = new Pace("readiness", settings, 300);
  pace.asked(pace.next(), afterAnswer(unasked, false, settings));
  pace.asked(pace.next(), afterAnswer(unasked, true, settings));
  expect(pace.next()).toBe(6000);
});

test("durations are written as Go writes them", () => {
  expect([10_000, 40_000, 80_000, 160_000, 300_000].map(duration)).toEqual([
    "10s",
    "40s",
    "1m20s",
    "2m40s",
    "5m0s",
  ]);
});

test.each([
  ["young", 3600, 2900, false],
  ["in the last fifth of its life", 3600, 700, true],
  ["a day old", 604_800, 518_000, true],
])("a token that is %s", (_, seconds, left, expected) => {
  const now = 1_000_000_000_000;
  expect(isDue({ seconds, expiresAt: now + left * 1000 }, now)).toBe(expected);
});
