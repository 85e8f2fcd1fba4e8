// The catalogue in the place of a registry and a container runtime: which program an image's name means, and
// with which words it is started. PodSpecs are never changed; what is added stays on this side.

/** A program and its first arguments. */
export type Program = string | string[];

export interface Rewrite {
  from: string;
  to: string;
  exceptFlags?: string[];
}

export interface Image {
  programs?: Record<string, Program>;
  entrypoint?: string[];
  cmd?: string[];
  extraArgs?: string[];
  env?: Record<string, string>;
  rewrite?: Rewrite[];
  ports?: Record<string, "auto">;
}

export interface Catalogue {
  images: Record<string, Image>;
}

export type Variables = Record<string, string>;

/** An image that no catalogue knows. */
export class UnknownImageError extends Error {}

/** One catalogue out of several; a later entry replaces an earlier one with the same key. */
export function mergeCatalogues(catalogues: Catalogue[]): Catalogue {
  return {
    images: Object.assign({}, ...catalogues.map(({ images }) => images)) as Catalogue["images"],
  };
}

/** Checks a parsed catalogue file, naming what is wrong with it. */
export function readCatalogue(value: unknown, file: string): Catalogue {
  if (value === null || value === undefined) return { images: {} };
  const images = (value as Partial<Catalogue>).images;
  if (typeof images !== "object")
    throw new Error(`Reading the catalogue ${file} failed: it has no "images". Add it.`);
  const known = ["programs", "entrypoint", "cmd", "extraArgs", "env", "rewrite", "ports"];
  for (const [name, image] of Object.entries(images)) {
    const wrong = Object.keys(image).find((key) => !known.includes(key));
    if (wrong !== undefined)
      throw new Error(
        `Reading the catalogue ${file} failed: ${name} has "${wrong}". Known are ${known.join(", ")}.`,
      );
  }
  return { images };
}

/** The repository of an image's name, without tag and digest. */
export function repositoryOf(image: string): string {
  const name = image.split("@")[0] ?? image;
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

/** Finds an image: its full name first, then its repository. */
export function findImage(catalogue: Catalogue, image: string): Image {
  const found = catalogue.images[image] ?? catalogue.images[repositoryOf(image)];
  if (found) return found;
  throw new UnknownImageError(
    `Pulling ${image} failed: no catalogue names it. Add "${repositoryOf(image)}" to the images of catalogue.yaml, with the program that plays it.`,
  );
}

/** Replaces ${NAME} everywhere in a text. Throws for a name that has no value. */
export function substitute(text: string, variables: Variables): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    const value = variables[name];
    if (value === undefined)
      throw new Error(
        `The catalogue's variable ${whole} has no value. Give it with --var ${name}=...`,
      );
    return value;
  });
}

export interface Words {
  command?: string[];
  args?: string[];
}

/** The argv of a container: PodSpec over image as a container runtime does it, then the catalogue's programs. */
export function argvOf(image: Image, words: Words, variables: Variables): string[] {
  const [first, ...rest] = wordsOf(image, words);
  if (first === undefined)
    throw new Error("There is no command: neither the PodSpec nor the catalogue names one.");
  const extra = (image.extraArgs ?? []).map((word) => substitute(word, variables));
  const args = rest.map((word) => rewriteWord(word, image.rewrite ?? [], variables));
  return [...programOf(image, first, variables), ...args, ...extra];
}

/** A command hides the image's entrypoint and cmd, args hide its cmd. */
function wordsOf(image: Image, { command = [], args = [] }: Words): string[] {
  if (command.length > 0) return [...command, ...args];
  return [...(image.entrypoint ?? []), ...(args.length > 0 ? args : (image.cmd ?? []))];
}

/** The programs of an image with their variables replaced, for exec. */
export function programsOf(image: Image, variables: Variables): Record<string, string[]> {
  const names = Object.keys(image.programs ?? {});
  return Object.fromEntries(names.map((name) => [name, programOf(image, name, variables)]));
}

function programOf(image: Image, name: string, variables: Variables): string[] {
  const program = image.programs?.[name] ?? image.programs?.["*"];
  if (program === undefined) return [name];
  return [program].flat().map((word) => substitute(word, variables));
}

/** Applies the rewrites to a word, as whole addresses, unless its flag is excepted. */
export function rewriteWord(word: string, rewrites: Rewrite[], variables: Variables): string {
  const flag = word.split("=")[0] ?? word;
  return rewrites
    .filter((rewrite) => !rewrite.exceptFlags?.includes(flag))
    .reduce((text, { from, to }) => {
      const pattern = escape(substitute(from, variables));
      return text.replace(new RegExp(`(?<![\\w.])${pattern}(?![\\w]|\\.\\w)`, "g"), () =>
        substitute(to, variables),
      );
    }, word);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
