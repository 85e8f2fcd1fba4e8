// The objects of a workload cluster, as plain data: core, bootstrap and control plane as v1beta2,
// infrastructure as v1beta1, which is all that CAPX serves.

import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../kubernetes-object";
import { auditApiServer, auditFile } from "./audit";
import { afterKubeadm, beforeKubeadm, kubeVipFile } from "./kube-vip";

export interface MachineSize {
  sockets: number;
  coresPerSocket: number;
  /** Such as 4Gi. */
  memory: string;
  disk: string;
}

export type PrismCredentials =
  | { username: pulumi.Input<string>; password: pulumi.Input<string> }
  | { apiKey: pulumi.Input<string> };

export interface WorkloadClusterSpec {
  name: string;
  namespace: string;
  kubernetesVersion: string;
  /** Where clients reach the API server. */
  endpoint: { host: string; port: number };
  /** Address that kube-vip holds. */
  vip: string;
  podCidr: string;
  serviceCidr: string;
  prismElement: string;
  subnet: string;
  controlPlane: { replicas: number; machine: MachineSize };
  workers: { min: number; max: number; maxPods: number; machine: MachineSize };
  kubeVipImage: string;
  cloudProvider: "external" | "none";
  skipPhases: string[];
  sshKeys: string[];
  /** UUID of the node image, and a name that changes with its content. */
  image: { uuid: pulumi.Input<string>; imageName: string };
  prismCentral: {
    address: string;
    port: number;
    insecure: boolean;
    trustBundle?: string;
    credentials: PrismCredentials;
  };
}

const CORE = "cluster.x-k8s.io";
const INFRASTRUCTURE = `infrastructure.${CORE}`;
const BOOTSTRAP = `bootstrap.${CORE}`;
const CONTROL_PLANE = `controlplane.${CORE}`;
const HOSTNAME = "{{ ds.meta_data.hostname }}";
const AUTOSCALER = `${CORE}/cluster-api-autoscaler-node-group`;
const CAPACITY = "capacity.cluster-autoscaler.kubernetes.io";

/** Names that other layers need. */
export const machineDeploymentName = (cluster: string) => `${cluster}-wmd`;
export const kubeconfigSecretName = (cluster: string) => `${cluster}-kubeconfig`;

/** The objects by role. `credentials` is the JSON of the credentials Secret. */
export function manifests(spec: WorkloadClusterSpec, credentials: pulumi.Input<string>) {
  const controlPlaneTemplate = machineTemplate(spec, "cp", spec.controlPlane.machine);
  const workerTemplate = machineTemplate(spec, "md", spec.workers.machine);
  const workerConfig = workerConfigTemplate(spec);
  return {
    credentials: credentialsSecret(spec, credentials),
    infrastructure: nutanixCluster(spec),
    controlPlaneTemplate,
    workerTemplate,
    workerConfig,
    controlPlane: controlPlane(spec, controlPlaneTemplate),
    workers: machineDeployment(spec, workerTemplate, workerConfig),
    cluster: cluster(spec),
  };
}

const metadata = ({ namespace }: WorkloadClusterSpec, name: string) => ({ name, namespace });

/** A reference of v1beta2: by group, not by version. */
const reference = (apiGroup: string, kind: string, name: string) => ({ apiGroup, kind, name });

/** A name that changes with the content: such objects are replaced, never edited. */
function hashedName(prefix: string, content: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return `${prefix}-${hash.slice(0, 8)}`;
}

function credentialsSecret(spec: WorkloadClusterSpec, credentials: pulumi.Input<string>): Manifest {
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

function nutanixCluster(spec: WorkloadClusterSpec): Manifest {
  const { address, port, insecure, trustBundle } = spec.prismCentral;
  return {
    apiVersion: `${INFRASTRUCTURE}/v1beta1`,
    kind: "NutanixCluster",
    metadata: metadata(spec, spec.name),
    spec: {
      controlPlaneEndpoint: spec.endpoint,
      prismCentral: {
        address,
        port,
        insecure,
        credentialRef: { kind: "Secret", name: spec.name },
        ...(trustBundle ? { additionalTrustBundle: { kind: "String", data: trustBundle } } : {}),
      },
    },
  };
}

function machineTemplate(spec: WorkloadClusterSpec, role: string, size: MachineSize): Manifest {
  const machine = {
    vcpuSockets: size.sockets,
    vcpusPerSocket: size.coresPerSocket,
    memorySize: size.memory,
    systemDiskSize: size.disk,
    cluster: { type: "name", name: spec.prismElement },
    subnet: [{ type: "name", name: spec.subnet }],
  };
  const name = hashedName(`${spec.name}-${role}`, [machine, spec.image.imageName]);
  return {
    apiVersion: `${INFRASTRUCTURE}/v1beta1`,
    kind: "NutanixMachineTemplate",
    metadata: metadata(spec, name),
    spec: { template: { spec: { ...machine, image: { type: "uuid", uuid: spec.image.uuid } } } },
  };
}

function nodeRegistration({ cloudProvider }: WorkloadClusterSpec) {
  const external = [{ name: "cloud-provider", value: "external" }];
  return {
    name: HOSTNAME,
    ...(cloudProvider === "external" ? { kubeletExtraArgs: external } : {}),
  };
}

function users({ sshKeys }: WorkloadClusterSpec) {
  if (sshKeys.length === 0) return {};
  const sudo = "ALL=(ALL) NOPASSWD:ALL";
  return { users: [{ name: "capiuser", lockPassword: true, sudo, sshAuthorizedKeys: sshKeys }] };
}

function controlPlane(spec: WorkloadClusterSpec, template: Manifest): Manifest {
  const external = [{ name: "cloud-provider", value: "external" }];
  const { host } = spec.endpoint;
  const registration = nodeRegistration(spec);
  const { skipPhases } = spec;
  return {
    apiVersion: `${CONTROL_PLANE}/v1beta2`,
    kind: "KubeadmControlPlane",
    metadata: metadata(spec, `${spec.name}-kcp`),
    spec: {
      replicas: spec.controlPlane.replicas,
      version: spec.kubernetesVersion,
      machineTemplate: {
        spec: {
          infrastructureRef: reference(INFRASTRUCTURE, template.kind, template.metadata.name),
        },
      },
      kubeadmConfigSpec: {
        clusterConfiguration: {
          apiServer: {
            certSANs: [...new Set(["localhost", "127.0.0.1", host, spec.vip])],
            ...auditApiServer,
          },
          ...(spec.cloudProvider === "external"
            ? { controllerManager: { extraArgs: external } }
            : {}),
        },
        initConfiguration: {
          nodeRegistration: registration,
          ...(skipPhases.length > 0 ? { skipPhases } : {}),
        },
        joinConfiguration: { nodeRegistration: registration },
        files: [
          auditFile,
          kubeVipFile({ address: spec.vip, port: spec.endpoint.port, image: spec.kubeVipImage }),
        ],
        preKubeadmCommands: [beforeKubeadm],
        postKubeadmCommands: [afterKubeadm],
        ...users(spec),
      },
    },
  };
}

function workerConfigTemplate(spec: WorkloadClusterSpec): Manifest {
  const content = {
    joinConfiguration: { nodeRegistration: nodeRegistration(spec) },
    ...users(spec),
  };
  return {
    apiVersion: `${BOOTSTRAP}/v1beta2`,
    kind: "KubeadmConfigTemplate",
    metadata: metadata(spec, hashedName(`${spec.name}-kcfg`, content)),
    spec: { template: { spec: content } },
  };
}

/** Without replicas: they are the autoscaler's. The webhook sets the least number at first. */
function machineDeployment(
  spec: WorkloadClusterSpec,
  template: Manifest,
  config: Manifest,
): Manifest {
  const name = machineDeploymentName(spec.name);
  const labels = { [`${CORE}/cluster-name`]: spec.name, [`${CORE}/deployment-name`]: name };
  const { min, max, maxPods, machine } = spec.workers;
  return {
    apiVersion: `${CORE}/v1beta2`,
    kind: "MachineDeployment",
    metadata: {
      ...metadata(spec, name),
      labels: { [`${CORE}/cluster-name`]: spec.name },
      annotations: {
        [`${AUTOSCALER}-min-size`]: String(min),
        [`${AUTOSCALER}-max-size`]: String(max),
        [`${CAPACITY}/cpu`]: String(machine.sockets * machine.coresPerSocket),
        [`${CAPACITY}/memory`]: machine.memory,
        [`${CAPACITY}/ephemeral-disk`]: machine.disk,
        [`${CAPACITY}/maxPods`]: String(maxPods),
      },
    },
    spec: {
      clusterName: spec.name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          clusterName: spec.name,
          version: spec.kubernetesVersion,
          bootstrap: { configRef: reference(BOOTSTRAP, config.kind, config.metadata.name) },
          infrastructureRef: reference(INFRASTRUCTURE, template.kind, template.metadata.name),
        },
      },
    },
  };
}

/** Ready means that the control plane is Available. Deleted in the background: Cluster API orders what goes when. */
function cluster(spec: WorkloadClusterSpec): Manifest {
  return {
    apiVersion: `${CORE}/v1beta2`,
    kind: "Cluster",
    metadata: {
      ...metadata(spec, spec.name),
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
      controlPlaneRef: reference(CONTROL_PLANE, "KubeadmControlPlane", `${spec.name}-kcp`),
      infrastructureRef: reference(INFRASTRUCTURE, "NutanixCluster", spec.name),
    },
  };
}
