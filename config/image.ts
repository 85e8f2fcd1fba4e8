// Where the node image comes from: exactly one of five sources, each with keys of its own.

import { existsSync, readdirSync } from "node:fs";
import * as path from "node:path";
import type { ImageConfig } from "./lab-config";
import { home, optional } from "./groups";
import { rules } from "./rules";
import type { Section } from "./section";
import { nearest } from "./spelling";

const SOURCES = ["recipe", "file", "url", "uuid", "name"] as const;

/** A UUID that the stack files show as an example. */
const EXAMPLE_UUID = "00000000-0000-4000-8000-000000000000";

const READERS: Record<
  (typeof SOURCES)[number],
  (section: Section, preview: boolean) => ImageConfig
> = { recipe, file, url, uuid, name };

/** The image's source. What must be there for an update may be missing in a preview. */
export function image(section: Section, preview: boolean): ImageConfig {
  const [first = "recipe", second] = SOURCES.filter((key) => section.has(key));
  if (second !== undefined) {
    section.mistake(second, `also ${first}`, `only one of ${SOURCES.join(", ")}`);
    return { from: "prism", uuid: "" };
  }
  const value = READERS[first](section, preview);
  section.close();
  return value;
}

function recipe(section: Section): ImageConfig {
  const folder = section.text("recipe", "packer/embedded");
  if (folder !== "" && !existsSync(folder)) missingFolder(section, folder);
  return {
    from: "recipe",
    recipe: folder,
    packer: section.text("packer", "packer"),
    ...optional("only", section.optionalText("only")),
    variables: section.textByName("variables"),
    ...optional("programs", section.optionalText("programs")),
    ...optional("standIns", section.optionalText("standIns")),
    sources: section.texts("sources"),
    format: section.choice("format", ["img", "qcow2"], "img"),
    output: section.text("output", ".lab/images"),
  };
}

function missingFolder(section: Section, folder: string): void {
  const parent = path.dirname(folder);
  const siblings = existsSync(parent) ? readdirSync(parent) : [];
  const near = nearest(path.basename(folder), siblings);
  const hint = near === undefined ? "" : `. Did you mean ${path.join(parent, near)}?`;
  section.mistake("recipe", `${folder} (no such folder)`, `a folder with a Packer template${hint}`);
}

/** With its checksum given, the file itself is needed only when it is uploaded. */
function file(section: Section, preview: boolean): ImageConfig {
  const given = home(section.text("file"));
  const sha256 = section.optionalText("sha256", rules.sha256);
  const needed = !preview || sha256 === undefined;
  if (given !== "" && needed && !existsSync(given))
    section.mistake("file", `${given} (no such file)`, "a disk image: raw, qcow2 or vmdk");
  return { from: "file", file: given, ...optional("sha256", sha256) };
}

function url(section: Section): ImageConfig {
  return {
    from: "url",
    url: section.text("url", undefined, rules.url),
    sha256: section.text("sha256", undefined, rules.sha256),
  };
}

function uuid(section: Section, preview: boolean): ImageConfig {
  const given = section.text("uuid", undefined, rules.uuid);
  if (given === EXAMPLE_UUID && !preview)
    section.mistake("uuid", `the example ${given}`, "the UUID of an image in Prism Central");
  return { from: "prism", uuid: given };
}

function name(section: Section): ImageConfig {
  const given = section.text("name", undefined, rules.imageName);
  // CAPX takes it when nothing is said, and finds out when the cluster hangs.
  if (given === "placeholder-image")
    section.mistake("name", `CAPX's ${given}`, "the name of an image in Prism Central");
  return { from: "prism", name: given };
}
