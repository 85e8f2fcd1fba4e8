// The control plane: one or three machines that kubeadm makes and that share one address.

import type { Manifest } from "../kubernetes-object";
import { auditApiServer, auditFile } from "./audit";
import { machineTemplate } from "./infrastructure";
import { afterKubeadm, beforeKubeadm, kubeVipFile } from "./kube-vip";
import {
  CONTROL_PLANE,
  controlPlaneName,
  HOSTNAME,
  INFRASTRUCTURE,
  metadata,
  reference,
} from "./names";
import type { WorkloadClusterSpec } from "./spec";
import { surroundings } from "./surroundings";

const EXTERNAL = { name: "cloud-provider", value: "external" };

/** How a node registers itself. Further flags of its kubelet and taints are a pool's. */
export function nodeRegistration(
  { cloudProvider }: Pick<WorkloadClusterSpec, "cloudProvider">,
  flags: { name: string; value: string }[] = [],
) {
  const given = [...(cloudProvider === "external" ? [EXTERNAL] : []), ...flags];
  return { name: HOSTNAME, ...(given.length > 0 ? { kubeletExtraArgs: given } : {}) };
}

/** A person with keys, for a look at a machine that does not come up. */
export function users({ sshKeys }: Pick<WorkloadClusterSpec, "sshKeys">) {
  if (sshKeys.length === 0) return {};
  const sudo = "ALL=(ALL) NOPASSWD:ALL";
  return { users: [{ name: "capiuser", lockPassword: true, sudo, sshAuthorizedKeys: sshKeys }] };
}

interface Preparation {
  files?: object[];
  preKubeadmCommands?: string[];
  postKubeadmCommands?: string[];
}

/** What is done before kubeadm runs: first what the machine must know of its network, then the rest. */
export function prepared(spec: WorkloadClusterSpec, own: Preparation = {}) {
  const { files, commands, ntp } = surroundings(spec);
  const before = [...commands, ...(own.preKubeadmCommands ?? [])];
  const all = [...(own.files ?? []), ...files];
  return {
    ...own,
    ...(all.length > 0 ? { files: all } : {}),
    ...(before.length > 0 ? { preKubeadmCommands: before } : {}),
    ...(ntp ? { ntp } : {}),
  };
}

/** The control plane and the template of its machines. */
export function controlPlane(spec: WorkloadClusterSpec): { template: Manifest; object: Manifest } {
  const configuration = kubeadmConfig(spec);
  const template = machineTemplate(spec, {
    role: "cp",
    machine: spec.controlPlane.machine,
    placed: spec.controlPlane.failureDomains.length > 0,
    configuration,
  });
  const object = {
    apiVersion: `${CONTROL_PLANE}/v1beta2`,
    kind: "KubeadmControlPlane",
    metadata: metadata(spec, controlPlaneName(spec.name)),
    spec: {
      replicas: spec.controlPlane.replicas,
      version: spec.kubernetesVersion,
      machineTemplate: {
        spec: {
          infrastructureRef: reference(INFRASTRUCTURE, template.kind, template.metadata.name),
        },
      },
      kubeadmConfigSpec: configuration,
    },
  };
  return { template, object };
}

function kubeadmConfig(spec: WorkloadClusterSpec) {
  const registration = nodeRegistration(spec);
  const { skipPhases, endpoint, vip } = spec;
  const names = ["localhost", "127.0.0.1", endpoint.host, vip, ...spec.certSans];
  return {
    clusterConfiguration: {
      apiServer: { certSANs: [...new Set(names)], ...auditApiServer },
      ...(spec.cloudProvider === "external"
        ? { controllerManager: { extraArgs: [EXTERNAL] } }
        : {}),
    },
    initConfiguration: {
      nodeRegistration: registration,
      ...(skipPhases.length > 0 ? { skipPhases } : {}),
    },
    joinConfiguration: { nodeRegistration: registration },
    ...prepared(spec, spec.kubeVip === "arp" ? sharedAddress(spec) : { files: [auditFile] }),
    ...users(spec),
  };
}

function sharedAddress({ vip, endpoint, kubeVipImage }: WorkloadClusterSpec) {
  return {
    files: [auditFile, kubeVipFile({ address: vip, port: endpoint.port, image: kubeVipImage })],
    preKubeadmCommands: [beforeKubeadm],
    postKubeadmCommands: [afterKubeadm],
  };
}
