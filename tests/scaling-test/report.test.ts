import { budgetsOf, PHASES } from "../../scaling-test/budgets";
import { report } from "../../scaling-test/report";
import { markdown } from "../../scaling-test/report/markdown";
import { readSettings } from "../../scaling-test/settings";
import { at, failedReport, passedReport, seen, settings, wholeRound } from "./reports";

const told = { ...settings, replicas: 1, samples: [] };

test("two rounds in which everything was seen in time pass, with times from the evidence", () => {
  const result = report(told, [wholeRound(0), wholeRound(20)]);
  expect(result.failures).toEqual([]);
  expect([result.version, result.passed]).toEqual([1, true]);
  expect(result.phases.map(({ round, name }) => `${round} ${name}`)).toEqual([
    ...PHASES.map((name) => `1 ${name}`),
    ...PHASES.map((name) => `2 ${name}`),
  ]);
  const first = result.phases.filter(({ round }) => round === 1);
  expect(first.map(({ since, seconds }) => [since, seconds])).toEqual([
    ["", 0],
    ["asked", 1],
    ["pending", 0.5],
    ["decision", 1.5],
    ["vm-created", 3],
    ["node-ready", 1],
    ["running", 0.5],
    ["released", 6],
    ["drained", 1],
    ["vm-deleted", 1],
  ]);
  expect(result.scaleFromZeroSeconds).toBe(6.5);
  expect(result.rounds.map(({ backToZero }) => backToZero)).toEqual([
    { seconds: 8, budgetSeconds: 75, withinBudget: true },
    { seconds: 8, budgetSeconds: 75, withinBudget: true },
  ]);
});

test("the time to the first answer is shared out without a rest, Cluster API's part by itself", () => {
  const [round] = report(told, [wholeRound(0)]).rounds;
  expect(round!.scaleFromZero!.shares).toEqual({
    autoscaler: 0.5,
    clusterApi: 1, // 0.5 s until the VM is asked for, 0.5 s until it is powered on
    prismCentral: 2,
    node: 1.5,
    pod: 1.5,
  });
});

test("a source with whole seconds that seems to be early costs no share a negative time", () => {
  const round = wholeRound(0);
  const early = { ...round, seen: { ...round.seen, decision: [seen(0)] } };
  expect(report(told, [early]).rounds[0]!.scaleFromZero!.shares).toEqual({
    autoscaler: 0,
    clusterApi: 1.5,
    prismCentral: 2,
    node: 1.5,
    pod: 1.5,
  });
});

test("a phase counts from its latest evidence", () => {
  const round = wholeRound(0);
  const evidence = [seen(3), seen(3.5), seen(2)];
  const result = report(told, [{ ...round, seen: { ...round.seen, "vm-created": evidence } }]);
  expect(result.phases[3]).toEqual({
    round: 1,
    name: "vm-created",
    time: at(3.5),
    since: "decision",
    seconds: 2,
    budgetSeconds: 60,
    withinBudget: true,
    evidence,
  });
});

test("a phase that was not seen fails the test and is named, and so is what is over its budget", () => {
  const round = wholeRound(0);
  const rest = { ...round.seen, zero: [] };
  expect(report(told, [{ ...round, seen: rest }]).failures).toEqual([
    "Round 1 did not come to: zero.",
  ]);
  const budgets = budgetsOf("lab-fast", { decision: 0.4, scaleFromZero: 6, backToZero: 7.5 });
  const late = report({ ...told, budgets }, [round]);
  expect(late.passed).toBe(false);
  expect(late.failures).toEqual([
    "Phase decision of round 1 took 0.5 s, its budget is 0.4 s.",
    "Scaling from zero in round 1 took 6.5 s, its budget is 6 s.",
    "Going back to zero in round 1 took 8 s, its budget is 7.5 s.",
  ]);
});

test("VM-hours are those of Prism's tasks against as many VMs as were asked for", () => {
  const { savings } = passedReport();
  // Three VMs for 12 s and one for 12 s, in a test of 37 s.
  expect(savings).toEqual({
    assumption:
      "Always on means 3 worker VMs for the 37 s of this test; a VM is used from the end of its create task to " +
      "the end of its delete task. Nothing is extrapolated.",
    windowSeconds: 37,
    alwaysOnVmHours: 0.0308,
    usedVmHours: 0.0133,
    savedVmHours: 0.0175,
    savedPercent: 56.76,
  });
});

test("Markdown shows the verdict, each phase with its budget, and what is in the way", () => {
  const good = markdown(passedReport());
  expect(good).toContain("# Scaling test of cluster lab: passed");
  expect(good).toContain("0 → 3 → 0 → 1 → 0, profile lab-fast");
  expect(good).toContain(
    "| Node drained | 2026-01-01T10:00:14.000Z | 6 s since replicas given back | 45 s, kept |",
  );
  expect(good).toContain("Of these: Autoscaler decides 0.5 s, Cluster API and CAPX 1 s,");
  const bad = markdown(failedReport());
  expect(bad).toContain("| pool-at-max | default/lab-wmd | Pool default/lab-wmd has its maximum");
});

test("settings name everything that is missing or unknown, and take budgets from the profile", () => {
  expect(() => readSettings('{"cluster":"a","namespace":"b"}')).toThrow(
    "SCALING_TEST lacks machineDeployment, workload, prismCentral, report.",
  );
  expect(() => readSettings(undefined)).toThrow("SCALING_TEST is not set");
  const given = { ...told, workload: {}, prismCentral: {}, report: "r.json" };
  expect(() => readSettings(JSON.stringify({ ...given, budgets: { lunch: 1 } }))).toThrow(
    "SCALING_TEST has budgets of lunch; there are idle, pending,",
  );
  const read = readSettings(
    JSON.stringify({ ...given, profile: "cost", budgets: { pending: 7 }, replicas: undefined }),
  );
  expect([read.budgets.pending, read.budgets.drained, read.replicas]).toEqual([7, 900, 1]);
});
