// The autoscaler on a real API server and scheduler. One cluster plays both, and this test plays Cluster API and
// the kubelets: a MachineDeployment's replicas become Machines and Nodes, whose pods never start.

import type { KubeClient } from "../../../stand-ins/shared/kube-client";
import * as kinds from "../../../stand-ins/cluster-autoscaler/objects";
import { capxKinds, clusterApiKind, eventually, startApiServer } from "../capx/api-server";
import type { ApiServer } from "../capx/api-server";
import { startStandIn } from "../capx/process";
import type { Running } from "../capx/process";

let api: ApiServer;
let kube: KubeClient;
let autoscaler: Running;
let clusterApi: NodeJS.Timeout;
let stopped = false;

const namespace = "default";
const labels = {
  "cluster.x-k8s.io/cluster-name": "lab",
  "cluster.x-k8s.io/deployment-name": "workers",
};
const deployments = { group: "apps", version: "v1", plural: "deployments", kind: "Deployment" };
const controlPlaneTaint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
const size = { cpu: "4", memory: "8Gi", pods: "110" };

async function makeNode(name: string, taints: kinds.Taint[] = []): Promise<void> {
  const labels = { "kubernetes.io/os": "linux" };
  const spec = { providerID: `nutanix://${name}`, taints };
  await kube.create(kinds.nodes, { metadata: { name, labels }, spec });
  const time = new Date().toISOString();
  const conditions = [
    { type: "Ready", status: "True", lastHeartbeatTime: time, lastTransitionTime: time },
  ];
  const status = { allocatable: size, capacity: size, conditions };
  await kube.patch(kinds.nodes, { name }, { status }, "status");
}

let made = 0;
/** Cluster API's part, in small: as many Machines and Nodes as replicas, the marked ones go first. */
async function reconcile(): Promise<void> {
  const deployment = await kube.get(kinds.machineDeployments, { name: "workers", namespace });
  const replicas = deployment?.spec.replicas ?? 0;
  const { items } = await kube.list(kinds.machines, namespace);
  for (let missing = replicas - items.length; missing > 0; missing--) {
    const name = `worker-${++made}`;
    await kube.create(kinds.machines, {
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "Machine",
      metadata: { name, namespace, labels },
      spec: { clusterName: "lab", providerID: `nutanix://${name}` },
    });
    await makeNode(name);
  }
  const marked = (machine: kinds.Machine) =>
    machine.metadata.annotations?.["cluster.x-k8s.io/delete-machine"] !== undefined;
  const surplus = [...items].sort((a, b) => Number(marked(b)) - Number(marked(a)));
  for (const { metadata } of surplus.slice(0, Math.max(0, items.length - replicas))) {
    await kube.remove(kinds.machines, metadata);
    await kube.remove(kinds.nodes, { name: metadata.name });
  }
}

function keepReconciling(): void {
  if (stopped) return;
  clusterApi = setTimeout(() => void reconcile().then(keepReconciling, keepReconciling), 50);
}

beforeAll(async () => {
  api = await startApiServer(["kwok-controller"]);
  kube = api.kube;
  await api.create([...["Machine", "MachineDeployment"].map(clusterApiKind), ...capxKinds()]);
  await makeNode("control-plane", [controlPlaneTaint]);
  await api.create([
    {
      apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
      kind: "NutanixMachineTemplate",
      metadata: { name: "workers", namespace },
      spec: {
        template: {
          spec: {
            vcpusPerSocket: 1,
            vcpuSockets: 4,
            memorySize: "8Gi",
            systemDiskSize: "20Gi",
            image: { type: "name", name: "node-image" },
          },
        },
      },
    },
    {
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "MachineDeployment",
      metadata: {
        name: "workers",
        namespace,
        annotations: {
          "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "0",
          "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "3",
        },
      },
      spec: {
        clusterName: "lab",
        replicas: 0,
        template: {
          spec: {
            infrastructureRef: {
              apiGroup: "infrastructure.cluster.x-k8s.io",
              kind: "NutanixMachineTemplate",
              name: "workers",
            },
          },
        },
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "sample", namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "sample" } },
        template: {
          metadata: { labels: { app: "sample" } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              { name: "sample", image: "sample", resources: { requests: { memory: "4915Mi" } } },
            ],
          },
        },
      },
    },
  ]);
  const templates = kinds.machineTemplates(
    "infrastructure.cluster.x-k8s.io",
    "NutanixMachineTemplate",
  );
  const capacity = { cpu: "4", memory: "8Gi" };
  await kube.patch(templates, { name: "workers", namespace }, { status: { capacity } }, "status");
  keepReconciling();
  autoscaler = startStandIn("cluster-autoscaler", [
    "--cloud-provider=clusterapi",
    `--kubeconfig=${api.kubeconfig}`,
    `--cloud-config=${api.kubeconfig}`,
    "--namespace=kube-system",
    "--node-group-auto-discovery=clusterapi:clusterName=lab,namespace=default",
    "--scan-interval=10s",
    "--scale-down-unneeded-time=1s",
    "--scale-down-delay-after-add=1s",
    "--address=127.0.0.1:0",
    "--v=4",
  ]);
  await eventually(
    "a watching autoscaler",
    () => Promise.resolve(autoscaler.output().includes("watching")),
    20_000,
  );
}, 60_000);

afterAll(async () => {
  stopped = true;
  clearTimeout(clusterApi);
  if (process.env["LAB_DEBUG"]) process.stderr.write(autoscaler.output());
  await autoscaler.stop();
  await api.stop();
}, 60_000);

async function replicas(): Promise<number | undefined> {
  return (await kube.get(kinds.machineDeployments, { name: "workers", namespace }))?.spec.replicas;
}

async function scheduledPods(): Promise<number> {
  const { items } = await kube.list(kinds.pods, namespace);
  return items.filter(({ spec }) => spec.nodeName).length;
}

async function scaleSample(count: number): Promise<void> {
  await kube.patch(
    deployments,
    { name: "sample", namespace },
    { spec: { replicas: count } },
    "scale",
  );
}

test("zero nodes become two for two pods that need one each, and zero again", async () => {
  await scaleSample(2);
  const asked = Date.now();
  await eventually("two replicas", async () => (await replicas()) === 2);
  const decided = Date.now() - asked;
  await eventually("two pods with a node", async () => (await scheduledPods()) === 2);
  expect(decided).toBeLessThan(2000);

  await scaleSample(0);
  await eventually("zero replicas", async () => (await replicas()) === 0);
  const { items } = await kube.list(kinds.events);
  const said = (items as unknown as { reason: string; source: { component?: string } }[])
    .filter(({ source }) => source.component === "cluster-autoscaler")
    .map(({ reason }) => reason);
  // The two pods may come together or one after the other.
  expect([...new Set(said)].sort()).toEqual([
    "ScaleDown",
    "ScaleDownEmpty",
    "ScaledUpGroup",
    "TriggeredScaleUp",
  ]);
  const ref = { name: "cluster-autoscaler-status", namespace: "kube-system" };
  expect(Object.keys((await kube.get(kinds.configMaps, ref))?.data ?? {})).toEqual(["status"]);
  expect(await autoscaler.stop()).toBe(0);
  if (process.env["LAB_DEBUG"]) process.stderr.write(`decided after ${decided} ms\n`);
}, 60_000);
