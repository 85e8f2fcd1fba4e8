// Cluster API's manifests as its release carries them, rendered from the module that its managers are built
// from. The module holds staging image names; a release sets registry, tag and pull policy, and so do we.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeWhole, type CacheFolders } from "./cache";
import { goEnvironment } from "./go-build";
import { run } from "./process";
import { pins } from "./tools";

interface Part {
  /** The release's name of the part. */
  name: string;
  /** Folder of the kustomization in the module. */
  folder: string;
  image: string;
}

const parts: readonly Part[] = [
  { name: "core", folder: "config/default", image: "cluster-api-controller" },
  {
    name: "bootstrap",
    folder: "bootstrap/kubeadm/config/default",
    image: "kubeadm-bootstrap-controller",
  },
  {
    name: "control-plane",
    folder: "controlplane/kubeadm/config/default",
    image: "kubeadm-control-plane-controller",
  },
];

/** The manifests' files in the cache, by part. */
export function clusterApiManifests(folders: CacheFolders): Record<string, string> {
  const folder = path.join(folders.manifests, "cluster-api", `v${pins.clusterApi}`);
  return Object.fromEntries(
    parts.map(({ name }) => [name, path.join(folder, `${name}-components.yaml`)]),
  );
}

/** Whether all manifests are in the cache, with the content that was written. */
export function manifestsAreWhole(folders: CacheFolders): boolean {
  return Object.values(clusterApiManifests(folders)).every(isWhole);
}

/** Renders what is missing. `kubectl` and `go` are paths of programs. */
export async function renderClusterApi(
  folders: CacheFolders,
  programs: { kubectl: string; go: string },
  context: { repository: string; environment: NodeJS.ProcessEnv },
): Promise<void> {
  const files = clusterApiManifests(folders);
  const module = path.join(folders.goModules, `sigs.k8s.io/cluster-api@v${pins.clusterApi}`);
  if (!existsSync(module))
    await run(programs.go, ["mod", "download", "sigs.k8s.io/cluster-api"], {
      folder: path.join(context.repository, "toolchain", "cluster-api"),
      environment: goEnvironment(folders, folders.unfinished, context.environment),
    });
  for (const part of parts) {
    const file = files[part.name] ?? "";
    if (isWhole(file)) continue;
    const { stdout } = await run(programs.kubectl, [
      "kustomize",
      "--load-restrictor",
      "LoadRestrictionsNone",
      path.join(module, part.folder),
    ]);
    const text = released(stdout, part.image);
    await writeWhole(file, text);
    await writeWhole(`${file}.sha256`, `${sha256(text)}  ${path.basename(file)}\n`);
  }
}

/** Sets the released image and pull policy of a manager; `${NAME:=default}` stays for clusterctl or the program. */
export function released(manifest: string, image: string): string {
  const staging = new RegExp(
    `^( *)image: gcr\\.io/k8s-staging-cluster-api/${image}:\\S+\n\\1imagePullPolicy: \\S+$`,
    "gm",
  );
  const found = manifest.match(staging)?.length ?? 0;
  if (found !== 1)
    throw new Error(
      `Rendering Cluster API's manifests failed: the image of ${image} is there ${found} times, not once. ` +
        "Look at the module's kustomization; its version has moved.",
    );
  return manifest.replace(
    staging,
    `$1image: registry.k8s.io/cluster-api/${image}:v${pins.clusterApi}\n$1imagePullPolicy: IfNotPresent`,
  );
}

function isWhole(file: string): boolean {
  const sumFile = `${file}.sha256`;
  if (!existsSync(file) || !existsSync(sumFile)) return false;
  return readFileSync(sumFile, "utf8").startsWith(sha256(readFileSync(file)));
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
