// Upstream's manifest files as objects, with their ${NAME:=default} variables filled in. Nothing else changes.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import type { Manifest } from "../kubernetes-object";

export interface ManifestFile {
  path: string;
  /** Undefined when there is no such file. */
  text?: string;
}

/** Reads files, and all YAML files of folders. What is missing is there without a text. */
export function readManifestFiles(places: string[]): ManifestFile[] {
  return places.flatMap((place) => {
    if (!existsSync(place)) return [{ path: place }];
    if (statSync(place).isFile()) return [{ path: place, text: readFileSync(place, "utf8") }];
    const names = readdirSync(place).filter((name) => /\.ya?ml$/.test(name));
    if (names.length === 0) return [{ path: path.join(place, "*.yaml") }];
    return readManifestFiles(names.sort().map((name) => path.join(place, name)));
  });
}

/** The objects of a text of YAML documents. Throws an Error that names every variable without a value. */
export function parseManifests(text: string, variables: Record<string, string>): Manifest[] {
  return fillVariables(text, variables)
    .split(/^---.*$/m)
    .map((document) => parse(document) as Manifest | null)
    .filter((object) => object !== null);
}

/** Fills ${NAME}, ${NAME:=default} and ${NAME:-default}, as clusterctl does. */
export function fillVariables(text: string, variables: Record<string, string>): string {
  const missing = new Set<string>();
  const filled = text.replace(
    /\$\{([A-Z][A-Z0-9_]*)(?::[=-]([^}]*))?\}/g,
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
