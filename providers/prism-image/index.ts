// An image in Prism Central, made from a local file or an address. Pulumi has no provider for it that uploads by
// the v3 API.
import type * as pulumi from "@pulumi/pulumi";
import { LateResource } from "../late";

export interface PrismImageArgs {
  name: pulumi.Input<string>;
  /** The file to upload; it may come into being in the same update. Either this or sourceUri. */
  sourcePath?: pulumi.Input<string>;
  /** Where Prism Central itself fetches the file from; needs sha256. */
  sourceUri?: pulumi.Input<string>;
  /** SHA-256 (hex) that the file must have; another one replaces the image. @default the file's */
  sha256?: pulumi.Input<string>;
  /** DISK_IMAGE or ISO_IMAGE. @default DISK_IMAGE */
  imageType?: pulumi.Input<string>;
  description?: pulumi.Input<string>;
  /** Categories that exist: key -> value. Without it, the image's categories are left alone. */
  categories?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Name or uuid of the one Prism Element that is to hold the image. @default all of them */
  prismElement?: pulumi.Input<string>;
  endpoint: pulumi.Input<{
    address: pulumi.Input<string>;
    port: pulumi.Input<number>;
    /** @default false */
    insecure?: pulumi.Input<boolean>;
    /** PEM of CAs to trust in the place of the system's. */
    trustBundle?: pulumi.Input<string>;
  }>;
  /** Any text; the image is made anew when it changes. */
  replaceTrigger?: pulumi.Input<string>;
}

/**
 * An image in Prism Central. Credentials are read when an operation runs, from the environment of pulumi
 * (NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY) or from the stack's secret prismCentral.password.
 *
 * The option `import` takes over an image by its uuid, if it is what the arguments say. It shows as a create: the
 * engine's own import asks dynamic providers in a way that Pulumi's SDK does not answer.
 */
export class PrismImage extends LateResource {
  /** The image's uuid, in v3 and v4. */
  declare readonly uuid: pulumi.Output<string>;
  declare readonly sizeBytes: pulumi.Output<number>;
  /** What the file really was. */
  declare readonly contentSha256: pulumi.Output<string>;
  /** The Prism Element that was asked for. */
  declare readonly prismElementUuid: pulumi.Output<string | undefined>;

  constructor(name: string, args: PrismImageArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { import: importUuid, ...others } = opts;
    const facts = { uuid: undefined, sizeBytes: undefined, contentSha256: undefined };
    const made = { ...facts, prismElementUuid: undefined };
    const inputs = { ...made, imageType: "DISK_IMAGE", ...args, importUuid };
    super({ room: "prism-image", token: "prism:Image" }, name, inputs, others);
  }
}
