// etcd needs a majority: of two machines both, of four three. An even number is dearer than one less, and no safer.

import { at, type Rule, shown } from "../rule";

export const controlPlane: Rule = {
  name: "odd-control-plane",
  description: "A control plane has an odd number of machines.",
  type: "kubernetes:controlplane.cluster.x-k8s.io/v1beta2:KubeadmControlPlane",
  check: (resources) =>
    resources.flatMap(({ urn, props }) => {
      const replicas = at(props, "spec", "replicas") ?? 1;
      if (typeof replicas === "number" && replicas % 2 === 1) return [];
      const message = `It has ${shown(replicas)} machines, and etcd needs a majority. Set 1, 3 or 5: workloadCluster.controlPlane.replicas.`;
      return [{ urn, message }];
    }),
};
