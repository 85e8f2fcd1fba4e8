// Which packages a program has installed, and which of them need a resource plugin: those that say so in the
// `pulumi` field of package.json. Every node_modules from the program's folder upwards is looked into, one level. Without
// promises: for hundreds of small files they take ten times as long, and nobody else is served meanwhile.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
    readonly parameterization?: unknown;
  };
}

export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  readonly server: string;
}

/** The packages that Node would find from this folder, nearest first. */
export function installedPackages(directory: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  for (const folder of nodeModulesOf(directory)) {
    for (const manifest of packageFolders(folder).map(readManifest)) {
      if (manifest?.name && !found.has(manifest.name)) found.set(manifest.name, manifest);
    }
  }
  return [...found.values()];
}

/** The plugins that these packages ask for. */
export function requiredPlugins(packages: readonly InstalledPackage[]): RequiredPlugin[] {
  return packages
    .filter(({ pulumi }) => pulumi?.resource === true)
    .map(({ name, version, pulumi }) => {
      if (pulumi?.parameterization !== undefined) {
        throw new Error(
          `Reading the plugin of ${name} failed: it is parameterized, which this language host does not do.`,
        );
      }
      return {
        name: pulumi?.name ?? name.replace(/^@[^/]*\//, ""),
        version: `v${(pulumi?.version ?? version).replace(/^v/, "")}`,
        server: pulumi?.server ?? "",
      };
    });
}

/** The packages that the program's own package.json names, with the versions that are installed. */
export function directDependencies(directory: string): InstalledPackage[] {
  const manifest = readJson(path.join(directory, "package.json"));
  const named = { ...manifest?.dependencies, ...manifest?.devDependencies };
  return installedPackages(directory).filter(({ name }) => name in named);
}

function nodeModulesOf(directory: string): string[] {
  const above = path.dirname(directory);
  const here = path.join(directory, "node_modules");
  return above === directory ? [here] : [here, ...nodeModulesOf(above)];
}

function packageFolders(nodeModules: string): string[] {
  const names = namesIn(nodeModules);
  const scopes = names.filter((name) => name.startsWith("@"));
  const scoped = scopes.flatMap((scope) =>
    namesIn(path.join(nodeModules, scope)).map((name) => `${scope}/${name}`),
  );
  return [...names.filter((name) => !/^[@.]/.test(name)), ...scoped].map((name) =>
    path.join(nodeModules, name),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

type Manifest = InstalledPackage & {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
};

const readManifest = (folder: string) => readJson(path.join(folder, "package.json"));

function readJson(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
