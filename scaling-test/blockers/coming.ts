// Why a machine does not come. Pure.

import { type ApiEvent, type ApiObject, eventTime } from "../api-server";
import { condition, fullName, isControlPlane, isRefusal, vmOf } from "../evidence";
import type { Found } from "./kinds";
import { groupStatus, type View } from "./view";

const MIN = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size";
const MAX = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";
const SILENT_SECONDS = 60;
const UPDATED = "cluster-autoscaler.kubernetes.io/last-updated";

export const annotation = (pool: ApiObject | undefined, which: "min" | "max") =>
  pool?.metadata.annotations?.[which === "min" ? MIN : MAX];

/**
 * What keeps these pods from running. `since` leaves out events of before, `now` is the time that the status
 * ConfigMap's is held against; both in milliseconds.
 */
export function whatKeepsFromComing(
  view: View,
  pods: ApiObject[],
  machineDeployment: string,
  time: { since: number; now: number },
): Found[] {
  return [
    ...silence(view, time.now),
    ...paused(view),
    ...refusals(view, pods, time.since),
    ...backOff(view, machineDeployment),
    ...view.machines.flatMap((machine) => machineBlockers(view, machine)),
    ...pods.flatMap(containerBlockers),
  ];
}

function silence({ status, flags }: View, now: number): Found[] {
  if (flags.includes("--write-status-configmap=false")) return [];
  const updated = status?.metadata.annotations?.[UPDATED];
  // Upstream writes Go's own format, "2026-01-01 10:00:00.1 +0000 UTC".
  const time = Date.parse((updated ?? "").replace(/ \+0000 UTC.*$/, "Z").replace(" ", "T"));
  if (status && (Number.isNaN(time) || now - time < SILENT_SECONDS * 1000)) return [];
  const subject = "kube-system/cluster-autoscaler-status";
  const message = status
    ? `The autoscaler has not written its status since ${updated ?? "?"}. Look at its pod's log.`
    : "The autoscaler has written no status. Look at its pod's log.";
  return [{ kind: "autoscaler-silent", subject, message, source: `ConfigMap ${subject}` }];
}

export function paused({ pool }: View): Found[] {
  const stopped =
    pool?.spec?.["paused"] === true ||
    "cluster.x-k8s.io/paused" in (pool?.metadata.annotations ?? {});
  if (!pool || !stopped) return [];
  const subject = fullName(pool);
  const message = `Pool ${subject} is paused: nothing of it comes or goes.`;
  return [{ kind: "pool-paused", subject, message, source: `MachineDeployment ${subject}` }];
}

/** The latest NotTriggerScaleUp of each pod, one blocker for each of its reasons. */
function refusals(view: View, pods: ApiObject[], since: number): Found[] {
  return pods.flatMap((pod) => {
    const events = view.events
      .filter(
        (event) =>
          event.reason === "NotTriggerScaleUp" &&
          event.involvedObject.uid === pod.metadata.uid &&
          lastTime(event) >= since,
      )
      .sort((a, b) => lastTime(a) - lastTime(b));
    const last = events.at(-1);
    if (!last || condition(pod, "PodScheduled")?.status !== "False") return [];
    const [, text = ""] = (last.message ?? "").split("pod didn't trigger scale-up: ");
    const source = `Event NotTriggerScaleUp of pod ${fullName(pod)}`;
    return text
      .split(/, (?=\d+ )/)
      .map((reason) => reason.replace(/^\d+ /, "").trim())
      .map((reason) => refusal(view, pod, reason, source));
  });
}

const lastTime = (event: ApiEvent) => Date.parse(event.lastTimestamp ?? eventTime(event));

function refusal(view: View, pod: ApiObject, reason: string, source: string): Found {
  const name = fullName(pod);
  const pool = view.pool ? fullName(view.pool) : "?";
  if (/max(imum)? .*size|max limit/i.test(reason)) {
    const max = annotation(view.pool, "max") ?? "?";
    const message = `Pool ${pool} has its maximum of ${max} machines, pod ${name} needs one more.`;
    return { kind: "pool-at-max", subject: pool, message, source };
  }
  if (/backoff/i.test(reason)) {
    const message = `The autoscaler leaves pool ${pool} alone for a while: ${reason}.`;
    return { kind: "pool-backs-off", subject: pool, message, source };
  }
  const message = `Pod ${name} fits on no machine of pool ${pool}: ${reason || "no reason given"}.`;
  return { kind: "pod-does-not-fit", subject: name, message, source };
}

function backOff(view: View, machineDeployment: string): Found[] {
  const group = groupStatus(view, machineDeployment);
  if (group?.scaleUp?.status !== "Backoff") return [];
  const { errorCode, errorMessage } = group.scaleUp.backoffInfo ?? {};
  const why = [errorCode, errorMessage].filter(Boolean).join(": ");
  const message = `The autoscaler leaves pool ${group.name} alone for a while${why ? `: ${why}` : ""}.`;
  const source = "ConfigMap kube-system/cluster-autoscaler-status";
  return [{ kind: "pool-backs-off", subject: group.name, message, source }];
}

function machineBlockers(view: View, machine: ApiObject): Found[] {
  if (machine.metadata.deletionTimestamp || machine.status?.["nodeRef"]) return [];
  const nutanix = infrastructureOf(view, machine);
  const refused = provisioning(nutanix, machine);
  if (refused) return [refused];
  const vm = vmOf(machine);
  if (!vm) return [vmPending(nutanix, machine)];
  if (view.nodes.some((node) => vmOf(node) === vm)) return [];
  const power = view.vms.find(({ extId }) => extId === vm)?.powerState ?? "not in Prism Central";
  const why = nodeCondition(machine);
  const message =
    `VM ${vm} of machine ${machine.metadata.name} is ${power}, and no Node comes of it` +
    `${why ? ` (${why})` : ""}. Look at the VM's console.`;
  const source = `Machine ${fullName(machine)}`;
  return [{ kind: "vm-does-not-boot", subject: vm, message, source }];
}

function vmPending(nutanix: ApiObject | undefined, machine: ApiObject): Found {
  const subject = machine.metadata.name;
  const own = nutanix && condition(nutanix, "VMProvisioned");
  const why = (own?.message ?? condition(machine, "InfrastructureReady")?.message)?.replace(
    /\.$/,
    "",
  );
  const message = `Machine ${subject} has no VM yet${why ? `: ${why}` : ""}.`;
  return { kind: "vm-pending", subject, message, source: `Machine ${fullName(machine)}` };
}

function nodeCondition(machine: ApiObject): string | undefined {
  const types = ["NodeReady", "NodeHealthy"];
  return types.map((type) => condition(machine, type)?.message).find((text) => text);
}

/** CAPX's word, or Cluster API's copy of it. */
function provisioning(nutanix: ApiObject | undefined, machine: ApiObject): Found | undefined {
  const why = nutanix && refusedBecause(nutanix);
  if (why === undefined) return undefined;
  const subject = machine.metadata.name;
  const message = `Prism Central does not make the VM of machine ${subject}: ${why}`;
  return { kind: "prism-refuses", subject, message, source: `NutanixMachine ${subject}` };
}

function infrastructureOf(view: View, machine: ApiObject): ApiObject | undefined {
  return view.infrastructure.find(({ metadata }) =>
    metadata.ownerReferences?.some(
      ({ kind, name }) => kind === "Machine" && name === machine.metadata.name,
    ),
  );
}

function refusedBecause(nutanix: ApiObject): string | undefined {
  const failure = nutanix.status?.["failureMessage"] as string | undefined;
  const own = condition(nutanix, "VMProvisioned");
  return failure ?? (own && isRefusal(own) ? own.message : undefined);
}

interface ContainerStatus {
  name: string;
  state?: { waiting?: { reason?: string; message?: string } };
}

function containerBlockers(pod: ApiObject): Found[] {
  const statuses = (pod.status?.["containerStatuses"] ?? []) as ContainerStatus[];
  return statuses.flatMap(({ name, state }) => {
    const { reason, message: why } = state?.waiting ?? {};
    if (!reason || reason === "ContainerCreating" || reason === "PodInitializing") return [];
    const subject = fullName(pod);
    const message = `Container ${name} of pod ${subject} waits: ${reason}${why ? `: ${why}` : ""}.`;
    return [{ kind: "pod-does-not-start", subject, message, source: `Pod ${subject}` }];
  });
}

/** Workers: everything that is no control plane. */
export const workersOf = (view: View) => view.nodes.filter((node) => !isControlPlane(node));
