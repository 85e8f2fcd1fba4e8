// What blockers are read from: outside interfaces of Kubernetes, Cluster API, CAPX and the autoscaler only.

import type { ApiEvent, ApiObject, ApiServer } from "../api-server";
import { parse } from "yaml";
import type { PrismReader, PrismVm } from "../prism";
import type { ScalingTestSettings } from "../settings";

/** A node group in the autoscaler's status ConfigMap. */
export interface GroupStatus {
  name: string;
  health?: { cloudProviderTarget?: number; minSize?: number; maxSize?: number };
  scaleUp?: {
    status?: string;
    backoffInfo?: { errorCode?: string; errorMessage?: string };
  };
}

export interface View {
  /** Of the workload cluster. */
  nodes: ApiObject[];
  pods: ApiObject[];
  budgets: ApiObject[];
  events: ApiEvent[];
  /** The autoscaler's status ConfigMap; undefined where there is none. */
  status?: ApiObject & { data?: { status?: string } };
  /** Of the management cluster: the pool, its Machines, and their infrastructure. */
  pool?: ApiObject;
  machines: ApiObject[];
  infrastructure: ApiObject[];
  /** The autoscaler's command line. */
  flags: string[];
  /** VMs with the cluster's category. */
  vms: PrismVm[];
}

interface PodTemplate {
  template: { spec: { containers: { command?: string[]; args?: string[] }[] } };
}

/** Looks at everything. What cannot be read is left out: a blocker must not fail for another one. */
export async function look(
  settings: Pick<ScalingTestSettings, "cluster" | "namespace" | "machineDeployment">,
  world: { management: ApiServer; workload: ApiServer; prism: PrismReader },
): Promise<View> {
  const { cluster, namespace, machineDeployment } = settings;
  const { management, workload, prism } = world;
  const core = `/apis/cluster.x-k8s.io/v1beta2/namespaces/${namespace}`;
  const labelSelector = `cluster.x-k8s.io/deployment-name=${machineDeployment}`;
  const machinesOf = (path: string) => orEmpty(management.list(path, { labelSelector }));
  const [nodes, pods, budgets, events, status, pool, machines, infrastructure, flags, vms] =
    await Promise.all([
      orEmpty(workload.list("/api/v1/nodes")),
      orEmpty(workload.list("/api/v1/pods")),
      orEmpty(workload.list("/apis/policy/v1/poddisruptionbudgets")),
      orEmpty(workload.list<ApiEvent>("/api/v1/events")),
      orNothing<ApiObject>(
        workload.find("/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status"),
      ),
      orNothing<ApiObject>(management.find(`${core}/machinedeployments/${machineDeployment}`)),
      machinesOf(`${core}/machines`),
      machinesOf(
        `/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/${namespace}/nutanixmachines`,
      ),
      orEmpty(autoscalerFlags(management, cluster, namespace)),
      orEmpty(prism.clusterVms(cluster).then((found) => found.vms)),
    ]);
  return {
    nodes,
    pods,
    budgets,
    events,
    machines,
    infrastructure,
    flags,
    vms,
    ...(status ? { status } : {}),
    ...(pool ? { pool } : {}),
  };
}

const orEmpty = <T>(reading: Promise<T[]>): Promise<T[]> => reading.catch(() => []);
const orNothing = <T>(reading: Promise<T | undefined>): Promise<T | undefined> =>
  reading.catch(() => undefined);

/** The command line of the autoscaler that looks after this cluster, wherever its Deployment is called what. */
async function autoscalerFlags(
  management: ApiServer,
  cluster: string,
  namespace: string,
): Promise<string[]> {
  const found = await management.list(`/apis/apps/v1/namespaces/${namespace}/deployments`);
  const lines = found.flatMap((item) => {
    const { containers } = (item.spec as unknown as PodTemplate).template.spec;
    return containers.map(({ command = [], args = [] }) => [...command, ...args]);
  });
  return (
    lines.find(
      (line) =>
        line.includes("--cloud-provider=clusterapi") &&
        line.some((flag) => flag.includes(`clusterName=${cluster}`)),
    ) ?? []
  );
}

/** What the status ConfigMap says of the pool, and when it was written. Pure. */
export function groupStatus(view: View, machineDeployment: string): GroupStatus | undefined {
  const text = view.status?.data?.status;
  if (text === undefined) return undefined;
  try {
    const { nodeGroups = [] } = parse(text) as { nodeGroups?: GroupStatus[] };
    return nodeGroups.find(({ name }) => name.split("/").at(-1) === machineDeployment);
  } catch {
    return undefined; // text of before 1.30, which is no YAML
  }
}
