// The cluster-autoscaler as a Helm release on the management cluster, one per workload cluster.

import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ManagementCluster } from "./management-cluster";
import type { WorkloadCluster } from "./workload-cluster";
import { kubeconfigSecretName } from "./workload-cluster/names";

export type AutoscalerProfile = "lab-fast" | "default" | "cost";

export interface ClusterAutoscalerArgs {
  /** Chart: a folder, a name in `repository`, or an oci:// address. */
  chart: string;
  repository?: string;
  chartVersion?: string;
  image: { repository: string; tag: string };
  /** How soon nodes come and go. */
  profile: AutoscalerProfile;
  /** Where it runs, and what it scales. */
  management: ManagementCluster;
  workload: WorkloadCluster;
}

/** Scales a workload cluster's MachineDeployments by what its pods ask for. */
export class ClusterAutoscaler extends pulumi.ComponentResource {
  /** Changes with each release of the autoscaler. */
  readonly revision: pulumi.Output<number>;

  constructor(name: string, args: ClusterAutoscalerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:ClusterAutoscaler", name, {}, opts);
    const { management, workload } = args;
    const { cluster, namespace } = workload.objects;
    const release = new kubernetes.helm.v3.Release(
      name,
      {
        name: `${cluster}-autoscaler`,
        namespace,
        chart: args.chart,
        ...(args.chartVersion ? { version: args.chartVersion } : {}),
        ...(args.repository ? { repositoryOpts: { repo: args.repository } } : {}),
        values: values({ ...args, ...workload.objects }, kubeconfigHash(workload.kubeconfig)),
        timeout: 300,
      },
      {
        parent: this,
        provider: management.provider,
        dependsOn: workload,
        ...(management.lifetime ? { deletedWith: management.lifetime } : {}),
      },
    );
    this.revision = release.status.revision;
    this.registerOutputs({ revision: this.revision });
  }
}

/** A new kubeconfig restarts the autoscaler, which would keep its old client otherwise. The hash tells nothing. */
function kubeconfigHash(kubeconfig: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(
    kubeconfig.apply((text) => createHash("sha256").update(text).digest("hex")),
  );
}

/** Values of the upstream chart. */
export function values(
  args: Pick<ClusterAutoscalerArgs, "image" | "profile"> & { cluster: string; namespace: string },
  hash: pulumi.Input<string>,
) {
  return {
    fullnameOverride: `${args.cluster}-autoscaler`,
    cloudProvider: "clusterapi",
    clusterAPIMode: "kubeconfig-incluster",
    clusterAPIKubeconfigSecret: kubeconfigSecretName(args.cluster),
    clusterAPIConfigMapsNamespace: "kube-system",
    autoDiscovery: { clusterName: args.cluster, namespace: args.namespace },
    image: args.image,
    replicaCount: 1,
    extraArgs: PROFILES[args.profile],
    podAnnotations: { "lab/kubeconfig-sha256": hash },
    rbac: {
      create: true,
      clusterScoped: false,
      // Without it the autoscaler waits for this informer for ever, and says nothing.
      additionalRules: [
        {
          apiGroups: ["infrastructure.cluster.x-k8s.io"],
          resources: ["nutanixmachinetemplates"],
          verbs: ["get", "list", "watch"],
        },
      ],
    },
  };
}

const ZERO_IS_ZERO = {
  "skip-nodes-with-system-pods": "false",
  "skip-nodes-with-local-storage": "false",
};

/** Flags that differ from the autoscaler's own defaults. */
export const PROFILES: Record<AutoscalerProfile, Record<string, string>> = {
  "lab-fast": {
    "scan-interval": "1s",
    "scale-down-delay-after-add": "5s",
    "scale-down-delay-after-delete": "5s",
    "scale-down-delay-after-failure": "5s",
    "scale-down-unneeded-time": "5s",
    "unremovable-node-recheck-timeout": "5s",
    "initial-node-group-backoff-duration": "10s",
    ...ZERO_IS_ZERO,
  },
  default: {},
  cost: {
    "scale-down-delay-after-add": "5m",
    "scale-down-unneeded-time": "5m",
    ...ZERO_IS_ZERO,
  },
};
