// The objects of a workload cluster, as plain data: core, bootstrap and control plane as v1beta2, infrastructure as
// v1beta1. Pure: the same specification, the same objects.

import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../kubernetes-object";
import { cloudController, selector } from "./cloud-controller";
import { controlPlane } from "./control-plane";
import { healthChecks } from "./health-checks";
import { credentialsSecret, failureDomain, nutanixCluster, trustBundle } from "./infrastructure";
import * as names from "./names";
import { type PoolObjects, poolObjects } from "./pool";
import type { Pool, WorkloadClusterSpec } from "./spec";

export interface WorkloadObjects {
  /** By role: what the cluster refers to. */
  parts: Record<string, Manifest>;
  controlPlane: { template: Manifest; object: Manifest };
  pools: { pool: Pool; objects: PoolObjects }[];
  /** By role. */
  healthChecks: { role: string; object: Manifest }[];
  cluster: Manifest;
}

/** What Secrets hold, as text: for CAPX, and for the cloud controller manager in the cluster. */
export interface SecretTexts {
  credentials: pulumi.Input<string>;
  cloudController: pulumi.Input<string>;
}

export function manifests(spec: WorkloadClusterSpec, secrets: SecretTexts): WorkloadObjects {
  return {
    parts: {
      credentials: credentialsSecret(spec, secrets.credentials),
      ...trusted(spec),
      ...Object.fromEntries(
        spec.failureDomains.map((each) => [
          `failure-domain-${each.name}`,
          failureDomain(spec, each),
        ]),
      ),
      ...(spec.cloudProvider === "external" ? cloudController(spec, secrets.cloudController) : {}),
      infrastructure: nutanixCluster(spec),
    },
    controlPlane: controlPlane(spec),
    pools: spec.pools.map((pool) => ({ pool, objects: poolObjects(spec, pool) })),
    healthChecks: healthChecks(spec),
    cluster: cluster(spec),
  };
}

function trusted(spec: WorkloadClusterSpec): Record<string, Manifest> {
  if (!spec.prismCentral.trustBundle) return {};
  return { "trust-bundle": trustBundle(spec, names.trustBundleName(spec.name), spec.namespace) };
}

/** Ready means that the control plane is Available. Deleted in the background: Cluster API orders what goes when. */
function cluster(spec: WorkloadClusterSpec): Manifest {
  return {
    apiVersion: `${names.CORE}/v1beta2`,
    kind: "Cluster",
    metadata: {
      ...names.metadata(spec, spec.name),
      labels: selector(spec.name),
      annotations: {
        "pulumi.com/waitFor": "condition=ControlPlaneAvailable",
        "pulumi.com/deletionPropagationPolicy": "background",
      },
    },
    spec: {
      clusterNetwork: {
        pods: { cidrBlocks: [spec.podCidr] },
        services: { cidrBlocks: [spec.serviceCidr] },
      },
      controlPlaneRef: names.reference(
        names.CONTROL_PLANE,
        "KubeadmControlPlane",
        names.controlPlaneName(spec.name),
      ),
      infrastructureRef: names.reference(names.INFRASTRUCTURE, "NutanixCluster", spec.name),
    },
  };
}

/** All of them in the order in which they are made. */
export function allObjects({ parts, controlPlane: plane, ...rest }: WorkloadObjects): Manifest[] {
  const pools = rest.pools.flatMap(({ objects }) => Object.values(objects) as Manifest[]);
  return [
    ...Object.values(parts),
    plane.template,
    plane.object,
    rest.cluster,
    ...pools,
    ...rest.healthChecks.map(({ object }) => object),
  ];
}
