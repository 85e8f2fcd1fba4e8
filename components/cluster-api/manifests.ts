// Upstream's manifest files as objects, with their ${NAME:=default} variables filled in. Nothing else changes.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { loadAll } from "js-yaml";
import type { Manifest } from "../kubernetes-object";

/** Where manifests are read from: a file, all YAML files of a folder, or the cached copy of what is at an address. */
export interface ManifestSource {
  path: string;
  /** What `path` was fetched from. */
  url?: string;
  /** SHA-256 of what was fetched; nothing else is read. Without it, nothing of an address is. */
  sha256?: string;
}

export interface ManifestFile {
  path: string;
  /** Undefined when it is not there, or not what it has to be. */
  text?: string;
  /** Why there is no text, and what to do. */
  problem?: string;
}

/** Reads a source's files. `stack` is who to fetch for. */
export function readManifests(source: ManifestSource, stack: string): ManifestFile[] {
  return source.url === undefined ? readPlace(source.path) : [readFetched(source, stack)];
}

function readPlace(place: string): ManifestFile[] {
  if (!existsSync(place)) return [{ path: place, problem: absent(place) }];
  if (statSync(place).isFile()) return [{ path: place, text: readFileSync(place, "utf8") }];
  const names = readdirSync(place).filter((name) => /\.ya?ml$/.test(name));
  const pattern = path.join(place, "*.yaml");
  if (names.length === 0) return [{ path: pattern, problem: absent(pattern) }];
  return names.sort().flatMap((name) => readPlace(path.join(place, name)));
}

const absent = (file: string) =>
  `Reading ${file} failed: there is no such file. Run \`npm run lab -- toolchain\`, which renders Cluster API's, ` +
  "or name another file, or a url and its sha256, under clusterApi.";

function readFetched(source: ManifestSource, stack: string): ManifestFile {
  const { url = "", sha256 } = source;
  const fetch = `npm run lab -- fetch -s ${stack}`;
  const failed = (answer: string) => ({
    path: source.path,
    problem: `Reading ${url} failed: ${answer}`,
  });
  if (sha256 === undefined)
    return failed(`its sha256 is not given. Run \`${fetch} --pin\`, which writes it down.`);
  if (!existsSync(source.path)) return failed(`it is not in the cache. Run \`${fetch}\`.`);
  const content = readFileSync(source.path);
  if (createHash("sha256").update(content).digest("hex") !== sha256)
    return failed(
      `${source.path} is not what was fetched. Remove that file, and run \`${fetch}\`.`,
    );
  return { path: source.path, text: content.toString("utf8") };
}

/** The objects of a text of YAML documents. Throws an Error that names every variable without a value. */
export function parseManifests(text: string, variables: Record<string, string>): Manifest[] {
  return fillVariables(text, variables)
    .split(/^---.*$/m)
    .flatMap((document) => loadAll(document) as (Manifest | null)[])
    .filter((object) => object !== null);
}

/** Fills ${NAME} and ${NAME:=default}, also with =, - and :- for :=, as clusterctl does. */
export function fillVariables(text: string, variables: Record<string, string>): string {
  const missing = new Set<string>();
  const filled = text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[=-]([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => {
      const value = variables[name] ?? fallback;
      if (value === undefined) missing.add(name);
      return value ?? "";
    },
  );
  if (missing.size === 0) return filled;
  throw new Error(
    `Filling in Cluster API's manifests failed: no value for ${[...missing].join(", ")}. ` +
      "Set them under clusterApi.variables.",
  );
}
