// The provider of this room, as Pulumi's dynamic provider process loads it.
import type * as pulumi from "@pulumi/pulumi";
import * as operations from "./operations";

export const provider: pulumi.dynamic.ResourceProvider<
  operations.LifeInputs,
  operations.LifeOutputs
> = {
  create: (inputs) => Promise.resolve(operations.create(inputs)),
  diff: (_id, olds, news) => operations.diff(olds, news),
  update: (_id, olds, news) => Promise.resolve(operations.update(olds, news)),
};
