// The node image: built by Packer where its recipe is new, and held by Prism Central.

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { PrismImage } from "../providers/prism-image";
import { PrismImageReference } from "../providers/prism-image-reference";
import { type ImageSource, imageName, outputFile, type RecipeSource } from "./image-source";
import { shell } from "./shell";

export interface VmImageArgs {
  source: ImageSource;
  /** Kubernetes version of the programs in the image. */
  kubernetesVersion: string;
  prismCentral: {
    address: string;
    port: number;
    insecure: boolean;
    trustBundle?: string;
  };
  /** Name or uuid of the one Prism Element that is to hold the image. @default all of them */
  prismElement?: string;
}

/** A machine image that CAPX can make nodes from. */
export class VmImage extends pulumi.ComponentResource {
  /** The image's UUID in Prism Central. */
  readonly uuid: pulumi.Output<string>;
  /** A name that changes with the image's content; known before anything is built. */
  readonly imageName: string;

  constructor(name: string, args: VmImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:VmImage", name, {}, opts);
    this.imageName = imageName(args.source, args.kubernetesVersion);
    this.uuid = this.image(name, args);
    this.registerOutputs({ uuid: this.uuid, imageName: this.imageName });
  }

  /** A reference to what Prism Central has, or an image of our own. */
  private image(name: string, args: VmImageArgs): pulumi.Output<string> {
    const { source } = args;
    if (source.from === "prism") {
      const wanted = "uuid" in source ? { uuid: source.uuid } : { name: source.name };
      const inputs = { ...wanted, endpoint: endpoint(args) };
      return new PrismImageReference(name, inputs, { parent: this }).uuid;
    }
    const build = source.from === "recipe" ? this.build(name, args, source) : undefined;
    const image = new PrismImage(
      name,
      {
        name: this.imageName,
        description: `Node image for Kubernetes ${args.kubernetesVersion}`,
        ...this.content(source),
        ...(args.prismElement === undefined ? {} : { prismElement: args.prismElement }),
        endpoint: endpoint(args),
      },
      { parent: this, dependsOn: build ? [build] : [] },
    );
    return image.uuid;
  }

  /** What PrismImage takes the bytes from. An address with a query holds its own permission: it is a secret. */
  private content(source: Exclude<ImageSource, { from: "prism" }>) {
    if (source.from === "recipe") return { sourcePath: outputFile(source, this.imageName) };
    if (source.from === "file")
      return { sourcePath: source.file, ...(source.sha256 ? { sha256: source.sha256 } : {}) };
    const sourceUri = source.url.includes("?") ? pulumi.secret(source.url) : source.url;
    return { sourceUri, sha256: source.sha256 };
  }

  private build(name: string, args: VmImageArgs, source: RecipeSource): command.local.Command {
    const file = outputFile(source, this.imageName);
    return new command.local.Command(
      `${name}-build`,
      {
        create: packerBuild(source, { ...args, file }),
        delete: shell`rm -f ${file} ${`${file}.manifest.json`}`,
        triggers: [this.imageName],
      },
      { parent: this, customTimeouts: { create: "60m" } },
    );
  }
}

function endpoint({ prismCentral }: VmImageArgs): VmImageArgs["prismCentral"] {
  const { address, port, insecure, trustBundle } = prismCentral;
  return { address, port, insecure, ...(trustBundle ? { trustBundle } : {}) };
}

function packerBuild(
  source: RecipeSource,
  { kubernetesVersion, file }: { kubernetesVersion: string; file: string },
): string {
  const variables = {
    ...(source.programs === undefined ? {} : { programs_dir: source.programs }),
    ...(source.standIns === undefined ? {} : { stand_ins_dir: source.standIns }),
    kubernetes_version: kubernetesVersion,
    output: file,
    ...source.variables,
  };
  const only = source.only === undefined ? [] : [shell`-only=${source.only}`];
  const flags = Object.entries(variables).map(([key, value]) => shell`-var ${`${key}=${value}`}`);
  const words = [shell`${source.packer} build -color=false`, ...only, ...flags];
  return [...words, shell`${source.recipe}`].join(" ");
}
