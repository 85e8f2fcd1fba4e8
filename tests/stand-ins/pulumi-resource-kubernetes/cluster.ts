// A real control plane for one test file, whose nodes and pods KWOK plays.

import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type KwokctlPorts, kwokctlPorts } from "../../../stand-ins/shared/kwokctl-ports";

import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";
import { KubeClient } from "../../../stand-ins/pulumi-resource-kubernetes/client";
import { connectionOf } from "../../../stand-ins/pulumi-resource-kubernetes/kubeconfig";
import { Driver } from "./driver";

export interface TestCluster {
  readonly folder: string;
  readonly kubeconfig: string;
  stop: () => Promise<void>;
}

/** Never dialled; without one the API server needs a default route to find its own address. */
const advertised = { key: "advertise-address", value: "198.18.0.1" };

const kwokConfig = (ports: KwokctlPorts) => ({
  apiVersion: "config.kwok.x-k8s.io/v1alpha1",
  kind: "KwokctlConfiguration",
  options: { bindAddress: "127.0.0.1", ...ports },
  componentsPatches: [{ name: "kube-apiserver", extraArgs: [advertised] }],
});

/** Folder of the built programs. */
export function programs(): string {
  const folder = process.env["LAB_TEST_BIN"];
  if (folder) return folder;
  throw new Error("Finding the real programs failed: LAB_TEST_BIN is not set. Run npm test.");
}

/** Starts the control plane and KWOK. */
export async function startCluster(): Promise<TestCluster> {
  const bin = programs();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-kubernetes-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  const config = path.join(folder, "kwok.yaml");
  fs.writeFileSync(config, JSON.stringify(kwokConfig(await kwokctlPorts())));
  const env = {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}`,
    KUBECONFIG: kubeconfig,
    KWOK_KUBE_VERSION: "v1.36.3",
    KWOK_WORKDIR: path.join(folder, "kwok"),
  };
  const kwokctl = (...args: string[]) =>
    promisify(execFile)(path.join(bin, "kwokctl"), [...args, "--name", "test"], {
      env,
      timeout: 220_000,
    });
  const binaries = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  const flags = binaries.flatMap((name) => [`--${name}-binary`, path.join(bin, name)]);
  flags.push("--kwok-controller-binary", path.join(bin, "kwok"), "--config", config);
  await kwokctl("create", "cluster", "--runtime=binary", "--wait=200s", ...flags);
  await serviceAccount(kubeconfig);
  return {
    folder,
    kubeconfig,
    stop: async () => {
      await kwokctl("delete", "cluster");
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A control plane for all tests of a file, and who asks it: an administrator, and the provider. */
export function useCluster() {
  let cluster: TestCluster;
  let admin: KubeClient;
  beforeAll(async () => {
    cluster = await startCluster();
    admin = adminOf(cluster.kubeconfig);
  }, 240_000);
  afterAll(() => cluster.stop(), 60_000);
  return {
    get folder() {
      return cluster.folder;
    },
    get kubeconfig() {
      return cluster.kubeconfig;
    },
    get admin() {
      return admin;
    },
    driver: (variables = {}) => new Driver(fs.readFileSync(cluster.kubeconfig, "utf8"), variables),
  };
}

/** Waits for what the controller manager makes: no pod is admitted before. */
async function serviceAccount(kubeconfig: string): Promise<void> {
  const admin = adminOf(kubeconfig);
  const path = "/api/v1/namespaces/default/serviceaccounts/default";
  const isThere = () =>
    admin
      .request("GET", path)
      .then(() => true)
      .catch(() => false);
  await until(isThere, (found) => found);
}

/** The API server, asked as an administrator would with curl. */
export function adminOf(kubeconfig: string): KubeClient {
  const text = fs.readFileSync(kubeconfig, "utf8");
  return new KubeClient(connectionOf({ text, folder: path.dirname(kubeconfig) }, {}));
}

/** Changes an object by JSON merge patch, its status included where the path says so. */
export async function patch(
  admin: KubeClient,
  at: string,
  body: PropertyMap,
): Promise<PropertyMap> {
  const contentType = "application/merge-patch+json";
  return (await admin.request("PATCH", at, { body, contentType })).object;
}

/** Asks until the answer is good; the test's own time-out ends it. */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
