// One check for each figure that the report rests on: what it says, what the logs say. Pure.

import type { PrismTask } from "../prism";
import type { Evidence, MachineLife, Phase, Sample, ScalingTestReport } from "../report/types";
import {
  about,
  type AuditEvent,
  conditionTimes,
  deletionTimes,
  eventTimes,
  workerNodes,
} from "./audit";

export interface Check {
  /** Where it stands in the file, "phases[1 node-ready].evidence[0].time". */
  figure: string;
  reported: string;
  recomputed: string;
  agrees: boolean;
  /** Which log says so. */
  source: string;
}

/** What the checks are made against. */
export interface Logs {
  /** Names of control plane Nodes: kubeadm marks them after they have joined. */
  controlPlane?: ReadonlySet<string>;
  workload: AuditEvent[];
  /** Tasks by id, of those that the report names and Prism Central still has. */
  tasks: Map<string, PrismTask>;
  /** Every worker VM that was there, by Prism Central's tasks. */
  lives: Pick<MachineLife, "vm" | "createdAt" | "deletedAt">[];
}

const WORKLOAD = "audit log of the workload cluster";
const PRISM = "Prism Central's task log";
/** Clocks of several machines, and sources with whole seconds. */
const TOLERANCE = 2000;

const missing = "nothing";

/** Checks of all evidence of a phase. */
export function phaseChecks(phase: Phase, logs: Logs): Check[] {
  return phase.evidence.map((evidence, index) => ({
    figure: `phases[${phase.round} ${phase.name}].evidence[${index}].time`,
    ...checkOf(evidence, logs),
  }));
}

type Outcome = Omit<Check, "figure">;

function checkOf(evidence: Evidence, logs: Logs): Outcome {
  const makers: Record<string, (evidence: Evidence, logs: Logs) => Outcome> = {
    Pod: podCheck,
    Node: nodeCheck,
    Event: (item, { workload }) => oneOf(item.time, eventTimes(workload, item.name), WORKLOAD),
    Task: taskCheck,
    "HTTP response": answerCheck,
    "VM list": zeroCheck,
  };
  const make = makers[evidence.kind];
  if (make) return make(evidence, logs);
  const source = `no log tells of a ${evidence.kind}`;
  return { reported: evidence.time, recomputed: missing, agrees: false, source };
}

const same = (a: string, b: string) => Date.parse(a) === Date.parse(b);

/** The reported time has to be one of those that the log has. */
function oneOf(time: string, times: string[], source: string): Outcome {
  const found = times.find((item) => same(item, time));
  return {
    reported: time,
    recomputed: found ?? times[0] ?? missing,
    agrees: found !== undefined,
    source,
  };
}

function podCheck(evidence: Evidence, { workload }: Logs): Outcome {
  const wanted = { type: "Ready", status: "True" };
  return oneOf(evidence.time, conditionTimes(workload, "pods", evidence.name, wanted), WORKLOAD);
}

function nodeCheck(evidence: Evidence, { workload }: Logs): Outcome {
  const wanted = { type: "Ready", status: "True" };
  return oneOf(evidence.time, conditionTimes(workload, "nodes", evidence.name, wanted), WORKLOAD);
}

function taskCheck(evidence: Evidence, { tasks }: Logs): Outcome {
  const task = tasks.get(evidence.name);
  const isOfVm = task?.entitiesAffected?.some(({ extId }) => extId === evidence.uid) === true;
  const counts = task?.status === "SUCCEEDED" && isOfVm;
  return oneOf(evidence.time, counts && task.completedTime ? [task.completedTime] : [], PRISM);
}

/** The request with this nonce was answered at that time, by the API server's own record. */
function answerCheck(evidence: Evidence, { workload }: Logs): Outcome {
  const nonce = /nonce (\S+)/.exec(evidence.detail ?? "")?.[1] ?? "no nonce";
  const request = about(workload, "services/proxy").find(({ requestURI }) =>
    requestURI.includes(nonce),
  );
  const time = Date.parse(evidence.time);
  const agrees =
    request !== undefined &&
    time >= Date.parse(request.requestReceivedTimestamp) - TOLERANCE &&
    time <= Date.parse(request.stageTimestamp) + TOLERANCE;
  const recomputed = request ? request.stageTimestamp : missing;
  return { reported: evidence.time, recomputed, agrees, source: WORKLOAD };
}

/** At that time no worker VM was there. */
function zeroCheck(evidence: Evidence, { lives }: Logs): Outcome {
  const time = Date.parse(evidence.time);
  const there = lives.filter(
    ({ createdAt, deletedAt }) =>
      Date.parse(createdAt) < time - TOLERANCE &&
      (deletedAt === undefined || Date.parse(deletedAt) > time + TOLERANCE),
  );
  const vms = there.map(({ vm }) => vm).join(", ");
  return {
    reported: "0 worker VMs",
    recomputed: `${there.length} worker VMs${vms ? ` (${vms})` : ""}`,
    agrees: there.length === 0,
    source: `${PRISM} and its VMs by category`,
  };
}

/** When replicas were asked for and given back. */
export function scaleCheck(figure: string, evidence: Evidence, { workload }: Logs): Check {
  const replicas = Number(/replicas (\d+)/.exec(evidence.detail ?? "")?.[1]);
  const time = Date.parse(evidence.time);
  const times = about(workload, "deployments/scale", evidence.name)
    .filter(({ requestObject }) => requestObject?.spec?.replicas === replicas)
    .map(({ stageTimestamp }) => stageTimestamp);
  const found = times.find((item) => Math.abs(Date.parse(item) - time) <= TOLERANCE);
  return {
    figure,
    reported: `${evidence.time}, replicas ${replicas}`,
    recomputed: found ?? times[0] ?? missing,
    agrees: found !== undefined,
    source: WORKLOAD,
  };
}

interface Span {
  from: number;
  to: number;
}

const span = (from: string, to: string | undefined): Span => ({
  from: Date.parse(from),
  to: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to),
});

/** Every count that there was within the tolerance of a time. */
export function countsAround(spans: Span[], time: number): Set<number> {
  const [first, last] = [time - TOLERANCE, time + TOLERANCE];
  const edges = spans.flatMap(({ from, to }) => [from, to]).filter((at) => at > first && at < last);
  const moments = [first, ...edges, last];
  return new Set(
    moments.map((moment) => spans.filter(({ from, to }) => from <= moment && moment < to).length),
  );
}

/** The counts of each sample, from spans in which VMs, Nodes and pods were there. */
export function sampleChecks(report: ScalingTestReport, logs: Logs): Check[] {
  const { workload, lives } = logs;
  const workers = workerNodes(workload).filter((name) => logs.controlPlane?.has(name) !== true);
  const nodes = workers.map((name) => ({
    made: about(workload, "nodes").find(
      ({ verb, requestObject }) => verb === "create" && requestObject?.metadata?.name === name,
    )?.stageTimestamp,
    ready: conditionTimes(workload, "nodes", name, { type: "Ready", status: "True" })[0],
    gone: deletionTimes(workload, "nodes", name)[0],
  }));
  const spans: [keyof Omit<Sample, "time">, string, Span[]][] = [
    ["vms", PRISM, lives.map(({ createdAt, deletedAt }) => span(createdAt, deletedAt))],
    ["nodes", WORKLOAD, nodes.flatMap(({ made, gone }) => (made ? [span(made, gone)] : []))],
    [
      "readyNodes",
      WORKLOAD,
      nodes.flatMap(({ ready, gone }) => (ready ? [span(ready, gone)] : [])),
    ],
  ];
  return report.samples.flatMap((sample, index) =>
    spans.map(([count, source, there]) => {
      const possible = countsAround(there, Date.parse(sample.time));
      return {
        figure: `samples[${index}].${count}`,
        reported: String(sample[count]),
        recomputed: [...possible].join(" or "),
        agrees: possible.has(sample[count]),
        source,
      };
    }),
  );
}
