// From the scale of a MachineDeployment to a Ready Node, with nothing Pending and no autoscaler: what a machine costs, and
// whose share it is. The lab must be up, its Prism Central without latencies.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { ownCredentials } from "../lab/files";
import type { Lab } from "../lab/lab";
import { ApiServer } from "../scaling-test/api-server";
import { nodeReady, vmOf } from "../scaling-test/evidence";
import { PrismReader } from "../scaling-test/prism";
import type { MachineLife } from "../scaling-test/report/types";
import { lifeOf } from "../scaling-test/round";
import { until } from "../scaling-test/wait";
import { median, round, type Row } from "./rows";

const POOL = "machinedeployment/lab-wmd";
const AUTOSCALER = [
  "deployment",
  "-A",
  "-l",
  "app.kubernetes.io/name=clusterapi-cluster-autoscaler",
];
const PATIENCE = { seconds: 120, pauseMilliseconds: 50 };

/** Milliseconds of one machine. */
interface Latency {
  total: number;
  clusterApi: number;
  prismCentral: number;
  node: number;
}

/** Medians of `rounds` machines, one after the other, in seconds; each share next to the whole. */
export async function nodeLatencyRows(lab: Lab, rounds: number): Promise<Row[]> {
  const world = await open(lab);
  world.kubectl("scale", ...world.autoscaler, "--replicas=0");
  const found: Latency[] = [];
  for (let turn = 0; turn < rounds; turn++) found.push(await once(world));
  world.kubectl("scale", ...world.autoscaler, "--replicas=1");
  const of = (key: keyof Latency) => median(found.map((latency) => latency[key])) / 1000;
  const row = (name: string, key: keyof Latency) => ({
    name: `node latency: ${name}`,
    seconds: round(of(key)),
    ratio: round(of(key) / of("total")),
  });
  return [
    row("scale to Node Ready", "total"),
    row("Cluster API and CAPX", "clusterApi"),
    row("Prism Central's tasks", "prismCentral"),
    row("boot, join, Ready", "node"),
  ];
}

type World = Awaited<ReturnType<typeof open>>;

async function open(lab: Lab) {
  const file = (name: string) => path.join(lab.directory, name);
  const kubectl = (...args: string[]) =>
    execFileSync(file("bin/kubectl"), ["--kubeconfig", file("kubeconfig"), ...args], {
      encoding: "utf8",
      timeout: 60_000,
    });
  const { username, password } = ownCredentials(lab);
  const [namespace = "", name = ""] = kubectl(
    "get",
    ...AUTOSCALER,
    "-o",
    "jsonpath={.items[0].metadata.namespace} {.items[0].metadata.name}",
  ).split(" ");
  return {
    kubectl,
    autoscaler: ["-n", namespace, `deployment/${name}`],
    workload: await ApiServer.connect(readFileSync(file("workload-kubeconfig"), "utf8")),
    prism: new PrismReader(
      { address: "127.0.0.1", port: lab.addresses.prismCentralPort, insecure: true },
      { NUTANIX_USERNAME: username, NUTANIX_PASSWORD: password },
    ),
  };
}

/** One machine, there and away again. */
async function once({ kubectl, workload, prism }: World): Promise<Latency> {
  const nodes = () => workload.list("/api/v1/nodes");
  const before = new Set((await nodes()).map(vmOf));
  const start = Date.now();
  kubectl("scale", POOL, "--replicas=1");
  const vm = await seen("a Ready Node", async () => {
    const all = await nodes();
    const vms = all.map(vmOf).filter((each) => each !== undefined && !before.has(each));
    return vms.find((each) => each !== undefined && nodeReady(all, each) !== undefined);
  });
  const total = Date.now() - start;
  const life = lifeOf({ machine: "", node: "", vm }, await prism.tasksOf(vm));
  kubectl("scale", POOL, "--replicas=0");
  await seen("no Node", async () =>
    (await nodes()).some((node) => vmOf(node) === vm) ? undefined : true,
  );
  return shares(life, start, total);
}

async function seen<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const { found, problem = "it was not seen" } = await until(look, PATIENCE);
  if (found !== undefined) return found;
  throw new Error(`Measuring failed: waiting ${PATIENCE.seconds} s for ${what}: ${problem}.`);
}

/** Where the time went, by Prism Central's task log: what is neither its own nor the machine's is Cluster API's. Pure. */
export function shares(life: MachineLife, start: number, total: number): Latency {
  const at = (time = "") => Date.parse(time);
  const on = at(life.poweredOnAt);
  const prismCentral = at(life.createdAt) - at(life.requestedAt) + on - at(life.powerOnRequestedAt);
  const node = start + total - on;
  if (Number.isNaN(prismCentral))
    throw new Error("Measuring failed: Prism Central's log lacks a task of the machine.");
  return { total, clusterApi: total - prismCentral - node, prismCentral, node };
}
