// A Kubernetes cluster out of virtual machines, made by Cluster API from the objects of manifests.ts.

import * as command from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KubernetesObject, type Manifest } from "../kubernetes-object";
import { CHANGED_IN_PLACE, type ManagementCluster } from "../management-cluster";
import { type AddOnsSpec, type Chart, chartPlace, cilium, csiObjects, nutanixCsi } from "./add-ons";
import { controllerSecretText } from "./cloud-controller";
import { credentialsJson } from "./infrastructure";
import { readKubeconfig } from "./kubeconfig";
import { manifests, type WorkloadObjects } from "./manifests";
import { controlPlaneName, kubeconfigSecretName, machineDeploymentName } from "./names";
import { isFixed } from "./pool";
import { awaitRollout, type Rollout } from "./rollout";
import type { WorkloadClusterSpec } from "./spec";

export interface WorkloadClusterArgs extends WorkloadClusterSpec, AddOnsSpec {
  /** The cluster whose Cluster API makes it. */
  management: ManagementCluster;
}

/** A pool, and what its machines are made from. */
type PoolParts = WorkloadObjects["pools"][number] & { parts: KubernetesObject[] };

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
  /** Names of its objects in the management cluster; the MachineDeployment is the first pool's. */
  readonly objects: { cluster: string; namespace: string; machineDeployment: string };

  private readonly args: WorkloadClusterArgs;

  constructor(name: string, args: WorkloadClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:WorkloadCluster", name, {}, opts);
    this.args = args;
    const objects = manifests(args, this.secretTexts());
    const namespace = this.namespace();
    const pools = this.makePoolParts(name, objects, namespace);
    const { cluster, plane } = this.makeControlPlane(name, objects, { namespace, pools });
    this.lifetime = cluster;
    this.kubeconfig = this.readKubeconfig(name);
    this.provider = new kubernetes.Provider(
      `${name}-provider`,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: this.lifetime.metadata.uid,
        ...CHANGED_IN_PLACE,
      },
      { parent: this },
    );
    this.makeAddOns(name);
    this.makePools(name, pools, plane);
    this.makeHealthChecks(name, objects, plane);
    this.endpoint = `${args.endpoint.host}:${args.endpoint.port}`;
    const first = args.pools[0]?.name ?? "";
    this.objects = {
      cluster: args.name,
      namespace: args.namespace,
      machineDeployment: machineDeploymentName(args.name, first),
    };
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  private secretTexts() {
    const { credentials } = this.args.prismCentral;
    const json = pulumi.secret(pulumi.output(credentials).apply((known) => credentialsJson(known)));
    return { credentials: json, cloudController: json.apply(controllerSecretText) };
  }

  /** The Cluster is made after what it refers to, and deleted before it: it takes its machines with it. */
  private makeControlPlane(
    name: string,
    { parts, controlPlane, cluster }: WorkloadObjects,
    { namespace, pools }: { namespace: pulumi.Resource[]; pools: PoolParts[] },
  ) {
    const make = (role: string, manifest: Manifest, dependsOn = namespace) =>
      new KubernetesObject(`${name}-${role}`, manifest, { ...this.options(), dependsOn });
    const made = Object.entries(parts).map(([role, manifest]) => make(role, manifest));
    const template = make("control-plane-template", controlPlane.template);
    const plane = make("control-plane", controlPlane.object, [...namespace, template]);
    const whole = new KubernetesObject(`${name}-cluster`, cluster, {
      parent: this,
      provider: this.args.management.provider,
      dependsOn: [...made, plane, ...pools.flatMap((pool) => pool.parts)],
      customTimeouts: this.patience(),
    });
    const rolled = this.rollout(
      name,
      {
        kind: "kubeadmcontrolplane",
        name: controlPlaneName(this.args.name),
        template: controlPlane.template.metadata.name,
      },
      [whole],
    );
    return { cluster: whole, plane: rolled };
  }

  /**
   * What machines of pools are made from, before the Cluster. A template that nothing refers to any more is deleted last of
   * all, by Pulumi's own order: after the rollout, and never when it failed.
   */
  private makePoolParts(
    name: string,
    { pools }: WorkloadObjects,
    dependsOn: pulumi.Resource[],
  ): PoolParts[] {
    const options = { ...this.options(), dependsOn };
    return pools.map(({ pool, objects }) => ({
      pool,
      objects,
      parts: [
        new KubernetesObject(`${name}-pool-${pool.name}-template`, objects.template, options),
        new KubernetesObject(`${name}-pool-${pool.name}-config`, objects.config, options),
      ],
    }));
  }

  /** Workers follow the control plane: theirs must not be the newer version. They go with the Cluster. */
  private makePools(name: string, pools: PoolParts[], plane: pulumi.Resource): void {
    for (const { pool, objects, parts } of pools) {
      const owned = new KubernetesObject(`${name}-pool-${pool.name}`, objects.object, {
        ...this.goingWithCluster([plane, ...parts]),
        // Its size is the autoscaler's.
        ...(isFixed(pool) ? {} : { ignoreChanges: ["spec.replicas"] }),
      });
      const { name: deployment } = objects.object.metadata;
      const { name: origin } = objects.template.metadata;
      this.rollout(
        `${name}-pool-${pool.name}`,
        { kind: "machinedeployment", name: deployment, template: origin },
        [owned],
      );
    }
  }

  private makeHealthChecks(
    name: string,
    { healthChecks }: WorkloadObjects,
    plane: pulumi.Resource,
  ): void {
    for (const { role, object } of healthChecks)
      new KubernetesObject(`${name}-${role}-health`, object, this.goingWithCluster([plane]));
  }

  private patience(): pulumi.CustomTimeouts {
    const limit = `${this.args.timeoutMinutes}m`;
    return { create: limit, update: limit, delete: limit };
  }

  /** Ends when the machines are as they are described now. What is new has nothing to roll out. */
  private rollout(
    name: string,
    what: Pick<Rollout, "kind" | "name" | "template">,
    dependsOn: pulumi.Resource[],
  ): command.local.Command {
    const { namespace, management, timeoutMinutes } = this.args;
    return new command.local.Command(
      `${name}-rollout`,
      {
        create: ":",
        update: awaitRollout({ ...what, namespace, timeoutSeconds: timeoutMinutes * 60 }),
        environment: { MANAGEMENT_KUBECONFIG: management.kubeconfig },
        triggers: [this.args.name],
      },
      { parent: this, dependsOn, customTimeouts: this.patience() },
    );
  }

  private makeAddOns(name: string): void {
    const { cni, csi, prismCentral, storageContainer } = this.args;
    if (cni === "cilium") this.release(`${name}-cni`, cilium);
    if (csi === "none") return;
    const { address, port, credentials } = prismCentral;
    const key = pulumi
      .output(credentials)
      .apply((known) =>
        "apiKey" in known ? "" : `${address}:${port}:${known.username}:${known.password}`,
      );
    const made = Object.entries(csiObjects(pulumi.secret(key), storageContainer)).map(
      ([role, manifest]) => new KubernetesObject(`${name}-csi-${role}`, manifest, this.inside()),
    );
    this.release(`${name}-csi`, nutanixCsi, made);
  }

  private release(name: string, chart: Chart, dependsOn: pulumi.Resource[] = []): void {
    const { name: release, namespace, version, values } = chart;
    const place = chartPlace(chart, this.args.charts);
    new kubernetes.helm.v3.Release(
      name,
      { name: release, namespace, version, values, ...place, timeout: 600 },
      { ...this.inside(), dependsOn },
    );
  }

  /** What lives in the workload cluster. */
  private inside(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.provider, deletedWith: this.lifetime };
  }

  private namespace(): KubernetesObject[] {
    const { namespace } = this.args;
    if (namespace === "default") return [];
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    return [new KubernetesObject(`Namespace/${namespace}`, manifest, this.options())];
  }

  /** What lives beside the Cluster and is taken away by it. */
  private goingWithCluster(dependsOn: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { ...this.options(), deletedWith: this.lifetime, dependsOn };
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
