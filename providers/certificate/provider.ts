// The provider of this room, as Pulumi's dynamic provider process loads it.
import type * as pulumi from "@pulumi/pulumi";
import * as operations from "./operations";

export const provider: pulumi.dynamic.ResourceProvider<
  operations.CertificateInputs,
  operations.CertificateOutputs
> = {
  create: (inputs) => operations.create(inputs),
  diff: (_id, olds, news) => Promise.resolve(operations.diff(olds, news)),
};
