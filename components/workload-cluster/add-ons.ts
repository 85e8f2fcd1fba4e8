// What a bare Kubernetes cluster lacks: a network between pods, and volumes. Helm charts in the workload cluster,
// whose controllers live on the control plane: on a worker they would keep the last one from going.

import { mirrored, type Mirrors } from "../images";
import type { Manifest } from "../kubernetes-object";

export interface AddOnsSpec {
  /** Cilium, or none where pods have a network already. */
  cni: "cilium" | "none";
  /** Nutanix's CSI driver with a StorageClass, or none. */
  csi: "nutanix" | "none";
  /** Storage container of the StorageClass's volumes. */
  storageContainer: string;
  /** Where charts are taken from in the place of upstream's repositories. */
  charts: Mirrors;
}

export interface Chart {
  name: string;
  namespace: string;
  chart: string;
  repository: string;
  version: string;
  values: Record<string, unknown>;
}

const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** On the control plane, whatever its taint. */
const onControlPlane = {
  nodeSelector: { [CONTROL_PLANE]: "" },
  tolerations: [{ key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" }],
};

/** The namespace of the driver, and of its credentials. */
export const CSI_NAMESPACE = "ntnx-system";

/** The network; each node has its range of pod addresses from the controller manager. */
export const cilium: Chart = {
  name: "cilium",
  namespace: "kube-system",
  chart: "cilium",
  repository: "https://helm.cilium.io",
  version: "1.19.1",
  values: {
    ipam: { mode: "kubernetes" },
    hubble: { enabled: false },
    operator: { replicas: 1, nodeSelector: onControlPlane.nodeSelector },
  },
};

export const nutanixCsi: Chart = {
  name: "nutanix-csi",
  namespace: CSI_NAMESPACE,
  chart: "nutanix-csi-storage",
  repository: "https://nutanix.github.io/helm-releases",
  version: "3.7.0",
  values: {
    // The credentials are a Secret of our own, so that they are no Helm value.
    createSecret: false,
    createPrismCentralSecret: false,
    controller: onControlPlane,
  },
};

/** Where a release takes its chart from. A mirror that is an OCI registry has no index of charts. */
export function chartPlace({ chart, repository }: Chart, mirrors: Mirrors) {
  const place = mirrored(repository, mirrors);
  if (place.startsWith("oci://")) return { chart: `${place}/${chart}` };
  return { chart, repositoryOpts: { repo: place } };
}

/** What the driver needs beside its chart. `key` is address:port:user:password of Prism Central. */
export function csiObjects(key: unknown, storageContainer: string): Record<string, Manifest> {
  return {
    namespace: { apiVersion: "v1", kind: "Namespace", metadata: { name: CSI_NAMESPACE } },
    credentials: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "ntnx-pc-secret", namespace: CSI_NAMESPACE },
      stringData: { key },
    },
    storageClass: {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "nutanix-volume",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "csi.nutanix.com",
      parameters: {
        storageType: "NutanixVolumes",
        storageContainer,
        hypervisorAttached: "ENABLED",
        "csi.storage.k8s.io/fstype": "ext4",
      },
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    },
  };
}
