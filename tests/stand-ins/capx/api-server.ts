// A real API server for a test, from the built programs, and the few Cluster API kinds as loose CRDs: the test
// plays Cluster API, so their schemas do not matter.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { KubeClient, loadKubeConfig, pathOf } from "../../../stand-ins/shared/kube-client";
import { type KwokctlPorts, kwokctlPorts } from "../../../stand-ins/shared/kwokctl-ports";

const run = promisify(execFile);

const kwokConfig = (ports: KwokctlPorts) => `apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokctlConfiguration
options: ${JSON.stringify({ bindAddress: "127.0.0.1", ...ports })}
componentsPatches: # an API server finds no address of its own where there is no default route
  - name: kube-apiserver
    extraArgs: [{ key: advertise-address, value: 127.0.0.1 }]
---
apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options: { manageAllNodes: false, manageNodesWithAnnotationSelector: kwok.x-k8s.io/node=fake }
`;

export interface ApiServer {
  folder: string;
  kubeconfig: string;
  kube: KubeClient;
  /** Creates objects; returns when the kinds among them are served. */
  create: (objects: object[]) => Promise<void>;
  stop: () => Promise<void>;
}

/** Folder of the built programs. */
export function programs(): string {
  const folder = process.env["LAB_TEST_BIN"];
  if (!folder) throw new Error("LAB_TEST_BIN is not set. Set it to the folder of built programs.");
  return folder;
}

/** Starts etcd and an API server; `disable` names components of kwokctl to leave out. */
export async function startApiServer(disable: string[] = []): Promise<ApiServer> {
  const bin = programs();
  const folder = mkdtempSync(path.join(tmpdir(), "lab-api-server-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  const environment = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    KWOK_WORKDIR: path.join(folder, "kwok"),
    KWOK_KUBE_VERSION: "v1.36.3",
  };
  writeFileSync(path.join(folder, "kwok.yaml"), kwokConfig(await kwokctlPorts()));
  const binaries = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].flatMap(
    (name) => [`--${name}-binary`, path.join(bin, name)],
  );
  const kwokctl = (...args: string[]) =>
    run(path.join(bin, "kwokctl"), [...args, "--name", path.basename(folder).toLowerCase()], {
      env: environment,
    });
  await kwokctl(
    "create",
    "cluster",
    "--runtime=binary",
    ...binaries,
    "--kwok-controller-binary",
    path.join(bin, "kwok"),
    "--kubeconfig",
    kubeconfig,
    "--wait=60s",
    "--config",
    path.join(folder, "kwok.yaml"),
    ...disable.map((name) => `--disable=${name}`),
  );
  const kube = new KubeClient(loadKubeConfig(kubeconfig));
  return {
    folder,
    kube,
    kubeconfig,
    create: async (objects) => {
      for (const object of objects) await kube.call("POST", collectionOf(object), object);
      await Promise.all(objects.filter(isCrd).map((crd) => served(kube, crd)));
    },
    stop: async () => {
      await kwokctl("delete", "cluster", "--kubeconfig", kubeconfig);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Typed {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

function isCrd(object: object): boolean {
  return (object as Typed).kind === "CustomResourceDefinition";
}

async function served(kube: KubeClient, crd: object): Promise<void> {
  const { metadata, spec } = crd as {
    metadata: { name: string };
    spec: { group: string; versions: { name: string }[]; names: { plural: string } };
  };
  const path = `/apis/${spec.group}/${spec.versions[0]!.name}/${spec.names.plural}`;
  await eventually(`the kind ${metadata.name}`, () =>
    kube.call("GET", path).then(
      () => true,
      () => false,
    ),
  );
}

/** Where an object is created. Plurals by adding an s, which does for the kinds of the tests. */
function collectionOf(object: object): string {
  const { apiVersion, kind, metadata } = object as Typed;
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return pathOf(
    { group, version, kind, plural: `${kind.toLowerCase()}s` },
    { namespace: metadata.namespace },
  );
}

/** The CRDs of manifests/capx. */
export function capxKinds(): object[] {
  const file = path.resolve(__dirname, "../../../manifests/capx/infrastructure-components.yaml");
  return parseAllDocuments(readFileSync(file, "utf8"))
    .map((document) => document.toJS() as object)
    .filter(isCrd);
}

/** A CRD of Cluster API that takes anything. */
export function clusterApiKind(kind: string): object {
  const plural = `${kind.toLowerCase()}s`;
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const scale = {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.cluster.x-k8s.io` },
    spec: {
      group: "cluster.x-k8s.io",
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: "v1beta2",
          served: true,
          storage: true,
          subresources: kind === "MachineDeployment" ? { status: {}, scale } : { status: {} },
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: { ...open, properties: { replicas: { type: "integer" } } },
                status: { ...open, properties: { replicas: { type: "integer" } } },
              },
            },
          },
        },
      ],
    },
  };
}

/** Asks again and again until the answer is there; fails after a time with what was asked for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  withinMilliseconds = 60_000,
): Promise<T> {
  const end = Date.now() + withinMilliseconds;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Waiting for ${what} failed: not within ${withinMilliseconds} ms.`);
}
