// The life of a cluster that kind made, as a resource: it ends when the cluster is gone although the stack has it.
// pulumi-command never looks at what its command made; who has this resource's id among its triggers does.
import type * as pulumi from "@pulumi/pulumi";
import { LateResource } from "../late";

export interface KindClusterLifeArgs {
  /** The cluster's name. */
  cluster: pulumi.Input<string>;
  /** File that kind writes the kubeconfig to. */
  kubeconfigFile: pulumi.Input<string>;
}

/** Its id changes when the cluster has to be made anew. Comes before the cluster and makes nothing itself. */
export class KindClusterLife extends LateResource {
  constructor(name: string, args: KindClusterLifeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      { room: "kind-cluster-life", token: "kind:ClusterLife" },
      name,
      { ...args, host: undefined },
      opts,
    );
  }
}
