import { report, type Evidence } from "../../scaling-test/report";
import { DEFAULT_BUDGETS, PHASES, readSettings } from "../../scaling-test/settings";

const at = (second: number, kind = "Pod"): Evidence => ({
  kind,
  name: "x",
  time: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
});

const everything = Object.fromEntries(PHASES.map((name, index) => [name, [at(index)]]));
const settings = { cluster: "lab", replicas: 1, budgets: DEFAULT_BUDGETS };

test("a run in which every phase was seen in time passes, with times from the evidence", () => {
  const result = report(settings, everything, []);
  expect(result.passed).toBe(true);
  expect(result.failures).toEqual([]);
  expect(result.phases.map((phase) => [phase.name, phase.seconds])).toEqual(
    PHASES.map((name, index) => [name, index === 0 ? 0 : 1]),
  );
  expect(result.scaleFromZeroSeconds).toBe(5);
});

test("a phase counts from its latest evidence", () => {
  const result = report(settings, { ...everything, "vm-created": [at(3), at(3.5), at(1)] }, []);
  expect(result.phases[3]).toEqual({
    name: "vm-created",
    time: at(3.5).time,
    seconds: 1.5,
    budgetSeconds: 120,
    withinBudget: true,
    evidence: [at(3), at(3.5), at(1)],
  });
});

test("a phase that was not seen fails the run and is named", () => {
  const rest = Object.fromEntries(Object.entries(everything).filter(([name]) => name !== "zero"));
  const result = report(settings, rest, []);
  expect([result.passed, result.failures]).toEqual([false, ["Phase zero was not seen."]]);
});

test("a phase over its budget fails the run and says by how much", () => {
  const budgets = { ...DEFAULT_BUDGETS, decision: 0.5 };
  const result = report({ ...settings, budgets }, everything, []);
  expect(result.failures).toEqual(["Phase decision took 1 s, its budget is 0.5 s."]);
  expect(result.passed).toBe(false);
});

test("settings name everything that is missing", () => {
  expect(() => readSettings('{"cluster":"a","namespace":"b"}')).toThrow(
    "SCALING_TEST lacks machineDeployment, workload, prismCentral, report.",
  );
  expect(() => readSettings(undefined)).toThrow("SCALING_TEST is not set");
});
