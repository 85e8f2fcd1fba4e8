// The provider of this room, as Pulumi's dynamic provider process loads it.
import type * as pulumi from "@pulumi/pulumi";
import * as operations from "./operations";

export const provider: pulumi.dynamic.ResourceProvider<
  operations.ClusterInputs,
  operations.ClusterOutputs
> = {
  configure: (request) => {
    operations.configure(request.config.get("console"), request.config.get("prismCentral"));
    return Promise.resolve();
  },
  check: (_olds, news) => Promise.resolve(operations.check(news)),
  create: (inputs) => operations.create(inputs),
  diff: (_id, olds, news) => Promise.resolve(operations.diff(olds, news)),
  read: (id, props) =>
    operations.read(id, props as operations.ClusterOutputs) as Promise<
      pulumi.dynamic.ReadResult<operations.ClusterOutputs>
    >,
  update: (id, olds, news) => operations.update(id, olds, { news }),
  delete: (id, props) => operations.remove(id, props),
};
