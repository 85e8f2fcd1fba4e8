// The provider of this room, as Pulumi's dynamic provider process loads it.
import type * as pulumi from "@pulumi/pulumi";
import * as operations from "./operations";

export const provider: pulumi.dynamic.ResourceProvider<
  operations.ReferenceInputs,
  operations.ReferenceOutputs
> = {
  configure: (request) => {
    operations.configure(request.config.get("prismCentral"));
    return Promise.resolve();
  },
  create: (inputs) => operations.create(inputs),
  diff: (_id, olds, news) => Promise.resolve(operations.diff(olds, news)),
  update: (_id, olds, news) => Promise.resolve(operations.update(olds, news)),
  read: (id, props) => operations.read(id, props as operations.ReferenceOutputs),
};
