// Cluster API and CAPX: versions, and where their manifests are read from.

import { homedir } from "node:os";
import * as path from "node:path";
import { home } from "./groups";
import type { ClusterApiConfig, ManifestSourceConfig } from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";
import { KNOWN_GOOD } from "./versions";

/** Folder of this project's cache, as the toolchain has it. */
function cache(): string {
  const { LAB_CACHE, XDG_CACHE_HOME } = process.env;
  return LAB_CACHE ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), PROJECT);
}

const PROJECT = "nutanix-serverless-lab";

/** Where `lab fetch` puts what has this SHA-256. */
export function fetchedFile(sha256: string): string {
  return path.join(cache(), "fetched", sha256);
}

type Part = keyof ClusterApiConfig["sources"];

export function clusterApi(section: Section): ClusterApiConfig {
  const [newest] = KNOWN_GOOD;
  const version = section.text("version", newest.clusterApi, rules.version);
  const certificates = section.choice("certificates", CERTIFICATES, "self-signed");
  const rendered = path.join(
    home(section.text("manifests", path.join(cache(), "manifests", "cluster-api"))),
    version,
  );
  const part = (key: Part, fallback?: string) => source(section, key, fallback);
  const value: ClusterApiConfig = {
    version,
    capxVersion: section.text("capxVersion", newest.capx, rules.version),
    sources: {
      core: part("core", path.join(rendered, "core-components.yaml")),
      bootstrap: part("bootstrap", path.join(rendered, "bootstrap-components.yaml")),
      controlPlane: part("controlPlane", path.join(rendered, "control-plane-components.yaml")),
      infrastructure: part("infrastructure", "manifests/capx"),
      ...(certificates === "cert-manager" ? { certManager: part("certManager") } : {}),
    },
    certificates,
    crdDescriptions: section.flag("crdDescriptions", true),
    variables: section.textByName("variables"),
  };
  checkReleases(section, value);
  if (certificates === "self-signed" && section.has("certManager"))
    section.mistake("certManager", "manifests", "manifests only with certificates: cert-manager");
  section.close();
  return value;
}

/** An address that names a release must name the one that the stack's other parts are chosen for. */
function checkReleases(section: Section, { version, capxVersion, sources }: ClusterApiConfig) {
  for (const part of ["core", "bootstrap", "controlPlane", "infrastructure"] as const) {
    const wanted = part === "infrastructure" ? capxVersion : version;
    const found = /\/(v\d+\.\d+\.\d+)\//.exec(sources[part].url ?? "")?.[1];
    const key = part === "infrastructure" ? "capxVersion" : "version";
    if (found !== undefined && found !== wanted)
      section.mistake(`${part}.url`, found, `${wanted}, which ${key} says`);
  }
}

const CERTIFICATES = ["self-signed", "cert-manager"] as const;

/** A path, or an address with the SHA-256 of what is there. */
function source(section: Section, key: Part, fallback?: string): ManifestSourceConfig {
  if (!section.isGroup(key)) return { path: home(section.text(key, fallback, PLACE)) };
  const group = section.section(key);
  const url = group.text("url", undefined, rules.manifestUrl);
  const sha256 = group.optionalText("sha256", rules.sha256);
  group.close();
  return { path: fetchedFile(sha256 ?? "unknown"), url, ...(sha256 ? { sha256 } : {}) };
}

const PLACE = {
  allowed: "a file or folder, or a group of url and sha256",
  accepts: (value: string) => !value.includes("://"),
};
