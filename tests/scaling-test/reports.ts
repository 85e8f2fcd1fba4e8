// Reports for tests: rounds in which everything was seen, with times of one's own.

import { budgetsOf, PHASES, type PhaseName } from "../../scaling-test/budgets";
import { type Evidence, report, type SeenRound } from "../../scaling-test/report";

export const at = (second: number) =>
  new Date(Date.UTC(2026, 0, 1, 10) + second * 1000).toISOString();

export const seen = (second: number, detail?: string, kind = "Pod"): Evidence => ({
  kind,
  name: "sample/hello-1",
  uid: "uid-1",
  time: at(second),
  ...(detail ? { detail } : {}),
});

const VM = "7f3c2f1e-0000-4000-8000-00000000000";

/** A round that begins at a second: VM asked for after 2 s, created after 3, on after 4.5, deleted after 15. */
export function wholeRound(start: number, replicas = 1): SeenRound {
  const machines = Array.from({ length: replicas }, (_, index) => ({
    machine: `lab-wmd-${index}`,
    node: `lab-wmd-${index}`,
    vm: `${VM}${start % 10}${index}`,
    requestedAt: at(start + 2),
    createdAt: at(start + 3),
    powerOnRequestedAt: at(start + 3.5),
    poweredOnAt: at(start + 4.5),
    deletedAt: at(start + 15),
  }));
  const details = machines.map(({ vm }) => `providerID nutanix://${vm}`);
  const each = (second: number, kind: string) =>
    details.map((detail) => seen(start + second, detail, kind));
  return {
    replicas,
    asked: { kind: "Scale", name: "sample/hello", time: at(start), detail: `replicas ${replicas}` },
    released: { kind: "Scale", name: "sample/hello", time: at(start + 8), detail: "replicas 0" },
    machines,
    seen: {
      idle: [seen(start, "1 VMs, all of the control plane; 1 Nodes, no worker", "VM list")],
      pending: each(1, "Event"),
      decision: [seen(start + 1.5, "pod triggered scale-up", "Event")],
      "vm-created": each(3, "Task"),
      "node-ready": each(6, "Node"),
      running: each(7, "Pod"),
      answering: each(7.5, "HTTP response"),
      drained: each(14, "Event"),
      "vm-deleted": each(15, "Task"),
      zero: [seen(start + 16, "1 VMs, all of the control plane; 1 Nodes, no worker", "VM list")],
    },
  };
}

export const settings = {
  cluster: "lab",
  namespace: "default",
  machineDeployment: "lab-wmd",
  profile: "lab-fast" as const,
  budgets: budgetsOf("lab-fast"),
  blockers: [],
  failures: [],
};

const counts = (second: number, vms: number, ready: number, pods: number) => ({
  time: at(second),
  vms,
  nodes: vms,
  readyNodes: ready,
  pods,
  readyPods: Math.min(ready, pods),
});

/** 0 -> 3 -> 0 -> 1 -> 0 in 37 seconds. */
export const passedReport = () =>
  report(
    {
      ...settings,
      replicas: 3,
      samples: [
        counts(0, 0, 0, 0),
        counts(1, 0, 0, 3),
        counts(3, 3, 0, 3),
        counts(6, 3, 3, 3),
        counts(8, 3, 3, 0),
        counts(15, 0, 0, 0),
        counts(21, 0, 0, 1),
        counts(24, 1, 0, 1),
        counts(27, 1, 1, 1),
        counts(29, 1, 1, 0),
        counts(35, 0, 0, 0),
        counts(37, 0, 0, 0),
      ],
    },
    [wholeRound(0, 3), wholeRound(21)],
  );

/** A pool at its maximum, and a phase over its budget. */
export function failedReport() {
  const whole = wholeRound(0);
  const names: PhaseName[] = PHASES.slice(0, 2);
  const left = Object.fromEntries(names.map((name) => [name, whole.seen[name]]));
  const message =
    "Pool default/lab-wmd has its maximum of 3 machines, pod sample/hello-1 needs one more.";
  const source = "Event NotTriggerScaleUp of pod sample/hello-1";
  return report(
    {
      ...settings,
      budgets: budgetsOf("lab-fast", { pending: 0.5 }),
      replicas: 4,
      samples: [counts(0, 0, 0, 0), counts(1, 0, 0, 4)],
      failures: [`Waiting for phase decision of round 1 failed after 15 s: ${message} <script>`],
      blockers: [
        {
          round: 1,
          phase: "decision",
          kind: "pool-at-max",
          subject: "default/lab-wmd",
          message,
          source,
        },
      ],
    },
    [{ replicas: 4, seen: left, asked: whole.asked!, machines: [] }],
  );
}
