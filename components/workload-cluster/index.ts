// A Kubernetes cluster out of virtual machines, made by Cluster API from the objects of manifests.ts.

import * as command from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KubernetesObject, type Manifest } from "../kubernetes-object";
import type { ManagementCluster } from "../management-cluster";
import { shell } from "../shell";
import {
  credentialsJson,
  kubeconfigSecretName,
  machineDeploymentName,
  manifests,
  type WorkloadClusterSpec,
} from "./manifests";

export interface WorkloadClusterArgs extends WorkloadClusterSpec {
  /** The cluster whose Cluster API makes it. */
  management: ManagementCluster;
}

/** A workload cluster whose control plane is Available and whose workers scale between bounds. */
export class WorkloadCluster extends pulumi.ComponentResource {
  /** Contents of a kubeconfig with all rights; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Makes objects in the cluster. */
  readonly provider: kubernetes.Provider;
  /** The Cluster object: what lives in the cluster goes with it. */
  readonly lifetime: KubernetesObject;
  /** host:port of the API server. */
  readonly endpoint: string;
  /** Names of its objects in the management cluster. */
  readonly objects: { cluster: string; namespace: string; machineDeployment: string };

  private readonly args: WorkloadClusterArgs;

  constructor(name: string, args: WorkloadClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:WorkloadCluster", name, {}, opts);
    this.args = args;
    const credentials = pulumi.secret(
      pulumi.output(args.prismCentral.credentials).apply((known) => credentialsJson(known)),
    );
    this.lifetime = this.make(name, manifests(args, credentials));
    this.kubeconfig = this.readKubeconfig(name);
    this.provider = new kubernetes.Provider(
      `${name}-provider`,
      { kubeconfig: this.kubeconfig, clusterIdentifier: this.lifetime.metadata.uid },
      { parent: this },
    );
    this.endpoint = `${args.endpoint.host}:${args.endpoint.port}`;
    const { name: cluster, namespace } = args;
    this.objects = { cluster, namespace, machineDeployment: machineDeploymentName(cluster) };
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  /** All objects; the Cluster last, so that it is deleted first and takes its machines with it. */
  private make(name: string, objects: ReturnType<typeof manifests>): KubernetesObject {
    const namespace = this.namespace();
    const object = (role: string, manifest: Manifest, opts?: pulumi.CustomResourceOptions) =>
      new KubernetesObject(`${name}-${role}`, manifest, {
        ...this.options(),
        dependsOn: namespace,
        ...opts,
      });
    // The Cluster owns its templates: they go with it, and not before a MachineSet lets go of an old one.
    const kept = { retainOnDelete: true };
    const parts = [
      object("credentials", objects.credentials),
      object("infrastructure", objects.infrastructure),
      object("control-plane-template", objects.controlPlaneTemplate, kept),
      object("worker-template", objects.workerTemplate, kept),
      object("worker-config", objects.workerConfig, kept),
      object("control-plane", objects.controlPlane),
      object("workers", objects.workers, { ignoreChanges: ["spec.replicas"] }),
    ];
    return new KubernetesObject(`${name}-cluster`, objects.cluster, {
      parent: this,
      provider: this.args.management.provider,
      dependsOn: parts,
      customTimeouts: { create: "30m", update: "30m", delete: "30m" },
    });
  }

  private namespace(): KubernetesObject[] {
    const { namespace } = this.args;
    if (namespace === "default") return [];
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    return [new KubernetesObject(`Namespace/${namespace}`, manifest, this.options())];
  }

  private options(): pulumi.CustomResourceOptions {
    const { provider, lifetime } = this.args.management;
    return { parent: this, provider, ...(lifetime ? { deletedWith: lifetime } : {}) };
  }

  private readKubeconfig(name: string): pulumi.Output<string> {
    const { name: cluster, namespace, management } = this.args;
    const read = new command.local.Command(
      `${name}-kubeconfig`,
      {
        create: readKubeconfig(kubeconfigSecretName(cluster), namespace),
        environment: { MANAGEMENT_KUBECONFIG: management.kubeconfig },
        logging: "none",
        triggers: [this.lifetime.metadata.uid],
      },
      { parent: this, dependsOn: this.lifetime, additionalSecretOutputs: ["stdout"] },
    );
    return pulumi.secret(read.stdout);
  }
}

/** Prints the kubeconfig in a Secret. kubectl reads its own from a private file that is gone afterwards. */
function readKubeconfig(secret: string, namespace: string): string {
  return [
    "set -eu",
    "umask 077",
    "file=$(mktemp)",
    "trap 'rm -f \"$file\"' EXIT",
    'printf %s "$MANAGEMENT_KUBECONFIG" >"$file"',
    shell`value=$(kubectl --kubeconfig "$file" get secret ${secret} --namespace ${namespace} `.concat(
      "--output 'jsonpath={.data.value}')",
    ),
    'printf %s "$value" | base64 -d',
  ].join("\n");
}
