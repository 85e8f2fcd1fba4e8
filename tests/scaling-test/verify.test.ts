import { parseAudit, type AuditEvent } from "../../scaling-test/verify/audit";
import {
  type Check,
  countsAround,
  type Logs,
  phaseChecks,
  sampleChecks,
} from "../../scaling-test/verify/checks";
import { figureChecks } from "../../scaling-test/verify/figures";
import type { Evidence, Phase } from "../../scaling-test/report";
import { at, passedReport } from "./reports";

const WHEN = "2026-01-01T10:00:05Z";

const audit = (more: object): AuditEvent => ({
  stage: "ResponseComplete",
  verb: "patch",
  requestURI: "/",
  responseStatus: { code: 200 },
  requestReceivedTimestamp: "2026-01-01T10:00:05.100000Z",
  stageTimestamp: "2026-01-01T10:00:05.200000Z",
  ...more,
});

const condition = (resource: string, name: string, more: object) =>
  audit({
    objectRef: {
      resource,
      subresource: "status",
      name,
      ...(resource === "pods" ? { namespace: "sample" } : {}),
    },
    requestObject: { status: { conditions: [{ lastTransitionTime: WHEN, ...more }] } },
  });

const logs = (more: Partial<Logs> = {}): Logs => ({
  workload: [],
  tasks: new Map(),
  lives: [],
  ...more,
});

const phase = (name: Phase["name"], evidence: Evidence): Phase => ({
  round: 1,
  name,
  time: evidence.time,
  since: "",
  seconds: 0,
  budgetSeconds: 1,
  withinBudget: true,
  evidence: [evidence],
});

const only = (checks: Check[]) => checks[0]!;
const verdict = (name: Phase["name"], evidence: Evidence, with_: Logs) => {
  const { agrees, recomputed } = only(phaseChecks(phase(name, evidence), with_));
  return [agrees, recomputed];
};

test("audit events are read out of a log that has other lines, failed requests left out", () => {
  const line = (code: number) =>
    JSON.stringify({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      ...audit({ responseStatus: { code } }),
    });
  const text = ["I0101 10:00:00 serving", line(200), line(409), line(200).slice(0, 60)].join("\n");
  expect(parseAudit(text)).toHaveLength(1);
});

test("a pod's time is the one that its kubelet wrote", () => {
  const pod = { kind: "Pod", name: "sample/hello-1", uid: "u", time: WHEN };
  const ready = condition("pods", "hello-1", { type: "Ready", status: "True" });
  const unready = condition("pods", "hello-1", { type: "Ready", status: "False" });
  expect(verdict("running", pod, logs({ workload: [ready] }))).toEqual([true, WHEN]);
  const moved = { ...pod, time: "2026-01-01T10:00:04Z" };
  expect(verdict("running", moved, logs({ workload: [ready] }))).toEqual([false, WHEN]);
  expect(verdict("running", pod, logs({ workload: [unready] }))).toEqual([false, "nothing"]);
  expect(verdict("running", { ...pod, name: "sample/other" }, logs({ workload: [ready] }))).toEqual(
    [false, "nothing"],
  );
});

test("a node's, an event's and a task's time are those of their logs", () => {
  const node = { kind: "Node", name: "worker", time: WHEN };
  const ready = condition("nodes", "worker", { type: "Ready", status: "True" });
  expect(verdict("node-ready", node, logs({ workload: [ready] }))).toEqual([true, WHEN]);
  const written = audit({
    verb: "create",
    objectRef: { resource: "events", namespace: "sample" },
    requestObject: { metadata: { name: "hello.1", namespace: "sample" }, firstTimestamp: WHEN },
  });
  const event = { kind: "Event", name: "sample/hello.1", time: WHEN };
  expect(verdict("decision", event, logs({ workload: [written] }))).toEqual([true, WHEN]);
  const task = {
    extId: "task-1",
    operation: "kVmCreate",
    status: "SUCCEEDED",
    createdTime: at(2),
    completedTime: at(3),
    entitiesAffected: [{ extId: "vm-1" }],
  };
  const made = { kind: "Task", name: "task-1", uid: "vm-1", time: at(3) };
  const tasks = new Map([["task-1", task]]);
  expect(verdict("vm-created", made, logs({ tasks }))).toEqual([true, at(3)]);
  expect(verdict("vm-created", { ...made, uid: "vm-2" }, logs({ tasks }))).toEqual([
    false,
    "nothing",
  ]);
  expect(verdict("vm-created", made, logs())).toEqual([false, "nothing"]);
});

test("an answer was a request with its nonce, at its time", () => {
  const workload = [
    audit({
      verb: "get",
      objectRef: { resource: "services", subresource: "proxy" },
      requestURI: "/x/proxy/?nonce=n-1",
    }),
  ];
  const answer = {
    kind: "HTTP response",
    name: "s",
    time: "2026-01-01T10:00:05.150Z",
    detail: "nonce n-1 answered",
  };
  const said = "2026-01-01T10:00:05.200000Z";
  expect(verdict("answering", answer, logs({ workload }))).toEqual([true, said]);
  expect(verdict("answering", { ...answer, time: at(20) }, logs({ workload }))).toEqual([
    false,
    said,
  ]);
  expect(verdict("answering", { ...answer, detail: "nonce n-2" }, logs({ workload }))).toEqual([
    false,
    "nothing",
  ]);
});

test("zero is no worker VM at that time", () => {
  const zero = { kind: "VM list", name: "category", time: at(20) };
  const lives = [{ vm: "vm-1", createdAt: at(3), deletedAt: at(15) }];
  expect(verdict("zero", zero, logs({ lives }))).toEqual([true, "0 worker VMs"]);
  const left = [{ vm: "vm-1", createdAt: at(3) }];
  expect(verdict("zero", zero, logs({ lives: left }))).toEqual([false, "1 worker VMs (vm-1)"]);
});

test("counts may be those of two seconds before or after", () => {
  const spans = [{ from: 10_000, to: 20_000 }];
  expect([...countsAround(spans, 5_000)]).toEqual([0]);
  expect([...countsAround(spans, 9_000)]).toEqual([0, 1]);
  expect([...countsAround(spans, 15_000)]).toEqual([1]);
});

test("a sample with another count is named", () => {
  const report = passedReport();
  const lives = report.rounds.flatMap(({ machines }) => machines);
  const vms = (file: typeof report) =>
    sampleChecks(file, logs({ lives })).filter(
      ({ figure, agrees }) => figure.endsWith(".vms") && !agrees,
    );
  expect(vms(report)).toEqual([]);
  const samples = report.samples.map((sample, index) =>
    index === 3 ? { ...sample, vms: 2 } : sample,
  );
  expect(
    vms({ ...report, samples }).map(({ figure, reported, recomputed }) => [
      figure,
      reported,
      recomputed,
    ]),
  ).toEqual([["samples[3].vms", "2", "3"]]);
});

describe("figures that follow from evidence", () => {
  const report = passedReport();
  const lives = report.rounds.flatMap(({ machines }) => machines);
  const differing = (file: typeof report) =>
    figureChecks(file, lives)
      .filter(({ agrees }) => !agrees)
      .map(({ figure, reported, recomputed }) => [figure, reported, recomputed]);

  test("agree in an honest report", () => {
    expect(differing(report)).toEqual([]);
  });

  test("are named when one was changed", () => {
    expect(differing({ ...report, scaleFromZeroSeconds: 1 })).toEqual([
      ["scaleFromZeroSeconds", "1", "6.5"],
    ]);
    const phases = report.phases.map((item, index) =>
      index === 2 ? { ...item, seconds: 0.1 } : item,
    );
    expect(differing({ ...report, phases })).toEqual([
      ["phases[1 decision].seconds", "0.1", "0.5"],
    ]);
    const savings = { ...report.savings!, savedVmHours: 9 };
    expect(differing({ ...report, savings })).toEqual([["savings.savedVmHours", "9", "0.0175"]]);
    expect(differing({ ...report, passed: false })).toEqual([["passed", "false", "true"]]);
  });

  test("machines' times are Prism Central's, not the file's", () => {
    const [first, ...others] = report.rounds;
    const [machine, ...rest] = first!.machines;
    const rounds = [
      { ...first!, machines: [{ ...machine!, deletedAt: at(9) }, ...rest] },
      ...others,
    ];
    expect(differing({ ...report, rounds })).toContainEqual([
      "rounds[0].machines[0].deletedAt",
      JSON.stringify(at(9)),
      JSON.stringify(at(15)),
    ]);
  });
});
