// The processes of a cluster as data: kwokctl's arguments, the egress and node daemons, their configuration files.
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { KwokctlPorts } from "../shared/kwokctl-ports";
import type { ClusterAddresses } from "./places";
import type { Daemon } from "../shared/process";

/** All that decides what is started. */
export interface ClusterPlan {
  name: string;
  /** The cluster's own folder, and kwokctl's in it. */
  folder: string;
  kwok: string;
  bin: string;
  dist: string;
  addresses: ClusterAddresses;
  serviceSubnet: string;
  ports: KwokctlPorts;
  kubernetesVersion: string;
  catalogueFiles: string[];
  systemUuid: string;
  environment: NodeJS.ProcessEnv;
}

/** Marks every process of a cluster in its environment: by it they are found at the end. */
export const clusterVariable = "LAB_KIND_CLUSTER";

/** Everything that a cluster's processes inherit. */
export function clusterEnvironment(plan: ClusterPlan): NodeJS.ProcessEnv {
  return {
    ...plan.environment,
    // Nothing here may read or write a person's own.
    KUBECONFIG: join(plan.folder, "kwokctl-context.yaml"),
    [clusterVariable]: plan.folder,
    KWOK_WORKDIR: plan.folder,
    KWOK_KUBE_VERSION: plan.kubernetesVersion,
  };
}

/** The configuration files, name -> text. */
export function configurationFiles(plan: ClusterPlan): Record<string, string> {
  const bound = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: { bindAddress: "127.0.0.1", ...plan.ports },
  };
  const egress = {
    apiVersion: "apiserver.k8s.io/v1beta1",
    kind: "EgressSelectorConfiguration",
    egressSelections: [
      {
        name: "cluster",
        connection: {
          proxyProtocol: "HTTPConnect",
          transport: { uds: { udsName: egressSocket(plan) } },
        },
      },
    ],
  };
  const kubelet = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: { x509: { clientCAFile: join(plan.kwok, "pki", "ca.crt") } },
  };
  return {
    "kwokctl.yaml": stringify(bound),
    "egress-selector.yaml": stringify(egress),
    "kubelet.yaml": stringify(kubelet),
  };
}

/** Where the API server and the egress daemon meet. Throws when the system has no room for so long a path. */
export function egressSocket({ folder }: { folder: string }): string {
  const socket = join(folder, "egress.sock");
  if (Buffer.byteLength(socket) <= 107) return socket;
  throw new Error(
    `${socket} is too long for a unix socket, which takes 107 bytes. Set LAB_DIR to a shorter path.`,
  );
}

/** The kubeconfig that kwokctl writes for its own components. */
export function ownKubeconfig(plan: ClusterPlan): string {
  return join(plan.kwok, "kubeconfig.yaml");
}

/** kwokctl's arguments: the real control plane, without KWOK's own controller, since a real node runs the pods. */
export function kwokctlArguments(plan: ClusterPlan): string[] {
  const pki = (file: string) => join(plan.kwok, "pki", file);
  const binaries = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  const apiServer = {
    "service-cluster-ip-range": plan.serviceSubnet,
    "egress-selector-config-file": join(plan.folder, "egress-selector.yaml"),
    "kubelet-client-certificate": pki("admin.crt"),
    "kubelet-client-key": pki("admin.key"),
    "kubelet-preferred-address-types": "InternalIP",
    "advertise-address": plan.addresses.node,
  };
  return [
    ...["create", "cluster", "--name", plan.name, "--runtime", "binary"],
    ...["--config", join(plan.folder, "kwokctl.yaml")],
    ...["--kubeconfig", join(plan.folder, "kwokctl-context.yaml")],
    ...["--components", binaries.join(",")],
    ...binaries.flatMap((name) => [`--${name}-binary`, join(plan.bin, name)]),
    ...Object.entries(apiServer).flatMap(([flag, value]) => [
      "--extra-args",
      `kube-apiserver=${flag}=${value}`,
    ]),
  ];
}

/** The daemons beside the control plane. They may start once kwokctl has written its kubeconfig. */
export function daemons(plan: ClusterPlan): Daemon[] {
  return [
    daemon(plan, "egress", ["--kubeconfig", ownKubeconfig(plan), "--socket", egressSocket(plan)]),
    daemon(plan, "node", [
      ...["--kubeconfig", ownKubeconfig(plan)],
      ...["--config", join(plan.folder, "kubelet.yaml")],
      ...["--hostname-override", nodeName(plan.name)],
      ...["--node-ip", plan.addresses.node],
      ...["--pod-cidr", plan.addresses.podCidr],
      ...["--root-dir", join(plan.folder, "kubelet")],
      ...["--system-uuid", plan.systemUuid],
      ...["--provider-id", `kind://docker/${plan.name}/${nodeName(plan.name)}`],
      ...["--capacity", capacity()],
      ...["--node-labels", "node-role.kubernetes.io/control-plane="],
      ...["--kubelet-version", plan.kubernetesVersion],
      ...["--var", `bin=${plan.bin}`, "--var", `dist=${plan.dist}`],
      ...(plan.catalogueFiles.length > 0 ? ["--catalogue", plan.catalogueFiles.join(",")] : []),
      ...streams(plan),
    ]),
  ];
}

/** kind's name for its only node. */
export function nodeName(cluster: string): string {
  return `${cluster}-control-plane`;
}

function streams(plan: ClusterPlan): string[] {
  const program = join(plan.bin, "kubelet-streams");
  return existsSync(program) ? ["--streams", program] : [];
}

function daemon(plan: ClusterPlan, name: string, args: string[]): Daemon {
  return {
    command: process.execPath,
    args: [join(plan.dist, `${name}.cjs`), ...args],
    environment: clusterEnvironment(plan),
    logFile: join(plan.folder, "logs", `${name}.log`),
    cwd: plan.folder,
  };
}

// Room for the managers' requests on any machine: nothing here measures a container.
function capacity(): string {
  const gibibytes = Math.max(16, Math.floor(totalmem() / 2 ** 30));
  return `cpu=${Math.max(8, cpus().length)},memory=${gibibytes}Gi,pods=110`;
}
