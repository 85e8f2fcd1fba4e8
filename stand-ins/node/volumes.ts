// A pod's volumes as files under the node's root folder, to be bound at their mount paths.
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../shared/sandbox";
import { writeAtomically } from "./atomic-writer";
import type { VolumeFiles } from "./atomic-writer";
import { fieldOf, resourceOf } from "./downward";
import { expand, lookUp, MissingSourceError } from "./environment";
import type { Sources } from "./environment";
import type { Container, KeyToPath, Volume, VolumeProjection } from "./types";

export interface VolumeSources extends Sources {
  /** A token of the pod's service account. */
  token(audience: string | undefined, expirationSeconds: number): Promise<string>;
}

/** Where a volume is on this machine. */
export interface PlacedVolume {
  path: string;
  /** Written by the node, so read-only in containers and kept up to date. */
  generated: boolean;
}

interface ItemsSource {
  items?: KeyToPath[];
  optional?: boolean;
  defaultMode?: number;
}

/** Makes a volume, or brings its files up to date. */
export async function placeVolume(
  volume: Volume,
  folder: string,
  sources: VolumeSources,
): Promise<PlacedVolume> {
  const path = join(folder, volume.name);
  if (volume.hostPath) return { path: hostPath(volume.hostPath), generated: false };
  if (volume.emptyDir) {
    if (existsSync(path)) return { path, generated: false };
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    return { path, generated: false };
  }
  writeAtomically(path, await volumeFiles(volume, sources));
  return { path, generated: true };
}

/** The files of a volume that the node writes. Throws for kinds of volumes that it does not know. */
export async function volumeFiles(volume: Volume, sources: VolumeSources): Promise<VolumeFiles> {
  const { configMap, secret, projected, downwardAPI } = volume;
  if (configMap) return keyed(configMap, await lookUp(sources, "configMap", configMap));
  if (secret) {
    const reference = { name: secret.secretName, optional: secret.optional };
    return keyed(secret, await lookUp(sources, "secret", reference));
  }
  if (downwardAPI) return downward(downwardAPI, sources);
  if (projected) {
    const mode = projected.defaultMode ?? 0o644;
    const parts = (projected.sources ?? []).map((part) => projection(part, mode, sources));
    return Object.assign({}, ...(await Promise.all(parts))) as VolumeFiles;
  }
  const kind = Object.keys(volume)
    .filter((key) => key !== "name")
    .join(", ");
  throw new Error(`Volume ${volume.name} is a ${kind}, which is not played by this node.`);
}

async function projection(
  part: VolumeProjection,
  defaultMode: number,
  sources: VolumeSources,
): Promise<VolumeFiles> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = part;
  if (configMap)
    return keyed({ ...configMap, defaultMode }, await lookUp(sources, "configMap", configMap));
  if (secret) return keyed({ ...secret, defaultMode }, await lookUp(sources, "secret", secret));
  if (downwardAPI) return downward({ ...downwardAPI, defaultMode }, sources);
  if (!serviceAccountToken)
    throw new Error(`A projected ${Object.keys(part).join(", ")} is not played by this node.`);
  const { audience, expirationSeconds, path } = serviceAccountToken;
  const token = await sources.token(audience, expirationSeconds ?? 3600);
  return { [path]: { data: Buffer.from(token), mode: defaultMode } };
}

function keyed(source: ItemsSource, data: Record<string, Buffer> | undefined): VolumeFiles {
  if (!data) return {};
  const { defaultMode = 0o644, items, optional } = source;
  const all = items ?? Object.keys(data).map((key): KeyToPath => ({ key, path: key }));
  const missing = all.find(({ key }) => !data[key]);
  if (missing && !optional)
    throw new MissingSourceError(`references non-existent key: ${missing.key}`);
  const found = all.flatMap(({ key, path, mode = defaultMode }) => {
    const bytes = data[key];
    return bytes ? [[path, { data: bytes, mode }] as const] : [];
  });
  return Object.fromEntries(found);
}

function downward(
  source: {
    defaultMode?: number;
    items?: {
      path: string;
      fieldRef?: { fieldPath: string };
      resourceFieldRef?: { resource: string; containerName?: string; divisor?: string };
      mode?: number;
    }[];
  },
  sources: Sources,
): VolumeFiles {
  const files: VolumeFiles = {};
  for (const { path, fieldRef, resourceFieldRef, mode } of source.items ?? []) {
    const { containers, initContainers = [] } = sources.pod.spec;
    const text = fieldRef
      ? fieldOf(fieldRef.fieldPath, sources)
      : resourceOf(
          resourceFieldRef ?? { resource: "" },
          [...containers, ...initContainers],
          sources.allocatable,
        );
    files[path] = { data: Buffer.from(text), mode: mode ?? source.defaultMode ?? 0o644 };
  }
  return files;
}

const isOfType: Record<string, (found: Stats) => boolean> = {
  Directory: (found) => found.isDirectory(),
  DirectoryOrCreate: (found) => found.isDirectory(),
  File: (found) => found.isFile(),
  FileOrCreate: (found) => found.isFile(),
  Socket: (found) => found.isSocket(),
  CharDevice: (found) => found.isCharacterDevice(),
  BlockDevice: (found) => found.isBlockDevice(),
};

function hostPath({ path, type = "" }: { path: string; type?: string }): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) {
    if (type !== "" && !isOfType[type]?.(found))
      throw new Error(`hostPath type check failed: ${path} is not a ${type}`);
    return path;
  }
  // Without a type, container runtimes make a missing folder.
  if (type === "" || type === "DirectoryOrCreate")
    mkdirSync(path, { recursive: true, mode: 0o755 });
  else if (type === "FileOrCreate") writeFileSync(path, "", { mode: 0o644 });
  else throw new MissingSourceError(`hostPath type check failed: ${path} is not a ${type}`);
  return path;
}

/** What a container mounts, by the volumes of its pod. */
export function mountsOf(
  container: Container,
  volumes: Map<string, PlacedVolume>,
  variables: Record<string, string>,
): Mount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const volume = volumes.get(mount.name);
    if (!volume) throw new Error(`The pod has no volume ${mount.name}.`);
    const part = mount.subPath || subPathOf(mount.subPathExpr ?? "", variables);
    if (part.split("/").includes("..")) throw new Error(`subPath ${part} must not contain "..".`);
    const source = join(volume.path, part);
    if (!existsSync(source)) mkdirSync(source, { recursive: true });
    return {
      source,
      target: mount.mountPath,
      readOnly: volume.generated || mount.readOnly === true,
    };
  });
}

function subPathOf(expression: string, variables: Record<string, string>): string {
  const path = expand(expression, variables);
  if (!/\$\([^)]*\)/.test(path)) return path;
  throw new MissingSourceError(`missing value for ${path} of subPathExpr`);
}
