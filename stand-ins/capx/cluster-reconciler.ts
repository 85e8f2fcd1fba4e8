// A NutanixCluster's life: credentials are taken over, Prism Central is reached, failure domains are checked, the
// cluster's category exists, ready. At its end: machines first, then category, Secret and finalizer.

import type { KubeClient } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import { isFalse, isTrue } from "./conditions";
import {
  clusterFinalizer,
  clusterNameLabel,
  credentialFinalizer,
  nutanixClusters,
  nutanixFailureDomains,
  secrets,
} from "./objects";
import type { Cluster, NutanixCluster, NutanixMachine, Secret } from "./objects";
import { clusterOf, isPaused, ownerOf } from "./owners";
import type { PrismAccess } from "./prism-access";
import type { PrismClient } from "../shared/prism-client";
import { category, ensureCategory, prismElement, subnet } from "./prism-lookup";
import { StatusDraft } from "./status-draft";

export const clusterCategory = "KubernetesClusterName";

export interface ClusterWorld {
  client: KubeClient;
  prism: PrismAccess;
  clusters: KubeStore<Cluster>;
  nutanixMachines: KubeStore<NutanixMachine>;
}

type Draft = StatusDraft<NonNullable<NutanixCluster["status"]>>;

/** Moves one NutanixCluster on; a number asks to be called again. */
export async function reconcileCluster(
  world: ClusterWorld,
  object: NutanixCluster,
): Promise<number | undefined> {
  const cluster = clusterOf(object, world.clusters);
  if (isPaused(object, cluster)) return undefined;
  if (object.metadata.deletionTimestamp) return deleteCluster(world, object);
  if (!ownerOf(object, "Cluster") || !cluster) return undefined;
  const draft: Draft = new StatusDraft(world.client, nutanixClusters, object);
  try {
    await ensureFinalizer(world, object);
    await step(draft, "CredentialRefSecretOwnerSet", () => adoptSecret(world, object));
    const prism = await step(draft, "PrismClientInit", () => world.prism.of(object));
    draft.set(isTrue("PrismClientConvergedV4Init"));
    await failureDomains({ world, object, prism, draft });
    await step(draft, "ClusterCategoryCreated", () =>
      ensureCategory(prism, clusterCategory, object.metadata.name),
    );
    draft.status.ready = true;
    return undefined;
  } finally {
    await draft.save();
  }
}

/** Runs a step and records how it went in a condition of its own. */
async function step<T>(draft: Draft, type: string, run: () => Promise<T>): Promise<T> {
  try {
    const result = await run();
    draft.set(isTrue(type));
    return result;
  } catch (error) {
    draft.set(isFalse(type, `${type}Failed`, error instanceof Error ? error.message : "unknown"));
    throw error;
  }
}

async function ensureFinalizer({ client }: ClusterWorld, object: NutanixCluster): Promise<void> {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(clusterFinalizer)) return;
  const { resourceVersion } = object.metadata;
  const metadata = { resourceVersion, finalizers: [...finalizers, clusterFinalizer] };
  await client.patch(nutanixClusters, object.metadata, { metadata });
}

/** Makes the NutanixCluster the Secret's owner; a Secret serves one NutanixCluster only. */
async function adoptSecret({ client }: ClusterWorld, object: NutanixCluster): Promise<void> {
  const secret = await credentialSecret(client, object);
  if (!secret) return;
  const owners = secret.metadata.ownerReferences ?? [];
  const other = owners.find(
    ({ kind, uid }) => kind === "NutanixCluster" && uid !== object.metadata.uid,
  );
  if (other)
    throw new Error(
      `Secret ${secret.metadata.name} belongs to NutanixCluster ${other.name} already. Give each cluster a Secret of its own.`,
    );
  const finalizers = secret.metadata.finalizers ?? [];
  const owned = owners.some(({ uid }) => uid === object.metadata.uid);
  if (owned && finalizers.includes(credentialFinalizer)) return;
  const owner = {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
    kind: "NutanixCluster",
    name: object.metadata.name,
    uid: object.metadata.uid ?? "",
  };
  const metadata = {
    resourceVersion: secret.metadata.resourceVersion,
    ownerReferences: owned ? owners : [...owners, owner],
    finalizers: [...new Set([...finalizers, credentialFinalizer])],
  };
  await client.patch(secrets, secret.metadata, { metadata });
}

async function credentialSecret(
  client: KubeClient,
  object: NutanixCluster,
): Promise<Secret | undefined> {
  const name = object.spec.prismCentral?.credentialRef?.name;
  return name ? client.get(secrets, { name, namespace: object.metadata.namespace }) : undefined;
}

interface DomainCheck {
  world: ClusterWorld;
  object: NutanixCluster;
  prism: PrismClient;
  draft: Draft;
}

async function failureDomains({ world, object, prism, draft }: DomainCheck): Promise<void> {
  const names = (object.spec.controlPlaneFailureDomains ?? []).map(({ name }) => name);
  if (names.length === 0) {
    draft.set(isTrue("NoFailureDomainsConfigured"));
    delete draft.status.failureDomains;
    return;
  }
  await step(draft, "FailureDomainsValidated", async () => {
    for (const name of names) {
      const ref = { name, namespace: object.metadata.namespace };
      const domain = await world.client.get(nutanixFailureDomains, ref);
      if (!domain) throw new Error(`There is no NutanixFailureDomain ${name}. Create it.`);
      const element = await prismElement(prism, domain.spec.prismElementCluster);
      for (const identifier of domain.spec.subnets) await subnet(prism, identifier, element);
    }
  });
  draft.status.failureDomains = Object.fromEntries(
    names.map((name) => [name, { controlPlane: true }]),
  );
}

/** Waits for the machines, then removes category, Secret and finalizer. */
async function deleteCluster(
  world: ClusterWorld,
  object: NutanixCluster,
): Promise<number | undefined> {
  const { name, namespace, finalizers } = object.metadata;
  if (!finalizers?.includes(clusterFinalizer)) return undefined;
  const machines = world.nutanixMachines
    .list()
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.[clusterNameLabel] === name,
    );
  if (machines.length > 0) return 5000;
  const secret = await credentialSecret(world.client, object);
  if (secret) await deleteCategory(await world.prism.of(object), name);
  if (secret) await releaseSecret(world.client, secret);
  const left = finalizers.filter((finalizer) => finalizer !== clusterFinalizer);
  await world.client.patch(nutanixClusters, object.metadata, { metadata: { finalizers: left } });
  return undefined;
}

async function deleteCategory(prism: PrismClient, value: string): Promise<void> {
  const extId = await category(prism, clusterCategory, value);
  if (!extId) return;
  const found = await prism.get("prism", `config/categories/${extId}`);
  if (!found) return;
  const path = await prism.path("prism", `config/categories/${extId}`);
  await prism.call({ method: "DELETE", path, etag: found.etag });
}

async function releaseSecret(client: KubeClient, secret: Secret): Promise<void> {
  const finalizers = (secret.metadata.finalizers ?? []).filter(
    (finalizer) => finalizer !== credentialFinalizer,
  );
  await client.patch(secrets, secret.metadata, { metadata: { finalizers } });
  await client.remove(secrets, secret.metadata);
}
