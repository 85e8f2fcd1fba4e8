// What a stack asks of Nutanix, from its own objects: the machines that always run, and those that come and go. Pure.

import { mebibytes } from "../config/rules";

export interface MachineGroup {
  /** Of the KubeadmControlPlane or the MachineDeployment. */
  name: string;
  min: number;
  max: number;
  /** Of one machine: virtual CPUs, memory and system disk in GiB. */
  cpus: number;
  memory: number;
  disk: number;
}

interface Owner {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: {
    replicas?: number;
    machineTemplate?: { spec: { infrastructureRef: { name: string } } };
    template?: { spec: { infrastructureRef: { name: string } } };
  };
}

interface Template {
  kind: string;
  metadata: { name: string };
  spec: {
    template: {
      spec: {
        vcpuSockets: number;
        vcpusPerSocket: number;
        memorySize: string;
        systemDiskSize: string;
      };
    };
  };
}

const SIZE = "cluster.x-k8s.io/cluster-api-autoscaler-node-group";

/** The groups of machines among Kubernetes objects: a control plane, and each pool of workers. */
export function machineGroups(all: Record<string, unknown>[]): MachineGroup[] {
  const objects = all as unknown as (Owner | Template)[];
  const templates = objects.filter(isTemplate);
  return objects.filter(isOwner).flatMap((owner) => groupOf(owner, templates) ?? []);
}

const isTemplate = (object: Owner | Template): object is Template =>
  object.kind === "NutanixMachineTemplate";

const isOwner = (object: Owner | Template): object is Owner =>
  object.kind === "KubeadmControlPlane" || object.kind === "MachineDeployment";

function groupOf({ metadata, spec }: Owner, templates: Template[]): MachineGroup | undefined {
  const reference = (spec.machineTemplate ?? spec.template)?.spec.infrastructureRef.name;
  const machine = templates.find((item) => item.metadata.name === reference)?.spec.template.spec;
  if (!machine) return undefined;
  const { annotations = {} } = metadata;
  const bound = (which: string) => Number(annotations[`${SIZE}-${which}-size`] ?? spec.replicas);
  return {
    name: metadata.name,
    min: bound("min"),
    max: bound("max"),
    cpus: machine.vcpuSockets * machine.vcpusPerSocket,
    memory: mebibytes(machine.memorySize) / 1024,
    disk: mebibytes(machine.systemDiskSize) / 1024,
  };
}

/** All groups together, at their least or at their most. */
export function total(groups: MachineGroup[], bound: "min" | "max") {
  const sum = (of: (group: MachineGroup) => number) =>
    groups.reduce((all, group) => all + group[bound] * of(group), 0);
  return {
    machines: sum(() => 1),
    cpus: sum(({ cpus }) => cpus),
    memory: sum(({ memory }) => memory),
    disk: sum(({ disk }) => disk),
  };
}
