// Static pods: files of a folder, run whether or not the API server is there, shown to it as mirror pods.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { log } from "../shared/log";
import type { KubeObject } from "../shared/kube-client";
import type { Pod } from "./types";

export const mirrorAnnotation = "kubernetes.io/config.mirror";
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
        "kubernetes.io/config.source": "file",
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

/** The static pods of a folder as it is now; a file that cannot be read is logged and left out. */
export function readStaticPods(folder: string, nodeName: string): Pod[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
  return names.sort().flatMap((name) => {
    try {
      return [staticPod(readFileSync(join(folder, name), "utf8"), nodeName)];
    } catch (error) {
      log("reading a static pod failed", { file: join(folder, name), reason: String(error) });
      return [];
    }
  });
}
