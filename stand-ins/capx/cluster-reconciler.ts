// A NutanixCluster's life: credentials are taken over, Prism Central is reached, failure domains are checked, the
// cluster's category exists, ready. At its end: machines first, then category, Secret and finalizer.

import type { KubeClient } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import { adopt, credentials, reference, release, trustBundle } from "./adoption";
import { isFalse, isTrue } from "./conditions";
import { clusterFinalizer, clusterNameLabel, nutanixClusters, secrets } from "./objects";
import type { Cluster, NutanixCluster, NutanixMachine } from "./objects";
import { clusterOf, isPaused, ownerOf } from "./owners";
import type { PrismAccess } from "./prism-access";
import type { PrismClient } from "../shared/prism-client";
import { clusterDomains } from "./failure-domains";
import { category, ensureCategory } from "./prism-lookup";
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
  const { client } = world;
  const draft: Draft = new StatusDraft(client, nutanixClusters, object);
  try {
    await ensureFinalizer(world, object);
    await step(draft, "CredentialRefSecretOwnerSet", () => adopt(client, object, credentials));
    if (reference(object, trustBundle))
      await step(draft, "TrustBundleSecretOwnerSet", () => adopt(client, object, trustBundle));
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

/** Reasons that are not the condition's type and "Failed". */
const failures: Record<string, string> = {
  ClusterCategoryCreated: "ClusterCategoryCreationFailed",
};

/** Runs a step and records how it went in a condition of its own. */
async function step<T>(draft: Draft, type: string, run: () => Promise<T>): Promise<T> {
  try {
    const result = await run();
    draft.set(isTrue(type));
    return result;
  } catch (error) {
    draft.set(
      isFalse(
        type,
        failures[type] ?? `${type}Failed`,
        error instanceof Error ? error.message : "unknown",
      ),
    );
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

interface DomainCheck {
  world: ClusterWorld;
  object: NutanixCluster;
  prism: PrismClient;
  draft: Draft;
}

/** Domains that are wrong are left out and named; the cluster goes on with the others. */
async function failureDomains({ world, object, prism, draft }: DomainCheck): Promise<void> {
  const { controlPlaneFailureDomains = [], failureDomains: legacy = [] } = object.spec;
  if (controlPlaneFailureDomains.length === 0 && legacy.length === 0) {
    draft.set(isTrue("NoFailureDomainsConfigured"));
    draft.remove("FailureDomainsValidated");
    delete draft.status.failureDomains;
    return;
  }
  draft.remove("NoFailureDomainsConfigured");
  const { domains, mistakes } = await clusterDomains(world.client, prism, object);
  draft.status.failureDomains = domains;
  const type = "FailureDomainsValidated";
  draft.set(
    mistakes.length === 0
      ? isTrue(type)
      : isFalse(type, "FailureDomainsMisconfigured", mistakes.join("\n"), "Warning"),
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
  // Without credentials there is no way to the category; the cluster must go all the same.
  const ref = reference(object, credentials);
  if (ref && (await world.client.get(secrets, ref)))
    await deleteCategory(await world.prism.of(object), name);
  for (const kind of [credentials, trustBundle]) await release(world.client, object, kind);
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
