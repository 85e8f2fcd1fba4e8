// The state files that kubelet-streams reads, STATE/NAMESPACE_NAME.json; they also tell the node's next life
// which processes this one has started.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessId } from "../shared/process";
import { endGroup } from "./container-process";
import type { PodRunner } from "./pod-runner";
import type { ContainerRunner } from "./container-runner";

interface StateFile {
  containers: { pid: number; start?: string }[];
}

export class PodStates {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Ends what an earlier life left running and forgets it. */
  endLeftovers(): void {
    for (const name of readdirSync(this.folder)) {
      const file = join(this.folder, name);
      for (const { pid, start } of readState(file).containers)
        if (start !== undefined) endGroup({ pid, start } satisfies ProcessId);
      rmSync(file, { force: true });
    }
  }

  write(runner: PodRunner): void {
    const { context, init, app } = runner;
    const { name, namespace = "default", uid } = context.pod.metadata;
    const state = {
      namespace,
      name,
      uid,
      loopback: context.address.loopback,
      ports: context.ports,
      containers: [...init, ...app].map(containerState),
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

function containerState(container: ContainerRunner): Record<string, unknown> {
  const { record, process, programs, logFile, previousLogFile } = container;
  return {
    name: record.name,
    id: record.id ?? "",
    pid: process?.id.pid ?? 0,
    start: process?.id.start,
    logFile: logFile ?? "",
    previousLogFile: previousLogFile ?? "",
    programs,
  };
}

function readState(file: string): StateFile {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StateFile;
  } catch {
    return { containers: [] };
  }
}
