// An image that Prism Central has already, made by somebody else: looked up before anything is built on it.
import * as pulumi from "@pulumi/pulumi";
import { operationsOf } from "../late";
import type * as Operations from "./operations";

export interface PrismImageReferenceArgs {
  /** Either of the two. A name must be that of exactly one image. */
  uuid?: pulumi.Input<string>;
  name?: pulumi.Input<string>;
  endpoint: pulumi.Input<{
    address: pulumi.Input<string>;
    port: pulumi.Input<number>;
    /** @default false */
    insecure?: pulumi.Input<boolean>;
    /** PEM of CAs to trust in the place of the system's. */
    trustBundle?: pulumi.Input<string>;
  }>;
}

const operations = () => operationsOf("prism-image-reference") as typeof Operations;

const provider: pulumi.dynamic.ResourceProvider<
  Operations.ReferenceInputs,
  Operations.ReferenceOutputs
> = {
  configure: (request) => {
    operations().configure(request.config.get("prismCentral"));
    return Promise.resolve();
  },
  create: (inputs) => operations().create(inputs),
  diff: (_id, olds, news) => Promise.resolve(operations().diff(olds, news)),
  update: (_id, olds, news) => Promise.resolve(operations().update(olds, news)),
  read: (id, props) => operations().read(id, props as Operations.ReferenceOutputs),
};

/** Found, never made, changed or deleted. Credentials are read as those of PrismImage. */
export class PrismImageReference extends pulumi.dynamic.Resource {
  /** The image's uuid, in v3 and v4. */
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: PrismImageReferenceArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { uuid: undefined, ...args }, opts, "prism", "ImageReference");
  }
}
