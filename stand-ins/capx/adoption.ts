// What a NutanixCluster takes over: its credentials Secret and the ConfigMap of its trust bundle. Each serves one
// NutanixCluster only, and goes with it.

import type { KubeClient, KubeObject, Ref, Resource } from "../shared/kube-client";
import { configMaps, credentialFinalizer, infrastructureGroup, secrets } from "./objects";
import type { NutanixCluster } from "./objects";

/** A kind of object that is taken over, and how a NutanixCluster names it. */
export interface Adoptable {
  resource: Resource;
  nameIn: (cluster: NutanixCluster) => { name?: string; namespace?: string } | undefined;
}

export const credentials: Adoptable = {
  resource: secrets,
  nameIn: ({ spec }) => spec.prismCentral?.credentialRef,
};

export const trustBundle: Adoptable = {
  resource: configMaps,
  nameIn: ({ spec }) => {
    const bundle = spec.prismCentral?.additionalTrustBundle;
    return bundle?.kind === "ConfigMap" ? bundle : undefined;
  },
};

/** Where the object is, if the NutanixCluster names one. */
export function reference(cluster: NutanixCluster, { nameIn }: Adoptable): Ref | undefined {
  const { name, namespace = cluster.metadata.namespace } = nameIn(cluster) ?? {};
  return name ? { name, namespace } : undefined;
}

/** Makes the NutanixCluster the object's owner. Throws when it belongs to another one. */
export async function adopt(
  client: KubeClient,
  cluster: NutanixCluster,
  kind: Adoptable,
): Promise<void> {
  const object = await read(client, cluster, kind);
  if (!object) return;
  const { uid = "", name } = cluster.metadata;
  const { ownerReferences: owners = [], finalizers = [], resourceVersion } = object.metadata;
  const other = owners.find((owner) => owner.kind === "NutanixCluster" && owner.uid !== uid);
  if (other)
    throw new Error(
      `${kind.resource.kind} ${object.metadata.name} belongs to NutanixCluster ${other.name} already. Give each cluster a ${kind.resource.kind} of its own.`,
    );
  const owned = owners.some((owner) => owner.uid === uid);
  if (owned && finalizers.includes(credentialFinalizer)) return;
  const owner = { apiVersion: `${infrastructureGroup}/v1beta1`, kind: "NutanixCluster", name, uid };
  await client.patch(kind.resource, object.metadata, {
    metadata: {
      resourceVersion,
      ownerReferences: owned ? owners : [...owners, owner],
      finalizers: [...new Set([...finalizers, credentialFinalizer])],
    },
  });
}

/** Lets the object go, and deletes it. */
export async function release(
  client: KubeClient,
  cluster: NutanixCluster,
  kind: Adoptable,
): Promise<void> {
  const object = await read(client, cluster, kind);
  if (!object) return;
  const finalizers = (object.metadata.finalizers ?? []).filter(
    (finalizer) => finalizer !== credentialFinalizer,
  );
  await client.patch(kind.resource, object.metadata, { metadata: { finalizers } });
  await client.remove(kind.resource, object.metadata);
}

async function read(
  client: KubeClient,
  cluster: NutanixCluster,
  kind: Adoptable,
): Promise<KubeObject | undefined> {
  const ref = reference(cluster, kind);
  return ref && client.get(kind.resource, ref);
}
