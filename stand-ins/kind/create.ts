// kind create cluster: kwokctl with the real control plane, egress and node beside it, a kubeconfig at the end.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import { alone } from "../shared/claim";
import { kwokctlPorts } from "../shared/kwokctl-ports";
import { lastLines, startDaemon } from "../shared/process";
import { checkImage, defaultServiceSubnet, milliseconds, readConfig } from "./cluster-config";
import { deleteCluster } from "./delete";
import { changeKubeconfig, kubeconfigFile, kubeconfigOf, merged } from "./kubeconfig";
import type { Kubeconfig } from "./kubeconfig";
import { clusterAddresses, findProgram } from "./places";
import type { Places } from "./places";
import {
  clusterEnvironment,
  configurationFiles,
  daemons,
  egressSocket,
  kwokctlArguments,
  nodeName,
  ownKubeconfig,
} from "./programs";
import type { ClusterPlan } from "./programs";

const run = promisify(execFile);
const startTimeout = 60_000;

export interface CreateFlags {
  name?: string;
  config?: string;
  image?: string;
  kubeconfig?: string;
  wait: string;
  retain?: boolean;
}

export type Say = (line: string) => void;

/** Makes a cluster. What was made is taken away again when it fails, unless it is to be retained. */
export async function createCluster(flags: CreateFlags, places: Places, say: Say): Promise<void> {
  const wait = milliseconds(flags.wait);
  const wish = wishOf(flags, places);
  const { name } = wish;
  const version = await kubernetesVersion(places);
  checkImage(wish.image, version);
  const plan = await makePlan(wish, version, places);
  say(`Creating cluster "${name}" ...`);
  try {
    await start(plan, say);
    if (wait > 0) await waitForNode(plan, wait, say);
    await addToKubeconfig(name, flags.kubeconfig, places);
  } catch (error) {
    if (!flags.retain) await deleteCluster(name, flags.kubeconfig, places);
    throw error;
  }
  say(`Set kubectl context to "kind-${name}"`);
  say(`You can now use your cluster with:\n\nkubectl cluster-info --context kind-${name}`);
}

interface Wish {
  name: string;
  image?: string;
  serviceSubnet: string;
}

function wishOf(flags: CreateFlags, { environment }: Places): Wish {
  const config: Partial<Wish> =
    flags.config === undefined ? {} : readConfig(readInput(flags.config));
  const name = flags.name ?? environment["KIND_CLUSTER_NAME"] ?? config.name ?? "kind";
  checkName(name);
  return {
    name,
    image: flags.image ?? config.image,
    serviceSubnet: config.serviceSubnet ?? defaultServiceSubnet,
  };
}

/** The kubeconfig of a cluster that exists. */
export function clusterKubeconfig(name: string, places: Places): Kubeconfig {
  const pki = (file: string) => readFileSync(join(places.kwok(name), "pki", file));
  return kubeconfigOf(name, {
    server: `https://127.0.0.1:${places.read(name).apiServerPort}`,
    ca: pki("ca.crt"),
    certificate: pki("admin.crt"),
    key: pki("admin.key"),
  });
}

/** Adds a cluster to the user's kubeconfig and makes it the current one there. */
export async function addToKubeconfig(
  name: string,
  flag: string | undefined,
  places: Places,
): Promise<void> {
  const file = kubeconfigFile(flag, places.environment);
  const added = clusterKubeconfig(name, places);
  await changeKubeconfig(file, (before) => merged(before, added));
}

async function makePlan(
  { name, serviceSubnet }: Wish,
  version: string,
  places: Places,
): Promise<ClusterPlan> {
  egressSocket({ folder: places.folder(name) }); // throws before anything is written
  const ports = await kwokctlPorts();
  const catalogue = places.environment["LAB_CATALOGUE"] ?? join(process.cwd(), "catalogue.yaml");
  const index = await alone(places.kind, () => {
    if (places.clusters().includes(name))
      throw new Error(`node(s) already exist for a cluster with the name "${name}"`);
    const free = places.freeIndex();
    places.write({ name, index: free, apiServerPort: ports.kubeApiserverPort });
    return free;
  });
  return {
    name,
    folder: places.folder(name),
    kwok: places.kwok(name),
    bin: places.bin,
    dist: places.dist,
    addresses: clusterAddresses(places.slot, index),
    serviceSubnet,
    ports,
    kubernetesVersion: version,
    catalogueFiles: existsSync(catalogue) ? [catalogue] : [],
    environment: places.environment,
  };
}

async function start(plan: ClusterPlan, say: Say): Promise<void> {
  mkdirSync(join(plan.folder, "logs"), { recursive: true });
  for (const [file, text] of Object.entries(configurationFiles(plan)))
    writeFileSync(join(plan.folder, file), text);
  const environment = clusterEnvironment(plan);
  const kwokctl = run(join(plan.bin, "kwokctl"), kwokctlArguments(plan), {
    env: environment,
    cwd: plan.folder,
    timeout: startTimeout,
  });
  const failed = kwokctl.then(() => undefined, explain);
  await until(() => existsSync(ownKubeconfig(plan)), failed);
  const logs = daemons(plan, randomUUID()).map((daemon) => {
    startDaemon(daemon);
    return daemon.logFile;
  });
  const problem = await failed;
  if (problem) throw problem;
  await waitForApiServer(plan);
  say(" ✓ Starting control-plane");
  await until(() => existsSync(egressSocket(plan)), undefined).catch(() => {
    throw new Error(`starting the egress daemon failed:\n${lastLines(logs[0] ?? "")}`);
  });
}

async function waitForApiServer(plan: ClusterPlan): Promise<void> {
  const client = new KubeClient(loadKubeConfig(ownKubeconfig(plan)));
  let reason = "";
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline;) {
    try {
      await client.call("GET", "/readyz");
      return;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  const log = lastLines(join(plan.kwok, "logs", "kube-apiserver.log"));
  throw new Error(`waiting for the API server failed: ${reason}\n${log}`);
}

/** Like kind, a node that does not get Ready in time is a warning, no error. */
async function waitForNode(plan: ClusterPlan, limit: number, say: Say): Promise<void> {
  const client = new KubeClient(loadKubeConfig(ownKubeconfig(plan)));
  const began = Date.now();
  const path = `/api/v1/nodes/${nodeName(plan.name)}`;
  while (Date.now() - began < limit) {
    const node = (await client.call("GET", path).catch(() => undefined)) as NodeView | undefined;
    const conditions = node?.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === "Ready" && status === "True")) {
      say(
        ` ✓ Waiting for control-plane = Ready\n • Ready after ${Math.round((Date.now() - began) / 1000)}s`,
      );
      return;
    }
    await sleep(100);
  }
  say(` ✗ Waiting for control-plane = Ready\n • WARNING: Timed out waiting for Ready`);
  say(lastLines(join(plan.folder, "logs", "node.log"), 5));
}

interface NodeView {
  status?: { conditions?: { type: string; status: string }[] };
}

async function until(
  condition: () => boolean,
  failed: Promise<Error | undefined> | undefined,
): Promise<void> {
  let problem: Error | undefined;
  void failed?.then((error) => (problem = error));
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline;) {
    if (problem) throw problem;
    if (condition()) return;
    await sleep(20);
  }
  throw new Error("starting the cluster took too long");
}

function explain(error: unknown): Error {
  const { message, stderr } = error as Error & { stderr?: string };
  const said = (stderr ?? "").trimEnd().split("\n").slice(-5).join("\n");
  return new Error(`failed to start the control plane: ${said || message}`, { cause: error });
}

async function kubernetesVersion(places: Places): Promise<string> {
  for (const name of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"])
    findProgram(name, { PATH: places.bin });
  const { stdout } = await run(join(places.bin, "kube-apiserver"), ["--version"]);
  const version = /v\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (version === undefined) throw new Error(`kube-apiserver --version answered: ${stdout.trim()}`);
  return version;
}

function checkName(name: string): void {
  if (!/^[a-z0-9.-]+$/.test(name))
    throw new Error(
      `'${name}' is not a valid cluster name, cluster names must match \`^[a-z0-9.-]+$\``,
    );
}

function readInput(file: string): string {
  return readFileSync(file === "-" ? 0 : file, "utf8");
}
