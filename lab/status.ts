// What there is of the lab now: the last run's layers, checked against what still answers.

import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { ApiServer } from "../scaling-test/api-server";
import { readRunRecord } from "./files";
import type { Lab } from "./lab";
import { type Deployment, layersOfState } from "./layers-of-state";
import { LAYERS, type Layer, type LayerName } from "./layers";
import { answers, prismCentralOf } from "./prism-central";
import type { Verdict } from "./scaling-test";

export interface Status {
  stack: string;
  layers: Layer[];
  endpoints: Record<string, string>;
}

/** What answers now: undefined where there is nothing to ask. */
export interface Answers {
  prismCentral?: boolean | undefined;
  managementCluster?: boolean | undefined;
  workloadCluster?: boolean | undefined;
}

const NEEDS: Record<LayerName, (keyof Answers)[]> = {
  image: ["prismCentral"],
  "management-cluster": ["managementCluster"],
  "cluster-api": ["managementCluster"],
  "workload-cluster": ["managementCluster", "workloadCluster"],
  "cluster-autoscaler": ["managementCluster", "workloadCluster"],
  "sample-workload": ["workloadCluster"],
  "scaling-test": ["workloadCluster"],
};

/** The layers as they are now: one that was ready and whose servers are silent has failed. Pure. */
export function currentLayers(recorded: Layer[] | undefined, answered: Answers): Layer[] {
  return Object.values(LAYERS).map((name) => {
    const layer = recorded?.find((item) => item.name === name);
    if (!layer) return { name, state: "absent", seconds: 0 };
    const silent = NEEDS[name].some((server) => answered[server] === false);
    return { ...layer, state: layer.state === "ready" && silent ? "failed" : layer.state };
  });
}

async function apiAnswers(kubeconfig: string): Promise<boolean> {
  try {
    await (await ApiServer.connect(kubeconfig)).get("/readyz");
    return true;
  } catch {
    return false;
  }
}

/** Asks Prism Central and both API servers. `workloadKubeconfig` comes from the stack's outputs. */
export async function ask(
  lab: Lab,
  stack: string,
  kubeconfigs: { management?: string | undefined; workload?: string | undefined },
): Promise<Answers> {
  const { address, port } = prismCentralOf(lab, stack);
  const [prismCentral, managementCluster, workloadCluster] = await Promise.all([
    address ? answers(address, port) : undefined,
    kubeconfigs.management ? apiAnswers(kubeconfigs.management) : undefined,
    kubeconfigs.workload ? apiAnswers(kubeconfigs.workload) : undefined,
  ]);
  return { prismCentral, managementCluster, workloadCluster };
}

/** Files and addresses that a person may want, those that exist. */
export function endpoints(lab: Lab, stack: string, outputs: Record<string, unknown>) {
  const { address, port } = prismCentralOf(lab, stack);
  const found: Record<string, string> = {};
  if (address) found["prismCentral"] = `https://${address}:${port}`;
  const endpoint = outputs["controlPlaneEndpoint"];
  if (typeof endpoint === "string") found["workloadApiServer"] = `https://${endpoint}`;
  const files = {
    managementKubeconfig: path.join(lab.directory, "kubeconfig"),
    workloadKubeconfig: path.join(lab.directory, "workload-kubeconfig"),
    report: path.join(lab.directory, "reports", "scaling-test.json"),
  };
  for (const [name, file] of Object.entries(files)) if (existsSync(file)) found[name] = file;
  return found;
}

/** The whole status of a stack. `state` is what its backend has of it: it tells of layers that this lab did not make. */
export async function status(
  lab: Lab,
  stack: string,
  outputs: Record<string, unknown>,
  state: Deployment = {},
): Promise<Status> {
  const record = readRunRecord(lab);
  const text = (key: string) => (typeof outputs[key] === "string" ? outputs[key] : undefined);
  const answered = await ask(lab, stack, {
    management: text("managementKubeconfig"),
    workload: text("workloadKubeconfig"),
  });
  const recorded = record?.stack === stack ? record.layers : undefined;
  return {
    stack,
    layers: currentLayers(recorded ?? layersOfState(state), answered),
    endpoints: endpoints(lab, stack, outputs),
  };
}

/** The report of the last scaling test, if there is one. */
export function lastReport(lab: Lab): Verdict | undefined {
  const file = path.join(lab.directory, "reports", "scaling-test.json");
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as Verdict;
}
