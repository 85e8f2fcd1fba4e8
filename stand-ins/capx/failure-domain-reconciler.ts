// A NutanixFailureDomain's life: a finalizer keeps it while machines are placed by it.

import type { KubeClient } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import { isFalse, isTrue } from "./conditions";
import { failureDomainFinalizer, nutanixFailureDomains } from "./objects";
import type { Machine, NutanixFailureDomain } from "./objects";
import { StatusDraft } from "./status-draft";

const safe = "FailureDomainSafeForDeletion";

/** Moves one NutanixFailureDomain on; rejects, to be tried again, while it is in use. */
export async function reconcileFailureDomain(
  client: KubeClient,
  machines: KubeStore<Machine>,
  domain: NutanixFailureDomain,
): Promise<void> {
  const { name, namespace, finalizers = [], resourceVersion, deletionTimestamp } = domain.metadata;
  const draft = new StatusDraft(client, nutanixFailureDomains, domain);
  const kept = finalizers.includes(failureDomainFinalizer);
  if (!deletionTimestamp) {
    draft.remove(safe);
    await draft.save();
    const metadata = { resourceVersion, finalizers: [...finalizers, failureDomainFinalizer] };
    if (!kept) await client.patch(nutanixFailureDomains, domain.metadata, { metadata });
    return;
  }
  if (!kept) return;
  const users = machines
    .list()
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespace &&
        !metadata.deletionTimestamp &&
        spec.failureDomain === name,
    )
    .map(({ metadata, spec }) => `machine:${metadata.name},cluster:${spec.clusterName}`);
  if (users.length > 0) {
    const message = `The failure domain is used by other resources in the same namespace: [${users.join(" ")}]`;
    draft.set(isFalse(safe, "FailureDomainInUse", message));
    await draft.save();
    throw new Error(`the failure domain "${name}" is not safe for deletion since it is in use`);
  }
  draft.set(isTrue(safe));
  await draft.save();
  const left = finalizers.filter((finalizer) => finalizer !== failureDomainFinalizer);
  await client.patch(nutanixFailureDomains, domain.metadata, { metadata: { finalizers: left } });
}
