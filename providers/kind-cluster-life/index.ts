// The life of a cluster that kind made, as a resource: it ends when the cluster is gone although the stack has it.
// pulumi-command never looks at what its command made; who has this resource's id among its triggers does.
import * as pulumi from "@pulumi/pulumi";
import { operationsOf } from "../late";
import type * as Operations from "./operations";

export interface KindClusterLifeArgs {
  /** The cluster's name. */
  cluster: pulumi.Input<string>;
  /** File that kind writes the kubeconfig to. */
  kubeconfigFile: pulumi.Input<string>;
}

const operations = () => operationsOf("kind-cluster-life") as typeof Operations;

const provider: pulumi.dynamic.ResourceProvider<Operations.LifeInputs, Operations.LifeOutputs> = {
  create: (inputs) => Promise.resolve(operations().create(inputs)),
  diff: (_id, olds, news) => operations().diff(olds, news),
  update: (_id, olds, news) => Promise.resolve(operations().update(olds, news)),
};

/** Its id changes when the cluster has to be made anew. Comes before the cluster and makes nothing itself. */
export class KindClusterLife extends pulumi.dynamic.Resource {
  constructor(name: string, args: KindClusterLifeArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, host: undefined }, opts, "kind", "ClusterLife");
  }
}
