// Every image and chart that a stack needs, from the objects of its own program. Pure.

import { parseAllDocuments } from "yaml";
import { imagesOf, mirrored } from "../components/images";
import type { LabConfig } from "../config/lab-config";
import { table } from "./console";
import { isShown } from "./render/documents";
import type { RenderedResource } from "./render/recorder";

export interface NeededImage {
  image: string;
  /** Names of the resources that need it. */
  neededBy: string[];
}

export interface NeededChart {
  chart: string;
  version?: string;
  repository?: string;
  neededBy: string[];
}

export interface Needs {
  stack: string;
  images: NeededImage[];
  charts: NeededChart[];
  /** Sentences about what could not be read, and may need more. */
  unknown: string[];
}

/** The one image of each part's release, for manifests that are not there to be read. */
const RELEASED: Record<string, string | undefined> = {
  "missing/core": "registry.k8s.io/cluster-api/cluster-api-controller",
  "missing/bootstrap": "registry.k8s.io/cluster-api/kubeadm-bootstrap-controller",
  "missing/controlPlane": "registry.k8s.io/cluster-api/kubeadm-control-plane-controller",
  "missing/infrastructure": "ghcr.io/nutanix-cloud-native/cluster-api-provider-nutanix/controller",
};

/** What a stack's objects need. `config` tells of what is no object: kind's node, manifests that are not there. */
export function needsOf(stack: string, resources: RenderedResource[], config: LabConfig): Needs {
  const shown = resources.filter(isShown);
  const named = shown.flatMap((resource) =>
    imagesIn(resource).map((image): [string, string] => [image, resource.name]),
  );
  const { nodeImage, kubeconfig } = config.managementCluster;
  const missing = shown.filter(({ name }) => name.startsWith("missing/"));
  const more: [string, string][] = [
    ...(nodeImage === undefined ? [] : [[nodeImage, "management"] as [string, string]]),
    ...missing.flatMap(({ name }) => releasedImage(name, config)),
  ];
  const kinds = "kind's own default image of a node: name one in managementCluster.nodeImage";
  return {
    stack,
    images: byName([...named, ...more]),
    charts: shown.flatMap((resource) => chartOf(resource) ?? []),
    unknown: [
      ...(nodeImage === undefined && kubeconfig === undefined ? [kinds] : []),
      ...missing.map(({ inputs }) => sentenceOf(inputs)),
    ],
  };
}

function releasedImage(name: string, config: LabConfig): [string, string][] {
  const { version, capxVersion } = config.clusterApi;
  const image = RELEASED[name];
  const tag = name === "missing/infrastructure" ? capxVersion : version;
  return image === undefined ? [] : [[mirrored(`${image}:${tag}`, config.registries.images), name]];
}

/** What `echo '...' >&2; exit 1` of a missing file says. */
function sentenceOf(inputs: Record<string, unknown>): string {
  const create = String(inputs["create"]);
  const quoted = /^echo '(.*)' >&2; exit 1$/s.exec(create)?.[1] ?? create;
  return quoted.replaceAll(`'\\''`, "'");
}

function imagesIn({ type, inputs }: RenderedResource): string[] {
  if (type.startsWith("kubernetes:helm")) return imagesOfValues(inputs["values"]);
  return [...imagesOf(inputs), ...imagesOfFiles(inputs)];
}

/** `image: { repository, tag }`, as nearly all charts have it, and images written out as a text. */
function imagesOfValues(values: unknown): string[] {
  if (typeof values !== "object" || values === null) return [];
  const { repository, tag, registry } = values as Record<string, unknown>;
  if (typeof repository === "string" && typeof tag === "string")
    return [`${typeof registry === "string" ? `${registry}/` : ""}${repository}:${tag}`];
  return Object.values(values).flatMap(imagesOfValues);
}

/** Static pods and manifests that travel as text: files of a KubeadmConfig, data of a ConfigMap. */
function imagesOfFiles(value: unknown): string[] {
  if (typeof value === "string") return /^kind:/m.test(value) ? imagesOfText(value) : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(imagesOfFiles);
}

function imagesOfText(text: string): string[] {
  return parseAllDocuments(text).flatMap((document) =>
    document.errors.length > 0 ? [] : imagesOf(document.toJS()),
  );
}

function chartOf({ type, name, inputs }: RenderedResource): NeededChart | undefined {
  if (!type.startsWith("kubernetes:helm")) return undefined;
  const { chart, version, repositoryOpts } = inputs as {
    chart: string;
    version?: string;
    repositoryOpts?: { repo?: string };
  };
  const repository = repositoryOpts?.repo;
  return {
    chart,
    ...(version ? { version } : {}),
    ...(repository ? { repository } : {}),
    neededBy: [name],
  };
}

function byName(pairs: [string, string][]): NeededImage[] {
  const found = new Map<string, Set<string>>();
  for (const [image, name] of pairs) found.set(image, (found.get(image) ?? new Set()).add(name));
  return [...found]
    .map(([image, names]) => ({ image, neededBy: [...names].sort() }))
    .sort((one, other) => (one.image < other.image ? -1 : 1));
}

/** The list for a person. */
export function listing({ stack, images, charts, unknown }: Needs): string {
  const rows = [
    ...images.map(({ image, neededBy }) => ["image", image, neededBy.join(", ")]),
    ...charts.map((item) => ["chart", chartAddress(item), item.neededBy.join(", ")]),
  ];
  const notes = unknown.map((sentence) => `not known: ${sentence}`);
  return [`stack ${stack}`, ...table(rows), ...notes].map((line) => `${line}\n`).join("");
}

const chartAddress = ({ chart, version, repository }: NeededChart) =>
  `${repository ? `${repository} ` : ""}${chart}${version ? ` ${version}` : ""}`;
