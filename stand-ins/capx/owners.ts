// Who belongs to whom among Cluster API's objects, and whether Cluster API wants them left alone.

import type { KubeObject, OwnerReference } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import { clusterNameLabel, pausedAnnotation } from "./objects";
import type { Cluster } from "./objects";

/** The owner of a kind, if Cluster API has set it already. */
export function ownerOf(object: KubeObject, kind: string): OwnerReference | undefined {
  return (object.metadata.ownerReferences ?? []).find(
    (owner) => owner.kind === kind && owner.apiVersion.startsWith("cluster.x-k8s.io/"),
  );
}

/** The Cluster that an object belongs to, by its owner or its label. */
export function clusterOf(object: KubeObject, clusters: KubeStore<Cluster>): Cluster | undefined {
  const name = ownerOf(object, "Cluster")?.name ?? object.metadata.labels?.[clusterNameLabel];
  return name ? clusters.get({ name, namespace: object.metadata.namespace }) : undefined;
}

export function isPaused(object: KubeObject, cluster: Cluster | undefined): boolean {
  const annotated = object.metadata.annotations?.[pausedAnnotation] !== undefined;
  return annotated || (cluster?.spec?.paused ?? false);
}
