// The node image: built by Packer where its recipe is new, and held by Prism Central.

import * as path from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { PrismImage } from "../providers/prism-image";
import { contentHash } from "./content-hash";
import { shell } from "./shell";

/** Where the image comes from. */
export type ImageSource =
  | {
      from: "recipe";
      /** Folder of the Packer template. */
      recipe: string;
      /** The packer program. */
      packer: string;
      /** Folders whose programs the recipe puts into the image. */
      programs: string;
      standIns: string;
      /** Further files and folders of this repository that those programs are made from. */
      sources: string[];
      /** Folder that the built file is written to. */
      output: string;
    }
  | { from: "file"; file: string }
  | { from: "prism"; uuid: string };

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

  private image(name: string, args: VmImageArgs): pulumi.Output<string> {
    const { source, prismCentral } = args;
    if (source.from === "prism") return pulumi.output(source.uuid);
    const build = source.from === "recipe" ? this.build(name, args, source) : undefined;
    const { address, port, insecure, trustBundle } = prismCentral;
    const image = new PrismImage(
      name,
      {
        name: this.imageName,
        description: `Node image for Kubernetes ${args.kubernetesVersion}`,
        sourcePath: source.from === "recipe" ? outputFile(source, this.imageName) : source.file,
        endpoint: { address, port, insecure, ...(trustBundle ? { trustBundle } : {}) },
      },
      { parent: this, dependsOn: build ? [build] : [] },
    );
    return image.uuid;
  }

  private build(
    name: string,
    args: VmImageArgs,
    source: ImageSource & { from: "recipe" },
  ): command.local.Command {
    const file = outputFile(source, this.imageName);
    const variables = {
      programs_dir: source.programs,
      stand_ins_dir: source.standIns,
      kubernetes_version: args.kubernetesVersion,
      output: file,
    };
    const flags = Object.entries(variables).map(([key, value]) => shell`-var ${`${key}=${value}`}`);
    return new command.local.Command(
      `${name}-build`,
      {
        create: shell`${source.packer} build -color=false `
          .concat(flags.join(" "))
          .concat(shell` ${source.recipe}`),
        delete: shell`rm -f ${file} ${`${file}.manifest.json`}`,
        triggers: [this.imageName],
      },
      { parent: this, customTimeouts: { create: "60m" } },
    );
  }
}

function outputFile(source: ImageSource & { from: "recipe" }, imageName: string): string {
  return path.join(source.output, `${imageName}.img`);
}

/** `capx-embedded-v1.36.3-1a2b3c4d`: kind, version, and the hash of what goes into the image. */
export function imageName(source: ImageSource, kubernetesVersion: string): string {
  if (source.from === "prism") return source.uuid;
  const kind = source.from === "recipe" ? path.basename(source.recipe) : "file";
  const pins = [kubernetesVersion];
  const roots = source.from === "recipe" ? [source.recipe, ...source.sources] : [source.file];
  const hash = contentHash(roots, pins);
  return `capx-${kind}-${kubernetesVersion}-${hash.slice(0, 8)}`;
}
