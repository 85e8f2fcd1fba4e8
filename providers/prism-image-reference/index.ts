// An image that Prism Central has already, made by somebody else: looked up before anything is built on it.
import type * as pulumi from "@pulumi/pulumi";
import { LateResource } from "../late";

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

/** Found, never made, changed or deleted. Credentials are read as those of PrismImage. */
export class PrismImageReference extends LateResource {
  /** The image's uuid, in v3 and v4. */
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: PrismImageReferenceArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      { room: "prism-image-reference", token: "prism:ImageReference" },
      name,
      { uuid: undefined, ...args },
      opts,
    );
  }
}
