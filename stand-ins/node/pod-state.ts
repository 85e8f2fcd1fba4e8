// The state files STATE/NAMESPACE_NAME.json: kubelet-streams finds containers by them, and the node's next life the
// pods that this one has started.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PodMemory } from "./memory";
import type { PodRunner } from "./pod-runner";
import { endShim } from "./shim";
import type { ContainerMemory, Pod, PodAddress } from "./types";

/** A pod of an earlier life. */
export interface Remembered {
  pod: Pod;
  address: PodAddress;
  isStatic: boolean;
  memory: PodMemory;
  file: string;
}

export class PodStates {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** The pods of an earlier life by their uid. A file that cannot be read is removed. */
  load(): Map<string, Remembered> {
    const found = new Map<string, Remembered>();
    for (const name of readdirSync(this.folder)) {
      const file = join(this.folder, name);
      const remembered = name.endsWith(".json") ? readState(file) : undefined;
      if (remembered) found.set(remembered.pod.metadata.uid ?? "", remembered);
      else rmSync(file, { force: true });
    }
    return found;
  }

  /** Ends what still runs of a pod that is not wanted any more. */
  discard({ memory, file }: Remembered): void {
    for (const { run } of Object.values(memory.containers)) if (run) endShim(run);
    rmSync(file, { force: true });
  }

  write(runner: PodRunner, isStatic: boolean): void {
    const { context, init, app } = runner;
    const { name, namespace = "default", uid } = context.pod.metadata;
    const memory = runner.memory();
    const state = {
      namespace,
      name,
      uid,
      loopback: context.address.loopback,
      ports: context.ports,
      containers: [...init, ...app].map((container) => streamsView(container.memory())),
      remembered: { pod: runner.pod, address: context.address, isStatic, memory },
    };
    const file = this.fileOf(runner);
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  }

  remove(runner: PodRunner): void {
    rmSync(this.fileOf(runner), { force: true });
  }

  private fileOf({ context }: PodRunner): string {
    const { name, namespace = "default" } = context.pod.metadata;
    return join(this.folder, `${namespace}_${name}.json`);
  }
}

// A container that runs no more is read at its last log, as long as it has been started once.
function streamsView(memory: ContainerMemory): Record<string, unknown> {
  const { record, run, logFile, previousLogFile, programs } = memory;
  const { state } = record;
  return {
    name: record.name,
    id: record.id ?? "",
    pid: run?.pid ?? 0,
    dir: run?.folder ?? "",
    waiting: state.kind === "waiting" ? state.reason : "",
    logFile: logFile ?? "",
    previousLogFile: previousLogFile ?? "",
    programs,
  };
}

function readState(file: string): Remembered | undefined {
  try {
    const state = JSON.parse(readFileSync(file, "utf8")) as { remembered?: Remembered };
    return state.remembered && { ...state.remembered, file };
  } catch {
    return undefined;
  }
}
