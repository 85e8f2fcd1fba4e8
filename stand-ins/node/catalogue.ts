// The built-in catalogue: what the management cluster's images mean. A user's catalogue file overrides an entry.
import type { Catalogue, Image } from "./images";

/** A manager on controller-runtime whose ports would collide with those of the others. */
function clusterApiManager(program: string): Image {
  return {
    programs: { "/manager": `\${bin}/${program}` },
    entrypoint: ["/manager"],
    extraArgs: [
      "--webhook-port=${port.9443}",
      "--health-addr=${pod.loopback}:9440",
      "--diagnostics-address=${pod.loopback}:8443",
    ],
    ports: { "9443": "auto" },
  };
}

export const builtInCatalogue: Catalogue = {
  images: {
    "registry.k8s.io/cluster-api/cluster-api-controller":
      clusterApiManager("cluster-api-controller"),
    "registry.k8s.io/cluster-api/kubeadm-bootstrap-controller": clusterApiManager(
      "kubeadm-bootstrap-controller",
    ),
    "registry.k8s.io/cluster-api/kubeadm-control-plane-controller": clusterApiManager(
      "kubeadm-control-plane-controller",
    ),
    "ghcr.io/nutanix-cloud-native/cluster-api-provider-nutanix/controller": {
      programs: { "*": ["${node}", "${dist}/capx.cjs"] },
      entrypoint: ["/manager"],
      extraArgs: [
        "--health-probe-bind-address=${pod.loopback}:8081",
        "--diagnostics-address=${pod.loopback}:8443",
      ],
    },
    "registry.k8s.io/autoscaling/cluster-autoscaler": {
      programs: {
        "./cluster-autoscaler": ["${node}", "${dist}/cluster-autoscaler.cjs"],
        "/cluster-autoscaler": ["${node}", "${dist}/cluster-autoscaler.cjs"],
      },
      entrypoint: ["/cluster-autoscaler"],
      extraArgs: ["--address=${pod.loopback}:8085"],
    },
  },
};
