// kind create cluster: kwokctl with the real control plane, egress and node beside it, a kubeconfig at the end.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { alone } from "../shared/claim";
import { kwokctlPorts } from "../shared/kwokctl-ports";
import { checkImage, defaultServiceSubnet, milliseconds, readConfig } from "./cluster-config";
import { deleteCluster } from "./delete";
import { changeKubeconfig, kubeconfigFile, kubeconfigOf, merged } from "./kubeconfig";
import type { Kubeconfig } from "./kubeconfig";
import { findProgram } from "./places";
import type { ClusterRecord, Places } from "./places";
import { planOf } from "./plan";
import { egressSocket } from "./programs";
import { type Say, waitForNode } from "./ready";
import { startNew } from "./start";

export interface CreateFlags {
  name?: string;
  config?: string;
  image?: string;
  kubeconfig?: string;
  wait: string;
  retain?: boolean;
}

/** Makes a cluster. What was made is taken away again when it fails, unless it is to be retained. */
export async function createCluster(flags: CreateFlags, places: Places, say: Say): Promise<void> {
  const wait = milliseconds(flags.wait);
  const wish = wishOf(flags, places);
  const { name } = wish;
  const version = await kubernetesVersion(places);
  checkImage(wish.image, version);
  const record = await takePlace(wish, version, places);
  const plan = planOf(record, places);
  say(`Creating cluster "${name}" ...`);
  try {
    await startNew(plan);
    say(" ✓ Starting control-plane");
    if (wait > 0) await waitForNode(plan, { limit: wait, since: 0 }, say);
    await addToKubeconfig(name, flags.kubeconfig, places);
    places.write({ ...record, made: true });
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
    server: `https://127.0.0.1:${places.read(name).ports.kubeApiserverPort}`,
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

/** Takes the name and addresses of a cluster. Throws before anything is written. */
async function takePlace(
  { name, serviceSubnet }: Wish,
  kubernetesVersion: string,
  places: Places,
): Promise<ClusterRecord> {
  egressSocket({ folder: places.folder(name) });
  const catalogue = places.environment["LAB_CATALOGUE"] ?? join(process.cwd(), "catalogue.yaml");
  const ports = await kwokctlPorts();
  return alone(places.kind, () => {
    if (places.clusters().includes(name))
      throw new Error(`node(s) already exist for a cluster with the name "${name}"`);
    const record: ClusterRecord = {
      name,
      index: places.freeIndex(),
      ports,
      serviceSubnet,
      kubernetesVersion,
      catalogueFiles: existsSync(catalogue) ? [catalogue] : [],
      systemUuid: randomUUID(),
    };
    places.write(record);
    return record;
  });
}

async function kubernetesVersion(places: Places): Promise<string> {
  for (const name of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"])
    findProgram(name, { PATH: places.bin });
  const { stdout } = await promisify(execFile)(join(places.bin, "kube-apiserver"), ["--version"]);
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
