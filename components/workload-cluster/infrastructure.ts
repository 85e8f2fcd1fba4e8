// What CAPX reads: the Nutanix side of the cluster and of its machines, as v1beta1, which is all that it serves.

import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../kubernetes-object";
import { hashedName, INFRASTRUCTURE, metadata, trustBundleName } from "./names";
import type { FailureDomain, Gpu, MachineSize, WorkloadClusterSpec } from "./spec";

const named = (name: string) => ({ type: "name", name });

/** Deleted by CAPX itself with its cluster. */
export function credentialsSecret(
  spec: WorkloadClusterSpec,
  credentials: pulumi.Input<string>,
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(spec, spec.name),
    stringData: { credentials },
  };
}

/** What the credentials Secret holds, as CAPX and the CCM read it. */
export function credentialsJson(
  prismCentral: { username: string; password: string } | { apiKey: string },
): string {
  const type = "apiKey" in prismCentral ? "api_key" : "basic_auth";
  return JSON.stringify([{ type, data: { prismCentral, prismElements: null } }]);
}

/** Certificates that CAPX trusts: binaryData, the only field that it reads. */
export function trustBundle(spec: WorkloadClusterSpec, name: string, namespace: string): Manifest {
  const pem = spec.prismCentral.trustBundle ?? "";
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    binaryData: { "ca.crt": Buffer.from(pem).toString("base64") },
  };
}

export function nutanixCluster(spec: WorkloadClusterSpec): Manifest {
  const { address, port, insecure, trustBundle: bundle } = spec.prismCentral;
  const domains = spec.controlPlane.failureDomains;
  const additionalTrustBundle = { kind: "ConfigMap", name: trustBundleName(spec.name) };
  return {
    apiVersion: `${INFRASTRUCTURE}/v1beta1`,
    kind: "NutanixCluster",
    metadata: metadata(spec, spec.name),
    spec: {
      controlPlaneEndpoint: spec.endpoint,
      ...(domains.length > 0
        ? { controlPlaneFailureDomains: domains.map((name) => ({ name })) }
        : {}),
      prismCentral: {
        address,
        port,
        insecure,
        credentialRef: { kind: "Secret", name: spec.name },
        ...(bundle ? { additionalTrustBundle } : {}),
      },
    },
  };
}

/** Not hashed: Prism Element and subnets of a failure domain are immutable, and machines hold on to its name. */
export function failureDomain(spec: WorkloadClusterSpec, domain: FailureDomain): Manifest {
  return {
    apiVersion: `${INFRASTRUCTURE}/v1beta1`,
    kind: "NutanixFailureDomain",
    metadata: metadata(spec, domain.name),
    spec: {
      prismElementCluster: named(domain.prismElement),
      subnets: domain.subnets.map(named),
    },
  };
}

export interface TemplateArgs {
  role: string;
  machine: MachineSize;
  gpus?: Gpu[];
  /** Each Machine's failure domain says where it is. */
  placed: boolean;
  /** Whatever else makes another kind of machine: its configuration, for one. */
  configuration: unknown;
}

/**
 * A template is never edited: its name is a hash of all that makes a machine, so that another version, size, image
 * or configuration is another template, and a machine's origin tells whether it is up to date.
 */
export function machineTemplate(spec: WorkloadClusterSpec, args: TemplateArgs): Manifest {
  const { machine: size, gpus = [], placed } = args;
  const machine = {
    vcpuSockets: size.sockets,
    vcpusPerSocket: size.coresPerSocket,
    memorySize: size.memory,
    systemDiskSize: size.disk,
    ...(placed ? {} : { cluster: named(spec.prismElement), subnet: [named(spec.subnet)] }),
    ...(gpus.length > 0 ? { gpus: gpus.map(gpuOf) } : {}),
  };
  const content = [machine, spec.image.imageName, spec.kubernetesVersion, args.configuration];
  return {
    apiVersion: `${INFRASTRUCTURE}/v1beta1`,
    kind: "NutanixMachineTemplate",
    metadata: metadata(spec, hashedName(`${spec.name}-${args.role}`, content)),
    spec: { template: { spec: { ...machine, image: { type: "uuid", uuid: spec.image.uuid } } } },
  };
}

function gpuOf(gpu: Gpu) {
  return "name" in gpu ? named(gpu.name) : { type: "deviceID", deviceID: gpu.deviceId };
}
