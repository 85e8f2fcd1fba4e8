// Names that objects of a workload cluster have and refer to each other by.

import { createHash } from "node:crypto";
import type { WorkloadClusterSpec } from "./spec";

export const CORE = "cluster.x-k8s.io";
export const INFRASTRUCTURE = `infrastructure.${CORE}`;
export const BOOTSTRAP = `bootstrap.${CORE}`;
export const CONTROL_PLANE = `controlplane.${CORE}`;
export const ADD_ONS = `addons.${CORE}`;

/** cloud-init fills it in: the Machine's name. */
export const HOSTNAME = "{{ ds.meta_data.hostname }}";

export const clusterLabel = `${CORE}/cluster-name`;
export const poolLabel = `${CORE}/deployment-name`;
export const controlPlaneLabel = `${CORE}/control-plane-name`;

export const controlPlaneName = (cluster: string) => `${cluster}-kcp`;
export const machineDeploymentName = (cluster: string, pool: string) => `${cluster}-${pool}`;
export const kubeconfigSecretName = (cluster: string) => `${cluster}-kubeconfig`;
export const trustBundleName = (cluster: string) => `${cluster}-pc-trusted-ca-bundle`;

export const metadata = ({ namespace }: Pick<WorkloadClusterSpec, "namespace">, name: string) => ({
  name,
  namespace,
});

/** A reference of v1beta2: by group, not by version. */
export const reference = (apiGroup: string, kind: string, name: string) => ({
  apiGroup,
  kind,
  name,
});

/** A name that changes with the content: such objects are replaced, never edited. */
export function hashedName(prefix: string, content: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return `${prefix}-${hash.slice(0, 8)}`;
}
