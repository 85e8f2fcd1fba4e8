// Where a node image comes from, and what it is called: a name that changes with its content and is known before
// anything is built or fetched.

import * as path from "node:path";
import { contentHash } from "./content-hash";

/** A Packer template that makes a file. */
export interface RecipeSource {
  from: "recipe";
  /** Folder of the Packer template. */
  recipe: string;
  /** The packer program. */
  packer: string;
  /** One source of the template, such as qemu.node. @default all of them */
  only?: string;
  /** Variables of the template beside kubernetes_version and output. */
  variables: Record<string, string>;
  /** Folders whose programs the recipe puts into the image: variables programs_dir and stand_ins_dir. */
  programs?: string;
  standIns?: string;
  /** Further files and folders of this repository that those programs are made from. */
  sources: string[];
  /** Ending of the built file's name. */
  format: "img" | "qcow2";
  /** Folder that the built file is written to. */
  output: string;
}

/** Where the image comes from: exactly one of these. */
export type ImageSource =
  | RecipeSource
  /** A file that is there, of that SHA-256 where it is given. */
  | { from: "file"; file: string; sha256?: string }
  /** An address that Prism Central fetches from. */
  | { from: "url"; url: string; sha256: string }
  /** An image in Prism Central. */
  | { from: "prism"; uuid: string }
  | { from: "prism"; name: string };

/**
 * `capx-embedded-v1.36.3-1a2b3c4d`: kind, version, and the hash of what goes into the image. Reads all of that: ask once.
 */
export function imageName(source: ImageSource, kubernetesVersion: string): string {
  if (source.from === "prism") return "uuid" in source ? source.uuid : source.name;
  const kind = source.from === "recipe" ? path.basename(source.recipe) : source.from;
  return `capx-${kind}-${kubernetesVersion}-${hashOf(source, kubernetesVersion).slice(0, 8)}`;
}

function hashOf(
  source: Exclude<ImageSource, { from: "prism" }>,
  kubernetesVersion: string,
): string {
  if (source.from !== "recipe" && source.sha256 !== undefined) return source.sha256;
  if (source.from === "file") return contentHash([source.file], [kubernetesVersion]);
  if (source.from === "url") return source.sha256;
  const { recipe, sources, only, variables } = source;
  const choices = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  const pins = [kubernetesVersion, ...(only === undefined ? [] : [only]), ...choices.sort()];
  return contentHash([recipe, ...sources], pins);
}

/** The file that a recipe makes of an image of that name. */
export function outputFile({ output, format }: RecipeSource, name: string): string {
  return path.join(output, `${name}.${format}`);
}
