// What the lab needs, as data: Go programs with their pins, programs that may come from PATH, and programs of
// the system. Versions of Go programs must agree with the go.mod beside; a build that answers another version
// than its pin is refused. Adding a program is adding a line here and a `tool` line in its go.mod.
import type { VersionRange } from "./versions";

export type ToolSource = "PATH" | "built" | "Debian package" | "system";

/** A program that the lab can run. */
export interface Tool {
  name: string;
  version: string;
  path: string;
  source: ToolSource;
}

/** One Go program of a group. */
export interface GoProgram {
  /** Its name in the cache and on the lab's PATH. */
  name: string;
  /** Package path given to `go build`. */
  package: string;
  /** Arguments that make it print its version; absent where the program has none. */
  versionArgs?: readonly string[];
}

/** Go programs of one module: built together, kept together. */
export interface GoGroup {
  name: string;
  /** Module folder, relative to the repository. */
  folder: string;
  version: string;
  /** Go symbol -> value, stamped by the linker. */
  stamps: Readonly<Record<string, string>>;
  programs: readonly GoProgram[];
  /** Disk that a cold build takes, caches included. */
  gigabytes: number;
  /** Built only where its folder exists, and keyed by its sources as well. */
  ownSources?: boolean;
}

/** A program that may come from PATH. */
export interface PathProgram {
  name: string;
  versionArgs: readonly string[];
  good: VersionRange;
}

/** A program that the system has to have. */
export interface SystemProgram {
  name: string;
  versionArgs: readonly string[];
  /** Debian's package, named where it is missing. */
  package: string;
}

/** Versions that other rooms name too. */
export const pins = {
  pulumi: "3.256.0",
  helm: "3.20.2",
  kubernetes: "1.36.3",
  etcd: "3.6.8",
  kwok: "0.8.0",
  clusterApi: "1.13.6",
  go: "1.26",
  packer: "1.6",
} as const;

const [kubernetesMajor, kubernetesMinor] = pins.kubernetes.split(".") as [string, string];
const [clusterApiMajor, clusterApiMinor] = pins.clusterApi.split(".") as [string, string];

export const goGroups: readonly GoGroup[] = [
  {
    name: "kubernetes",
    folder: "toolchain/kubernetes",
    version: pins.kubernetes,
    // Both must be stamped: an API server that calls itself v0.0.0 is refused by Cluster API.
    stamps: Object.fromEntries(
      ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((symbols) => [
        [`${symbols}.gitVersion`, `v${pins.kubernetes}`],
        [`${symbols}.gitMajor`, kubernetesMajor],
        [`${symbols}.gitMinor`, kubernetesMinor],
      ]),
    ),
    programs: [
      kubernetesProgram("kube-apiserver", "--version"),
      kubernetesProgram("kube-controller-manager", "--version"),
      kubernetesProgram("kube-scheduler", "--version"),
      kubernetesProgram("kubectl", "version", "--client"),
      kubernetesProgram("kubeadm", "version", "-o", "short"),
    ],
    gigabytes: 3,
  },
  {
    name: "pulumi",
    folder: "toolchain/pulumi",
    version: pins.pulumi,
    // Without it `pulumi version` is empty and the Automation API refuses the program.
    stamps: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pins.pulumi}` },
    programs: [
      {
        name: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        versionArgs: ["version"],
      },
    ],
    gigabytes: 3,
  },
  {
    name: "cluster-api",
    folder: "toolchain/cluster-api",
    version: pins.clusterApi,
    stamps: {
      "sigs.k8s.io/cluster-api/version.gitVersion": `v${pins.clusterApi}`,
      "sigs.k8s.io/cluster-api/version.gitMajor": clusterApiMajor,
      "sigs.k8s.io/cluster-api/version.gitMinor": clusterApiMinor,
      "sigs.k8s.io/cluster-api/version.gitTreeState": "clean",
    },
    programs: [
      { name: "cluster-api-controller", package: "sigs.k8s.io/cluster-api" },
      {
        name: "kubeadm-bootstrap-controller",
        package: "sigs.k8s.io/cluster-api/bootstrap/kubeadm",
      },
      {
        name: "kubeadm-control-plane-controller",
        package: "sigs.k8s.io/cluster-api/controlplane/kubeadm",
      },
      {
        name: "clusterctl",
        package: "sigs.k8s.io/cluster-api/cmd/clusterctl",
        versionArgs: ["version", "-o", "short"],
      },
    ],
    gigabytes: 1.5,
  },
  {
    name: "kwok",
    folder: "toolchain/kwok",
    version: pins.kwok,
    stamps: { "sigs.k8s.io/kwok/pkg/consts.Version": `v${pins.kwok}` },
    programs: [
      { name: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", versionArgs: ["--version"] },
      { name: "kwokctl", package: "sigs.k8s.io/kwok/cmd/kwokctl", versionArgs: ["--version"] },
    ],
    gigabytes: 1.5,
  },
  {
    name: "helm",
    folder: "toolchain/helm",
    version: pins.helm,
    stamps: { "helm.sh/helm/v3/internal/version.version": `v${pins.helm}` },
    programs: [
      {
        name: "helm",
        package: "helm.sh/helm/v3/cmd/helm",
        versionArgs: ["version", "--short"],
      },
    ],
    gigabytes: 1,
  },
  {
    name: "etcd",
    folder: "toolchain/etcd",
    version: pins.etcd,
    stamps: {},
    programs: [{ name: "etcd", package: "go.etcd.io/etcd/server/v3", versionArgs: ["--version"] }],
    gigabytes: 0.5,
  },
  {
    name: "kubelet-streams",
    folder: "stand-ins/node/kubelet-streams",
    version: "of this repository",
    stamps: {},
    programs: [
      { name: "kubelet-streams", package: "." },
      { name: "container-shim", package: "./container-shim" },
    ],
    gigabytes: 0.5,
    ownSources: true,
  },
];

/** Good versions on PATH: none of the control plane's, whose versions are part of what the lab proves. */
export const pathPrograms: readonly PathProgram[] = [
  { name: "pulumi", versionArgs: ["version"], good: { from: pins.pulumi, below: "4" } },
  { name: "helm", versionArgs: ["version", "--short"], good: { from: "3.16", below: "4" } },
  // kubectl supports servers one minor version away.
  { name: "kubectl", versionArgs: ["version", "--client"], good: { from: "1.35", below: "1.38" } },
  { name: "packer", versionArgs: ["--version"], good: { from: pins.packer } },
];

/** The real kind, taken only where a Docker engine answers. */
export const kindProgram: PathProgram = {
  name: "kind",
  versionArgs: ["version"],
  good: { from: "0.24" },
};

export const goProgram: SystemProgram = {
  name: "go",
  versionArgs: ["version"],
  package: "golang",
};

export const systemPrograms: readonly SystemProgram[] = [
  { name: "mke2fs", versionArgs: ["-V"], package: "e2fsprogs" },
  { name: "debugfs", versionArgs: ["-V"], package: "e2fsprogs" },
  { name: "unshare", versionArgs: ["--version"], package: "util-linux" },
  { name: "flock", versionArgs: ["--version"], package: "util-linux" },
];

function kubernetesProgram(name: string, ...versionArgs: string[]): GoProgram {
  return { name, package: `k8s.io/kubernetes/cmd/${name}`, versionArgs };
}
