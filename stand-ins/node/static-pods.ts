// Static pods: files of a folder, run whether or not the API server is there, shown to it as mirror pods.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { log } from "../shared/log";
import type { KubeObject } from "../shared/kube-client";
import type { Pod } from "./types";

export const mirrorAnnotation = "kubernetes.io/config.mirror";
const sourceAnnotation = "kubernetes.io/config.source";
const hashAnnotation = "kubernetes.io/config.hash";

/** The pod of a manifest, named, placed and annotated as a kubelet does; its uid is a hash of the file. */
export function staticPod(text: string, nodeName: string): Pod {
  const pod = parse(text) as Pod;
  const hash = createHash("md5").update(text).update(nodeName).digest("hex");
  const { metadata, spec } = pod;
  return {
    ...pod,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      namespace: metadata.namespace ?? "default",
      uid: hash,
      annotations: {
        ...metadata.annotations,
        [hashAnnotation]: hash,
        [sourceAnnotation]: "file",
      },
    },
    spec: { ...spec, nodeName },
  };
}

/** The mirror pod of a static pod, owned by the Node. */
export function mirrorPod(pod: Pod, node: { name: string; uid: string }): Pod {
  const { name, namespace, labels, annotations } = pod.metadata;
  const owner = {
    apiVersion: "v1",
    kind: "Node",
    name: node.name,
    uid: node.uid,
    controller: true,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels,
      annotations: { ...annotations, [mirrorAnnotation]: pod.metadata.uid ?? "" },
      ownerReferences: [owner],
    },
    spec: {
      ...pod.spec,
      tolerations: [...(pod.spec.tolerations ?? []), { operator: "Exists", effect: "NoExecute" }],
    },
  };
}

/** Whether a pod of the API server only mirrors a static one. */
export function isMirror(pod: KubeObject): boolean {
  return pod.metadata.annotations?.[mirrorAnnotation] !== undefined;
}

/** Whether a pod comes from a file of this machine. */
export function isStatic(pod: KubeObject): boolean {
  return pod.metadata.annotations?.[sourceAnnotation] === "file" && !isMirror(pod);
}

/** The static pods of a folder. A file is read again when it has changed. */
export class StaticPods {
  private readonly folder: string;
  private readonly nodeName: string;
  private known = new Map<string, { stamp: string; pod: Pod | undefined }>();

  constructor(folder: string, nodeName: string) {
    this.folder = folder;
    this.nodeName = nodeName;
  }

  /** The pods as the files are now; one that cannot be read is logged and left out. */
  read(): Pod[] {
    const before = this.known;
    this.known = new Map();
    for (const name of this.names()) {
      const file = join(this.folder, name);
      const found = statSync(file, { throwIfNoEntry: false });
      if (!found) continue;
      const stamp = `${found.ino} ${found.mtimeMs} ${found.size}`;
      const known = before.get(file);
      this.known.set(file, known?.stamp === stamp ? known : { stamp, pod: this.readFile(file) });
    }
    return [...this.known.values()].flatMap(({ pod }) => pod ?? []);
  }

  private names(): string[] {
    try {
      return readdirSync(this.folder)
        .filter((name) => !name.startsWith("."))
        .sort();
    } catch {
      return [];
    }
  }

  private readFile(file: string): Pod | undefined {
    try {
      return staticPod(readFileSync(file, "utf8"), this.nodeName);
    } catch (error) {
      log("reading a static pod failed", { file, reason: String(error) });
      return undefined;
    }
  }
}
