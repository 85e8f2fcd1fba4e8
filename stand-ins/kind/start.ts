// Starts the processes of a cluster: kwokctl with the real control plane, egress and node beside it. Answers when the
// API server and the egress do.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { lastLines, startDaemon } from "../shared/process";
import {
  clusterEnvironment,
  configurationFiles,
  daemons,
  egressSocket,
  kwokctlArguments,
  ownKubeconfig,
} from "./programs";
import type { ClusterPlan } from "./programs";
import { startTimeout, until, waitForApiServer } from "./ready";

/** Makes the cluster's files, etcd's among them, and starts everything. */
export async function startNew(plan: ClusterPlan): Promise<void> {
  mkdirSync(join(plan.folder, "logs"), { recursive: true });
  for (const [file, text] of Object.entries(configurationFiles(plan)))
    writeFileSync(join(plan.folder, file), text);
  await start(plan, kwokctlArguments(plan));
}

/** Starts everything on the files of an earlier life, of which nothing may run any more. */
export async function startAgain(plan: ClusterPlan): Promise<void> {
  // kwokctl takes any process with an id of its earlier life for its own.
  rmSync(join(plan.kwok, "pids"), { recursive: true, force: true });
  mkdirSync(join(plan.kwok, "pids"));
  rmSync(egressSocket(plan), { force: true });
  await start(plan, ["start", "cluster", "--name", plan.name]);
}

async function start(plan: ClusterPlan, args: string[]): Promise<void> {
  const kwokctl = promisify(execFile)(join(plan.bin, "kwokctl"), args, {
    env: clusterEnvironment(plan),
    cwd: plan.folder,
    timeout: startTimeout,
  });
  const failed = kwokctl.then(() => undefined, explain);
  await until(() => existsSync(ownKubeconfig(plan)), failed);
  const logs = daemons(plan).map((daemon) => {
    startDaemon(daemon);
    return daemon.logFile;
  });
  const problem = await failed;
  if (problem) throw problem;
  await waitForApiServer(plan);
  await until(() => existsSync(egressSocket(plan)), undefined).catch(() => {
    throw new Error(`starting the egress daemon failed:\n${lastLines(logs[0] ?? "")}`);
  });
}

function explain(error: unknown): Error {
  const { message, stderr } = error as Error & { stderr?: string };
  const said = (stderr ?? "").trimEnd().split("\n").slice(-5).join("\n");
  return new Error(`failed to start the control plane: ${said || message}`, { cause: error });
}
