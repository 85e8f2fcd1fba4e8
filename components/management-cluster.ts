// The cluster that runs Cluster API: made by kind, or one that exists already.

import * as kubernetes from "@pulumi/kubernetes";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { shell } from "./shell";

export interface ManagementClusterArgs {
  /** Name of the cluster that kind makes. */
  name: string;
  /** File that kind writes the kubeconfig to. */
  kubeconfigFile: string;
  /** Image of kind's node. @default kind's own */
  nodeImage?: string;
  /** Kubeconfig file of a cluster that exists; no cluster is made then. */
  kubeconfig?: string;
}

/** A Kubernetes cluster ready to take Cluster API. */
export class ManagementCluster extends pulumi.ComponentResource {
  /** Contents of a kubeconfig with all rights; secret. */
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
        create: shell`cat ${args.kubeconfig ?? args.kubeconfigFile}`,
        logging: "none",
        triggers: kind ? [kind.id] : [],
      },
      { parent: this, additionalSecretOutputs: ["stdout"] },
    );
    this.kubeconfig = pulumi.secret(read.stdout);
    this.provider = new kubernetes.Provider(
      `${name}-provider`,
      { kubeconfig: this.kubeconfig, clusterIdentifier: read.id },
      { parent: this },
    );
    if (kind) this.lifetime = kind;
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  private kind(name: string, args: ManagementClusterArgs): command.local.Command {
    const image = args.nodeImage === undefined ? "" : shell` --image ${args.nodeImage}`;
    const cluster = shell`--name ${args.name} --kubeconfig ${args.kubeconfigFile}`;
    return new command.local.Command(
      name,
      {
        create: `kind create cluster ${cluster}${image} --wait 120s`,
        delete: `kind delete cluster ${cluster}`,
        triggers: [args.name, args.nodeImage ?? ""],
      },
      { parent: this, deleteBeforeReplace: true, customTimeouts: { create: "10m" } },
    );
  }
}
