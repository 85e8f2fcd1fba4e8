// How long one run of the autoscaler's loop takes at so many nodes, each with three pods of which one could go elsewhere, and
// with one pod that fits nowhere: the decision alone, without the calls that follow from it.
import type { Actuator } from "../stand-ins/cluster-autoscaler/actuator";
import { Autoscaler } from "../stand-ins/cluster-autoscaler/autoscaler";
import {
  Cluster,
  deploymentLabel,
  maxAnnotation,
  minAnnotation,
  nodeGroupOf,
} from "../stand-ins/cluster-autoscaler/cluster";
import { parseFlags } from "../stand-ins/cluster-autoscaler/flags";
import {
  capacityOf,
  capacityPrefix,
  templateNode,
} from "../stand-ins/cluster-autoscaler/node-template";
import type {
  Machine,
  MachineDeployment,
  Node,
  Pod,
} from "../stand-ins/cluster-autoscaler/objects";
import type { Recorder } from "../stand-ins/cluster-autoscaler/recorder";
import { Metrics } from "../stand-ins/shared/probes";
import { median, round, type Row } from "./rows";

const PODS_A_NODE = 3;
const FLAGS = [
  "--cloud-provider=clusterapi",
  "--node-group-auto-discovery=clusterapi:namespace=default,clusterName=lab",
];

/** Medians of `runs` runs at each size, in milliseconds, and their ratio to the first size. */
export async function loopRows(sizes: number[], runs: number): Promise<Row[]> {
  const medians: number[] = [];
  for (const size of sizes) {
    const autoscaler = autoscalerOf(clusterOf(size));
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      await autoscaler.run();
      times.push(performance.now() - start);
    }
    medians.push(median(times));
  }
  const [first = NaN] = medians;
  return sizes.map((size, index) => ({
    name: `autoscaler's loop: ${size} nodes`,
    milliseconds: round(medians[index] ?? NaN),
    ratio: round((medians[index] ?? NaN) / first),
  }));
}

/** A loop that sees a fresh copy of the same cluster each time, and whose calls do nothing. */
function autoscalerOf(seen: ConstructorParameters<typeof Cluster>[0]): Autoscaler {
  const nothing = () => Promise.resolve();
  const unchanged = { before: 0, after: 0 };
  const actuator = { resize: () => Promise.resolve(unchanged), markMachine: nothing };
  const recorder = { general: nothing, event: nothing, eventOnce: nothing, status: nothing };
  return new Autoscaler({
    flags: parseFlags(FLAGS),
    look: () => new Cluster(seen),
    template: ({ deployment }) => {
      const capacity = capacityOf(deployment, undefined);
      return Promise.resolve(capacity && templateNode(deployment, capacity, []));
    },
    actuator: actuator as unknown as Actuator,
    recorder: recorder as unknown as Recorder,
    metrics: new Metrics(),
    now: Date.now,
  });
}

function clusterOf(size: number): ConstructorParameters<typeof Cluster>[0] {
  const names = Array.from({ length: size }, (_, index) => `node-${index}`);
  const pods = names.flatMap((node) =>
    Array.from({ length: PODS_A_NODE }, (_, index) => pod(`${node}-${index}`, node)),
  );
  const group = nodeGroupOf(pool(size), parseFlags(FLAGS).discovery, names.map(machine));
  if (!group) throw new Error("Measuring failed: the pool is no node group.");
  return {
    nodes: names.map(node),
    pods: [...pods, unschedulable()],
    daemonSets: [],
    budgets: [],
    groups: [group],
  };
}

const since = new Date(0).toISOString();

function node(name: string): Node {
  return {
    metadata: { name, creationTimestamp: since, labels: { "kubernetes.io/hostname": name } },
    spec: { providerID: `nutanix://${name}` },
    status: {
      allocatable: { cpu: "2", memory: "4Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: since }],
    },
  };
}

function machine(name: string): Machine {
  const labels = { [deploymentLabel]: "pool" };
  return {
    metadata: { name, namespace: "default", labels, creationTimestamp: since },
    spec: { providerID: `nutanix://${name}`, clusterName: "lab" },
    status: { nodeRef: { name } },
  };
}

function pool(size: number): MachineDeployment {
  const annotations = {
    [minAnnotation]: "0",
    [maxAnnotation]: String(size + 10),
    [`${capacityPrefix}cpu`]: "2",
    [`${capacityPrefix}memory`]: "4Gi",
    [`${capacityPrefix}maxPods`]: "110",
  };
  return {
    metadata: { name: "pool", namespace: "default", annotations },
    spec: { clusterName: "lab", replicas: size },
  };
}

/** With a controller, so that it may move; the second and third are too large to move anywhere. */
function pod(name: string, nodeName: string): Pod {
  const cpu = name.endsWith("-0") ? "100m" : "700m";
  const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "r" };
  return {
    metadata: {
      name,
      namespace: "default",
      uid: name,
      creationTimestamp: since,
      ownerReferences: [{ ...controller, controller: true }],
    },
    spec: { nodeName, containers: [{ resources: { requests: { cpu, memory: "500Mi" } } }] },
    status: { phase: "Running" },
  };
}

function unschedulable(): Pod {
  const reason = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
  return {
    metadata: { name: "pending", namespace: "default", uid: "pending", creationTimestamp: since },
    spec: { containers: [{ resources: { requests: { cpu: "64" } } }] },
    status: { phase: "Pending", conditions: [reason] },
  };
}
