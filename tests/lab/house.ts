// A lab of its own for a test: the `lab` command run as a person runs it, and what a person asks of it.

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { currentLab, type Lab } from "../../lab/lab";
import { labProcesses } from "../../lab/processes";
import { writeStackCopy } from "../../lab/stack-settings";
import { runTypeScript } from "../../toolchain/typescript";

export interface House {
  lab: Lab;
  folder: string;
  environment: NodeJS.ProcessEnv;
}

/**
 * A lab in a temporary folder on the given slot. Its cache is a link to the real one, so that a test may
 * take it away by renaming the link.
 */
export function makeHouse(slot: number, extra: NodeJS.ProcessEnv = {}): House {
  const folder = mkdtempSync(path.join(tmpdir(), "lab-house-"));
  const cache = path.join(folder, "cache");
  symlinkSync(currentLab().cache, cache);
  const environment = {
    ...process.env,
    LAB_SLOT: String(slot),
    LAB_DIR: path.join(folder, "lab"),
    LAB_CACHE: cache,
    ...extra,
  };
  return { lab: currentLab(environment), folder, environment };
}

const ARGUMENTS = [...runTypeScript, "lab/main.ts"];

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** Runs a lab command to its end. */
export function runLab(house: House, ...args: string[]): Result {
  return ran(house, process.execPath, [...ARGUMENTS, ...args]);
}

function ran(house: House, file: string, args: string[]): Result {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: house.lab.repository,
    env: house.environment,
    encoding: "utf8",
    timeout: 300_000,
  });
  return { status, stdout, stderr, seconds: (performance.now() - start) / 1000 };
}

/** The same in a network of its own, which has loopback and nothing else. Where the system forbids that, in the usual one. */
export function runLabOffline(house: House, ...args: string[]): Result {
  const alone = ["--user", "--map-root-user", "--net", "--", "/bin/sh", "-c"];
  const allowed = spawnSync("unshare", [...alone, LOOPBACK]).status === 0;
  if (!allowed) return runLab(house, ...args);
  const command = [process.execPath, ...ARGUMENTS, ...args];
  return ran(house, "unshare", [...alone, `${LOOPBACK} && exec "$@"`, "sh", ...command]);
}

/** Brings loopback up. */
const LOOPBACK = "ip link set lo up";

/** Brings the lab up; throws what it said when that fails. */
export function up(house: House): void {
  const { status, stdout, stderr } = runLab(house, "up");
  if (status !== 0) throw new Error(stdout + stderr);
}

/** Changes the stack's settings before the lab is there. */
export function editSettings(house: House, change: (text: string) => string): void {
  mkdirSync(house.lab.directory, { recursive: true });
  const file = writeStackCopy(house.lab, "dev");
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

/** Builds a node image from the lab's own programs; `variables` are further ones of the recipe. */
export function buildImage(
  house: House,
  output: string,
  variables: Record<string, string> = {},
): void {
  const { directory, repository } = house.lab;
  const all = {
    programs_dir: path.join(directory, "bin"),
    stand_ins_dir: path.join(directory, "dist"),
    kubernetes_version: "v1.36.3",
    output,
    ...variables,
  };
  const flags = Object.entries(all).flatMap(([key, value]) => ["-var", `${key}=${value}`]);
  program(house, "packer", "build", ...flags, path.join(repository, "packer", "embedded"));
}

/** Runs a lab command to its end while others run. */
export async function runLabBeside(
  house: House,
  ...args: string[]
): Promise<Pick<Result, "status" | "stderr">> {
  const child = spawn(process.execPath, [...ARGUMENTS, ...args], {
    cwd: house.lab.repository,
    env: house.environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { stderr, status };
}

/** Starts a lab command and lets it run. */
export function startLab(house: House, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [...ARGUMENTS, ...args], {
    cwd: house.lab.repository,
    env: house.environment,
    stdio: "ignore",
  });
}

/** Runs one of the lab's programs, for five minutes at most, and answers its stdout. */
export function program(house: House, name: string, ...args: string[]): string {
  return execFileSync(path.join(house.lab.directory, "bin", name), args, {
    env: house.environment,
    encoding: "utf8",
    timeout: 320_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}

const kubeconfig = (house: House, which: "management" | "workload") =>
  path.join(house.lab.directory, which === "management" ? "kubeconfig" : "workload-kubeconfig");

export function kubectl(house: House, which: "management" | "workload", ...args: string[]): string {
  return program(house, "kubectl", "--kubeconfig", kubeconfig(house, which), ...args);
}

export function kubectlJson(
  house: House,
  which: "management" | "workload",
  ...args: string[]
): unknown {
  return JSON.parse(kubectl(house, which, ...args, "-o", "json"));
}

/** Applies objects of the workload or the management cluster. */
export function applyObjects(
  house: House,
  which: "management" | "workload",
  items: object[],
): void {
  const file = path.join(house.folder, "objects.json");
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  kubectl(house, which, "apply", "-f", file);
}

/** The autoscaler's Deployment, as flags of kubectl, and its command. */
export function autoscaler(house: House): { deployment: string[]; command: string[] } {
  const label = "app.kubernetes.io/name=clusterapi-cluster-autoscaler";
  const found = kubectlJson(house, "management", "get", "deployment", "-A", "-l", label) as {
    items: {
      metadata: { name: string; namespace: string };
      spec: { template: { spec: { containers: { command: string[] }[] } } };
    }[];
  };
  const { metadata, spec } = found.items[0]!;
  return {
    deployment: ["-n", metadata.namespace, `deployment/${metadata.name}`],
    command: spec.template.spec.containers[0]!.command,
  };
}

/** The report of the last scaling test. */
export function reportOf(house: House): unknown {
  const file = path.join(house.lab.directory, "reports", "scaling-test.json");
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Kills every process of the lab, those that start meanwhile included. */
export function killAll(house: House): void {
  for (let round = 0; round < 20; round++) {
    const left = labProcesses(house.lab.id);
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid);
  }
  throw new Error("New processes of the lab keep starting.");
}

/** With KILL; one that has ended meanwhile is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Looks until something is there, at most for the given seconds; `instead` tells what was there in its place. */
export async function eventually<T>(
  seconds: number,
  look: () => T | undefined,
  instead: () => string = () => "",
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > deadline)
      throw new Error(`not seen within ${seconds} s: ${look.toString()}\n${instead()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
