// Computes a report again from what others have written down: Prism Central's task log and VMs, and the audit logs of
// the API servers. What the report's own program saw or thought counts for nothing here.

import { isControlPlane, vmOf } from "../evidence";
import type { PrismTask } from "../prism";
import type { MachineLife, ScalingTestReport } from "../report/types";
import { lifeOf } from "../round";
import type { Servers } from "../world";
import { type AuditEvent, parseAudit } from "./audit";
import { type Check, type Logs, phaseChecks, sampleChecks, scaleCheck } from "./checks";
import { figureChecks } from "./figures";

export type { Check } from "./checks";

/**
 * The audit log of the workload cluster's API servers. They write it to their standard output, so it is their pods'
 * log.
 */
export async function readWorkloadAudit(workload: Servers["workload"]): Promise<string> {
  const pods = await workload.list("/api/v1/namespaces/kube-system/pods", {
    labelSelector: "component=kube-apiserver",
  });
  const logs = pods.map(({ metadata }) =>
    workload.text(`/api/v1/namespaces/kube-system/pods/${metadata.name}/log`),
  );
  return (await Promise.all(logs)).join("\n");
}

/** Every figure of a report held against the logs. */
export async function verify(
  report: ScalingTestReport,
  servers: Pick<Servers, "workload" | "prism">,
  audit: string,
): Promise<Check[]> {
  const workload = parseAudit(audit);
  if (workload.length === 0)
    throw new Error(
      "The audit log of the workload cluster has no events. It needs a cluster made with an audit policy, and its " +
        "log of the test's time: give it with --workload-audit FILE.",
    );
  const lives = await livesOf(report, servers);
  const nodes = await servers.workload.list("/api/v1/nodes");
  const controlPlane = new Set(nodes.filter(isControlPlane).map(({ metadata }) => metadata.name));
  const logs: Logs = { controlPlane, workload, tasks: await tasksOf(report, servers), lives };
  return [
    ...report.phases.flatMap((phase) => phaseChecks(phase, logs)),
    ...report.rounds.flatMap(({ round, asked, released }) => [
      ...(asked ? [scaleCheck(`rounds[${round}].asked`, asked, logs)] : []),
      ...(released ? [scaleCheck(`rounds[${round}].released`, released, logs)] : []),
    ]),
    ...machineCounts(report, workload),
    ...sampleChecks(report, logs),
    ...figureChecks(report, lives),
  ];
}

/** Workers of the report and those that carry the category now, by Prism Central's tasks. */
async function livesOf(
  report: ScalingTestReport,
  { workload, prism }: Pick<Servers, "workload" | "prism">,
): Promise<MachineLife[]> {
  const nodes = await workload.list("/api/v1/nodes");
  const controlPlane = new Set(nodes.filter(isControlPlane).map(vmOf));
  const named = report.rounds.flatMap(({ machines }) => machines);
  const { vms } = await prism.clusterVms(report.cluster);
  const others = vms
    .filter(({ extId }) => !controlPlane.has(extId) && !named.some(({ vm }) => vm === extId))
    .map(({ extId, name }) => ({ vm: extId, machine: name, node: name }));
  return Promise.all(
    [...named, ...others].map(async ({ vm, machine, node }) =>
      lifeOf({ vm, machine, node }, await prism.tasksOf(vm)),
    ),
  );
}

async function tasksOf(
  report: ScalingTestReport,
  { prism }: Pick<Servers, "prism">,
): Promise<Map<string, PrismTask>> {
  const evidence = report.phases.flatMap((phase) => phase.evidence);
  const ids = evidence.filter(({ kind }) => kind === "Task").map(({ name }) => name);
  const found = await Promise.all(ids.map(async (id) => [id, await prism.task(id)] as const));
  return new Map(found.flatMap(([id, task]) => (task ? [[id, task] as const] : [])));
}

/** As many Nodes joined in each round as it has machines. */
function machineCounts(report: ScalingTestReport, workload: AuditEvent[]): Check[] {
  return report.rounds.flatMap(({ round, asked, released, machines }) => {
    if (!asked || !released) return [];
    const [from, to] = [Date.parse(asked.time) - 1000, Date.parse(released.time) + 1000];
    const joined = new Set(
      workload
        .filter(({ verb, objectRef }) => verb === "create" && objectRef?.resource === "nodes")
        .filter(({ objectRef }) => objectRef?.subresource === undefined)
        .filter(({ stageTimestamp }) => within(stageTimestamp, from, to))
        .map(({ requestObject }) => requestObject?.metadata?.name),
    );
    return [
      {
        figure: `rounds[${round}].machines.length`,
        reported: String(machines.length),
        recomputed: String(joined.size),
        agrees: joined.size === machines.length,
        source: "audit log of the workload cluster",
      },
    ];
  });
}

const within = (time: string, from: number, to: number) =>
  Date.parse(time) >= from && Date.parse(time) <= to;
