// The cluster that runs Cluster API: made by kind, or one that exists already.

import * as kubernetes from "@pulumi/kubernetes";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { KindClusterLife } from "../providers/kind-cluster-life";
import { quote, shell } from "./shell";

export interface ManagementClusterArgs {
  /** Name of the cluster that kind makes. */
  name: string;
  /** File that kind writes the kubeconfig to. */
  kubeconfigFile: string;
  /** Image of kind's node. @default kind's own */
  nodeImage?: string;
  /** Kubeconfig file of a cluster that exists; no cluster is made then. */
  kubeconfig?: string;
  /** Context of that kubeconfig. @default its current one */
  context?: string;
}

/**
 * Secrets and ConfigMaps with other data stay the same objects. Replaced, credentials and trust bundle would first have
 * to go, and CAPX lets them go only with their cluster (a finalizer): a rotation would hang.
 */
export const CHANGED_IN_PLACE = { enableSecretMutable: true, enableConfigMapMutable: true };

/** A Kubernetes cluster ready to take Cluster API. */
export class ManagementCluster extends pulumi.ComponentResource {
  /** Contents of a kubeconfig with all rights, of one context and without references to files; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Makes objects in the cluster. */
  readonly provider: kubernetes.Provider;
  /** What takes all objects with it when it goes; undefined for a cluster that was there before. */
  readonly lifetime?: pulumi.Resource;

  constructor(name: string, args: ManagementClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:ManagementCluster", name, {}, opts);
    const kind = args.kubeconfig === undefined ? this.kind(name, args) : undefined;
    const read = new command.local.Command(
      `${name}-kubeconfig`,
      {
        create: readKubeconfig(args),
        logging: "none",
        triggers: kind ? [kind.id] : [],
      },
      { parent: this, additionalSecretOutputs: ["stdout"], customTimeouts: { create: "10m" } },
    );
    this.kubeconfig = pulumi.secret(read.stdout);
    this.provider = new kubernetes.Provider(
      `${name}-provider`,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: identityOf(this.kubeconfig),
        ...CHANGED_IN_PLACE,
      },
      { parent: this },
    );
    if (kind) this.lifetime = kind;
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  /** A cluster that somebody deleted behind our back has another life: it is made anew, and all that was in it. */
  private kind(name: string, args: ManagementClusterArgs): command.local.Command {
    const { kubeconfigFile } = args;
    const life = new KindClusterLife(
      `${name}-life`,
      { cluster: args.name, kubeconfigFile },
      { parent: this },
    );
    const image = args.nodeImage === undefined ? "" : shell` --image ${args.nodeImage}`;
    const cluster = shell`--name ${args.name} --kubeconfig ${kubeconfigFile}`;
    return new command.local.Command(
      name,
      {
        create: `kind create cluster ${cluster}${image} --wait 120s`,
        delete: `kind delete cluster ${cluster}`,
        triggers: [args.name, args.nodeImage ?? "", life.id],
      },
      { parent: this, deleteBeforeReplace: true, customTimeouts: { create: "10m" } },
    );
  }
}

const READY_SECONDS = 120;

/** A comment at the head of the kubeconfig: the uid of the cluster's own namespace, which no other cluster has. */
const IDENTITY = "# cluster ";

/** What tells the cluster from one that takes its place; no secret. */
function identityOf(kubeconfig: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(
    kubeconfig.apply((text) => text.split("\n")[0]?.replace(IDENTITY, "") ?? ""),
  );
}

/** Waits until the API server and all nodes are ready, then prints the kubeconfig. */
export function readKubeconfig(
  args: Pick<ManagementClusterArgs, "name" | "kubeconfigFile" | "kubeconfig" | "context">,
): string {
  const file = args.kubeconfig ?? args.kubeconfigFile;
  const context = args.kubeconfig === undefined ? `kind-${args.name}` : args.context;
  const chosen = context === undefined ? "" : shell` --context ${context}`;
  const kubectl = shell`kubectl --kubeconfig ${file}`.concat(chosen);
  const failure = quote(`Waiting for the management cluster of ${file} failed: `);
  const remedy = quote(`. Look at it with: ${kubectl} get nodes`);
  return [
    "set -eu",
    `deadline=$(($(date +%s) + ${READY_SECONDS}))`,
    `until answer=$(${kubectl} get --raw /readyz --request-timeout 5s 2>&1); do`,
    `  if [ "$(date +%s)" -ge "$deadline" ]; then`,
    `    echo ${failure}"$answer"${remedy} >&2`,
    "    exit 1",
    "  fi",
    "  sleep 1",
    "done",
    `${kubectl} wait node --all --for condition=Ready --timeout ${READY_SECONDS}s >&2`,
    `uid=$(${kubectl} get namespace kube-system --output 'jsonpath={.metadata.uid}')`,
    `echo "${IDENTITY}$uid"`,
    `${kubectl} config view --raw --minify --flatten`,
  ].join("\n");
}
