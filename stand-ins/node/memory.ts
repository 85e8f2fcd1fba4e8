// What is known of a pod that ran before this process did: by the node's own state file, else by the pod's status.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../shared/process";
import { isSidecar } from "./restart-policy";
import type { ContainerMemory, ContainerRecord, Pod, Terminated } from "./types";

export interface PodMemory {
  startTime: string;
  containers: Record<string, ContainerMemory>;
  /** containerPort -> the port on 127.0.0.1 that a program was given. */
  ports: Record<string, number>;
  failure?: { reason: string; message: string };
  /** Nothing of it runs any more, and nothing will. */
  finished?: boolean;
}

/** What is left of a pod's containers after this node's process, or the whole machine, has ended. */
export type Survival = "some run" | "ended orderly" | "all lost";

/** Looks at the shims: those of a machine that went down left no word of their containers' end. */
export function survivalOf({ containers }: PodMemory): Survival {
  const runs = Object.values(containers).flatMap(({ run }) => (run ? [run] : []));
  if (runs.some(isRunning)) return "some run";
  const lost = runs.some(({ folder }) => !existsSync(join(folder, "exit.json")));
  return lost ? "all lost" : "ended orderly";
}

/** After the machine went down a pod begins anew: its init containers run again, its ports are others. */
export function begunAnew(memory: PodMemory, pod: Pod): PodMemory {
  const containers = { ...memory.containers };
  for (const container of pod.spec.initContainers ?? []) {
    const known = containers[container.name];
    if (!known || isSidecar(container)) continue;
    const restarts = known.record.id === undefined ? 0 : known.record.restarts + 1;
    const state = { kind: "waiting", reason: "PodInitializing" } as const;
    const record = { ...fresh(container.name, restarts), state };
    containers[container.name] = { ...known, run: undefined, record };
  }
  return { ...memory, containers, ports: {} };
}

function fresh(name: string, restarts: number): Omit<ContainerRecord, "state"> {
  return { name, restarts, started: false, ready: false };
}

interface StatusView {
  name: string;
  restartCount: number;
  containerID?: string;
  imageID?: string;
  state?: { running?: { startedAt?: string }; terminated?: Terminated };
  lastState?: { terminated?: Terminated };
}

/** A pod that the API server knows as started, but this node has no file of: its containers are gone. */
export function memoryOfStatus({ status, spec }: Pod): PodMemory | undefined {
  const known = (status?.containerStatuses ?? []) as unknown as StatusView[];
  if (!known.some(({ containerID }) => containerID)) return undefined;
  const init = (status?.initContainerStatuses ?? []) as unknown as StatusView[];
  const memory: PodMemory = {
    startTime: status?.startTime ?? "",
    containers: Object.fromEntries(
      [...init, ...known].map((each) => [each.name, { record: recordOf(each), programs: {} }]),
    ),
    ports: {},
  };
  return begunAnew(memory, { metadata: { name: "" }, spec });
}

function recordOf(status: StatusView): ContainerRecord {
  const { name, restartCount, containerID, state, lastState } = status;
  const record = { ...fresh(name, restartCount), id: containerID, imageId: status.imageID };
  const last = lastState?.terminated;
  if (state?.terminated)
    return { ...record, last, state: { kind: "terminated", end: state.terminated } };
  if (!state?.running)
    return { ...record, last, state: { kind: "waiting", reason: "ContainerCreating" } };
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const end: Terminated = {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: "The container could not be located when the pod was terminated",
    startedAt: state.running.startedAt ?? now,
    finishedAt: now,
    containerID,
  };
  return { ...record, last, state: { kind: "terminated", end } };
}
