// The autoscaler's decisions as tables: flags, fitting, packing, bounds, and what keeps a node.

import { Cluster, nodeGroupOf } from "../../../stand-ins/cluster-autoscaler/cluster";
import { misfit } from "../../../stand-ins/cluster-autoscaler/fits";
import { parseFlags } from "../../../stand-ins/cluster-autoscaler/flags";
import { capacityOf, templateNode } from "../../../stand-ins/cluster-autoscaler/node-template";
import type { MachineDeployment, Node, Pod } from "../../../stand-ins/cluster-autoscaler/objects";
import { requestsOf } from "../../../stand-ins/cluster-autoscaler/resources";
import { judge } from "../../../stand-ins/cluster-autoscaler/scale-down";
import type { Rules } from "../../../stand-ins/cluster-autoscaler/scale-down";
import { planScaleUp } from "../../../stand-ins/cluster-autoscaler/scale-up";
import { Targets } from "../../../stand-ins/cluster-autoscaler/targets";
import { restLeft, Unneeded } from "../../../stand-ins/cluster-autoscaler/timers";

const capacity = "capacity.cluster-autoscaler.kubernetes.io/";

function pod(name: string, cpu: string, more: Partial<Pod["spec"]> = {}): Pod {
  const controller = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name: "r",
    uid: "r",
    controller: true,
  };
  return {
    metadata: { name, namespace: "default", uid: name, ownerReferences: [controller] },
    spec: { containers: [{ resources: { requests: { cpu, memory: "1Gi" } } }], ...more },
  };
}

function pool(name: string, annotations: Record<string, string>): MachineDeployment {
  return {
    metadata: { name, namespace: "lab", annotations },
    spec: {
      clusterName: "lab",
      template: {
        metadata: { labels: { "node.cluster.x-k8s.io/pool": name, "not-carried": "x" } },
      },
    },
  };
}

function candidate(name: string, cpu: string, room: number) {
  const deployment = pool(name, { [`${capacity}cpu`]: cpu, [`${capacity}memory`]: "16Gi" });
  return {
    id: name,
    template: templateNode(deployment, capacityOf(deployment, undefined)!, []),
    room,
  };
}

test("flags are read in Go's ways", () => {
  const flags = parseFlags([
    "--cloud-provider=clusterapi",
    "--kubeconfig",
    "/etc/kubernetes/value",
    "--clusterapi-cloud-config-authoritative",
    "--node-group-auto-discovery=clusterapi:namespace=ns,clusterName=c,tier=x",
    "--scan-interval=1m30s",
    "--scale-down-utilization-threshold=0.7",
    "--skip-nodes-with-system-pods=false",
    "-v=4",
  ]);
  expect([
    flags.kubeconfig,
    flags["clusterapi-cloud-config-authoritative"],
    flags.discovery,
    flags["scan-interval"],
    flags["scale-down-utilization-threshold"],
    flags["skip-nodes-with-system-pods"],
    ...flags.expander,
  ]).toEqual([
    "/etc/kubernetes/value",
    true,
    [{ namespace: "ns", clusterName: "c", labels: { tier: "x" } }],
    90_000,
    0.7,
    false,
    "least-waste",
  ]);
});

test("wrong flags are all named at once", () => {
  expect(() => parseFlags(["--nodes=1:2:x", "--expander=price", "--scan-interval=soon"])).toThrow(
    "Reading the command line failed: --nodes is not known to this stand-in. --expander=price is not known: least-waste, least-nodes, most-pods, random are. Reading a duration failed: soon is none. Write it like 10s, 1m30s or 500ms.",
  );
});

test("a pod asks for its containers together or its largest init step, and counts as one", () => {
  const init = [
    { restartPolicy: "Always", resources: { requests: { cpu: "100m" } } },
    { resources: { requests: { cpu: "2" } } },
  ];
  expect(requestsOf(pod("p", "500m", { initContainers: init }).spec)).toEqual({
    cpu: 2.1,
    memory: 1073741824,
    pods: 1,
  });
});

test("annotations win over the machine template, and both cpu and memory are needed", () => {
  const hinted = pool("a", { [`${capacity}cpu`]: "8", [`${capacity}maxPods`]: "30" });
  expect(capacityOf(hinted, { cpu: "2", memory: "4Gi" })).toEqual({
    cpu: 8,
    memory: 4294967296,
    pods: 30,
  });
  expect(capacityOf(hinted, undefined)).toBeUndefined();
});

test("a template node has carried labels, hinted labels and taints, and room beside the DaemonSets", () => {
  const hinted = pool("a", {
    [`${capacity}labels`]: "disk=ssd",
    [`${capacity}taints`]: "only=gpu:NoSchedule",
  });
  const daemon = pod("d", "1", { tolerations: [{ operator: "Exists" }] }).spec;
  const kept = pod("k", "1").spec;
  expect(templateNode(hinted, { cpu: 4, memory: 2 ** 33, pods: 110 }, [daemon, kept])).toEqual({
    name: "template-node-for-a",
    labels: {
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/hostname": "template-node-for-a",
      "node.cluster.x-k8s.io/pool": "a",
      disk: "ssd",
    },
    taints: [{ key: "only", value: "gpu", effect: "NoSchedule" }],
    free: { cpu: 3, memory: 2 ** 33 - 2 ** 30, pods: 109 },
    pods: [],
  });
});

const affinity = (operator: string, values: string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "pool", operator, values }] }],
      },
    },
  },
});

test.each([
  ["small enough", {}, undefined],
  ["selected", { nodeSelector: { pool: "a" } }, undefined],
  ["selected elsewhere", { nodeSelector: { pool: "b" } }, "node affinity/selector mismatch"],
  ["affine", affinity("In", ["a", "b"]), undefined],
  ["averse", affinity("NotIn", ["a"]), "node affinity/selector mismatch"],
])("a pod that is %s", (_, more, expected) => {
  const node = {
    name: "n",
    labels: { pool: "a" },
    taints: [],
    free: { cpu: 1, memory: 2 ** 31, pods: 9 },
    pods: [],
  };
  const { spec } = pod("p", "500m", more);
  expect(misfit(spec, requestsOf(spec), node)).toBe(expected);
});

test.each([
  ["one node takes both", [candidate("a", "4", 3)], ["1500m", "1500m"], [["a", 1]]],
  ["one node each", [candidate("a", "4", 3)], ["2400m", "2400m"], [["a", 2]]],
  [
    "the bound is kept",
    [candidate("a", "4", 1)],
    ["3", "3"],
    [["a", 1], "max node group size reached"],
  ],
  [
    "least waste",
    [candidate("big", "16", 3), candidate("small", "2", 3)],
    ["1500m"],
    [["small", 1]],
  ],
  ["too large for any", [candidate("a", "4", 3)], ["5"], ["Insufficient cpu"]],
  ["full at once", [candidate("a", "4", 0)], ["1"], ["max node group size reached"]],
])("scaling up: %s", (_, candidates, cpus, expected) => {
  const pods = cpus.map((cpu, at) => pod(`p${at}`, cpu));
  const { growth, refused } = planScaleUp(pods, candidates, ["least-waste"]);
  const grown = growth.map(({ id, count }) => [id, count]);
  expect([...grown, ...refused.flatMap((each) => each.reasons)]).toEqual(expected);
});

const rules: Rules = {
  utilizationThreshold: 0.5,
  skipSystemPods: true,
  skipLocalStorage: true,
  skipCustomControllers: true,
  ignoreDaemonSets: false,
  ignoreMirrorPods: false,
};

function node(name: string): Node {
  return {
    metadata: { name },
    spec: {},
    status: {
      allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

function verdict(change: (pod: Pod) => void, others = [node("other")]): string | undefined {
  const here = node("here");
  const there = pod("p", "1", { nodeName: "here" });
  change(there);
  const seen = { nodes: [here, ...others], pods: [there], daemonSets: [], budgets: [], groups: [] };
  return judge(here, new Cluster(seen), rules, new Set()).keeps;
}

test.each<[string, (pod: Pod) => void, string | undefined]>([
  ["movable", () => undefined, undefined],
  [
    "large",
    (p) => (p.spec.containers[0]!.resources = { requests: { cpu: "2" } }),
    "NotUnderutilized",
  ],
  ["bare", (p) => delete p.metadata.ownerReferences, "NotReplicated: p"],
  ["of the system", (p) => (p.metadata.namespace = "kube-system"), "UnmovableKubeSystemPod: p"],
  ["local", (p) => (p.spec.volumes = [{ name: "v", emptyDir: {} }]), "LocalStorageRequested: p"],
  [
    "not safe to evict",
    (p) => (p.metadata.annotations = { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" }),
    "NotSafeToEvictAnnotation: p",
  ],
  ["picky", (p) => (p.spec.nodeSelector = { a: "b" }), "NoPlaceToMovePods: p"],
])("a node whose pod is %s", (_, change, keeps) => {
  expect(verdict(change)).toBe(keeps);
});

test("a node whose pod has nowhere to go stays", () => {
  expect(verdict(() => undefined, [])).toBe("NoPlaceToMovePods: p");
});

test.each([
  [1, "NotEnoughPdb: b"],
  [2, undefined],
])("two pods of a node and a budget of %i", (disruptionsAllowed, keeps) => {
  const here = node("here");
  const pods = ["a", "b"].map((name) => {
    const made = pod(name, "500m", { nodeName: "here" });
    return { ...made, metadata: { ...made.metadata, labels: { app: "x" } } };
  });
  const budget = {
    metadata: { name: "x", namespace: "default" },
    spec: { selector: { matchLabels: { app: "x" } } },
    status: { disruptionsAllowed },
  };
  const nodes = [here, node("other")];
  const seen = { nodes, pods, daemonSets: [], budgets: [budget], groups: [] };
  expect(judge(here, new Cluster(seen), rules, new Set()).keeps).toBe(keeps);
});

test("a group needs both bounds and the right cluster", () => {
  const prefix = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-";
  const both = { [`${prefix}min-size`]: "0", [`${prefix}max-size`]: "3" };
  const discovery = [{ namespace: "lab", clusterName: "lab", labels: {} }];
  expect(nodeGroupOf(pool("a", both), discovery, [])).toMatchObject({
    id: "MachineDeployment/lab/a",
    min: 0,
    max: 3,
    target: 1,
  });
  expect(nodeGroupOf(pool("a", { [`${prefix}min-size`]: "0" }), discovery, [])).toBeUndefined();
  expect(nodeGroupOf(pool("a", both), [{ clusterName: "x", labels: {} }], [])).toBeUndefined();
});

test("a node may go after its time, and the cluster rests after a change", () => {
  const unneeded = new Unneeded();
  unneeded.update(["a", "b"], 1000);
  unneeded.update(["a"], 3000);
  unneeded.update(["a", "b"], 4000);
  expect([unneeded.left("a", 5000, 4000), unneeded.left("b", 5000, 4000)]).toEqual([2000, 5000]);
  const flags = parseFlags(["--scale-down-delay-after-add=10s"]);
  const last = { add: 1000, remove: -Infinity, failure: -Infinity };
  expect([restLeft(last, flags, 4000), restLeft(last, flags, 12_000)]).toEqual([7000, -1000]);
});

test("a size just asked for is believed until it shows, or for five seconds", () => {
  let now = 0;
  const targets = new Targets(() => now);
  targets.set("a", 2);
  expect(targets.size("a", 0)).toBe(2);
  now = 6000;
  expect(targets.size("a", 0)).toBe(0);
  targets.set("a", 3);
  expect([targets.size("a", 3), targets.size("a", 5)]).toEqual([3, 5]);
});
