// A pool of workers: a MachineDeployment within bounds, with all that the autoscaler must know of its nodes while
// there are none (capacity, labels, taints).

import type { Manifest } from "../kubernetes-object";
import { nodeRegistration, prepared, users } from "./control-plane";
import { machineTemplate } from "./infrastructure";
import {
  BOOTSTRAP,
  clusterLabel,
  CORE,
  hashedName,
  INFRASTRUCTURE,
  machineDeploymentName,
  metadata,
  poolLabel,
  reference,
} from "./names";
import type { Pool, PoolAutoscaling, Taint, WorkloadClusterSpec } from "./spec";

const BOUND = `${CORE}/cluster-api-autoscaler-node-group`;
const OPTION = `${CORE}/autoscaling-options`;
const CAPACITY = "capacity.cluster-autoscaler.kubernetes.io";

/** The kubelet's own default, and the autoscaler's. */
const DEFAULT_MAX_PODS = 110;
/** The autoscaler's own default. */
export const DEFAULT_PROVISION_TIME = "15m";

/** Labels that Cluster API carries from a Machine to its node; a kubelet may not give itself the first two. */
const CARRIED =
  /^(node-role\.kubernetes\.io|(.+\.)?node-restriction\.kubernetes\.io|(.+\.)?node\.cluster\.x-k8s\.io)\//;

export interface PoolObjects {
  template: Manifest;
  config: Manifest;
  object: Manifest;
}

export function poolObjects(spec: WorkloadClusterSpec, pool: Pool): PoolObjects {
  const config = workerConfig(spec, pool);
  const template = machineTemplate(spec, {
    role: pool.name,
    machine: pool.machine,
    gpus: pool.gpus,
    placed: pool.failureDomain !== undefined,
    configuration: config["spec"],
  });
  return { template, config, object: machineDeployment(spec, pool, { template, config }) };
}

function workerConfig(spec: WorkloadClusterSpec, pool: Pool): Manifest {
  const { labels, taints, maxPods } = pool;
  const own = Object.entries(labels).filter(([key]) => !CARRIED.test(key));
  const flags = [
    ...(own.length > 0 ? [{ name: "node-labels", value: pairs(own) }] : []),
    ...(maxPods === DEFAULT_MAX_PODS ? [] : [{ name: "max-pods", value: String(maxPods) }]),
  ];
  const registration = {
    ...nodeRegistration(spec, flags),
    ...(taints.length > 0 ? { taints } : {}),
  };
  const content = {
    joinConfiguration: { nodeRegistration: registration },
    ...prepared(spec),
    ...users(spec),
  };
  return {
    apiVersion: `${BOOTSTRAP}/v1beta2`,
    kind: "KubeadmConfigTemplate",
    metadata: metadata(spec, hashedName(`${spec.name}-${pool.name}`, content)),
    spec: { template: { spec: content } },
  };
}

/** Without replicas where the autoscaler has its way: the webhook sets the least number at first. */
function machineDeployment(
  spec: WorkloadClusterSpec,
  pool: Pool,
  { template, config }: Pick<PoolObjects, "template" | "config">,
): Manifest {
  const name = machineDeploymentName(spec.name, pool.name);
  const labels = { [clusterLabel]: spec.name, [poolLabel]: name };
  const carried = Object.entries(pool.labels).filter(([key]) => CARRIED.test(key));
  const { failureDomain } = pool;
  return {
    apiVersion: `${CORE}/v1beta2`,
    kind: "MachineDeployment",
    metadata: {
      ...metadata(spec, name),
      labels: { [clusterLabel]: spec.name },
      ...(isFixed(pool) ? {} : { annotations: autoscalerAnnotations(pool) }),
    },
    spec: {
      clusterName: spec.name,
      ...(isFixed(pool) ? { replicas: pool.min } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...Object.fromEntries(carried) } },
        spec: {
          clusterName: spec.name,
          version: spec.kubernetesVersion,
          ...(failureDomain === undefined ? {} : { failureDomain }),
          bootstrap: { configRef: reference(BOOTSTRAP, config.kind, config.metadata.name) },
          infrastructureRef: reference(INFRASTRUCTURE, template.kind, template.metadata.name),
        },
      },
    },
  };
}

/** A pool without room to scale is not the autoscaler's. */
export function isFixed({ min, max }: Pool): boolean {
  return min === max;
}

/** Bounds, options and what a node has. Annotations win over the template's status.capacity; both agree. */
function autoscalerAnnotations(pool: Pool): Record<string, string> {
  const { min, max, machine, maxPods, labels, taints, gpus } = pool;
  return {
    [`${BOUND}-min-size`]: String(min),
    [`${BOUND}-max-size`]: String(max),
    ...options(pool.autoscaling),
    [`${CAPACITY}/cpu`]: String(machine.sockets * machine.coresPerSocket),
    [`${CAPACITY}/memory`]: machine.memory,
    [`${CAPACITY}/ephemeral-disk`]: machine.disk,
    [`${CAPACITY}/maxPods`]: String(maxPods),
    ...(gpus.length > 0
      ? {
          [`${CAPACITY}/gpu-type`]: "nvidia.com/gpu",
          [`${CAPACITY}/gpu-count`]: String(gpus.length),
        }
      : {}),
    ...(Object.keys(labels).length > 0
      ? { [`${CAPACITY}/labels`]: pairs(Object.entries(labels)) }
      : {}),
    ...(taints.length > 0 ? { [`${CAPACITY}/taints`]: taints.map(taintText).join(",") } : {}),
  };
}

/** scaleDownUnneededTime -> .../autoscaling-options-scaledownunneededtime. */
function options(autoscaling: PoolAutoscaling): Record<string, string> {
  const given = { maxNodeProvisionTime: DEFAULT_PROVISION_TIME, ...autoscaling };
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      `${OPTION}-${name.toLowerCase()}`,
      String(value),
    ]),
  );
}

const pairs = (entries: [string, string][]) =>
  entries.map(([key, value]) => `${key}=${value}`).join(",");

/** key=value:Effect, as the autoscaler reads it. */
const taintText = ({ key, value = "", effect }: Taint) => `${key}=${value}:${effect}`;
