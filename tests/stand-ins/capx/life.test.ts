// A cluster's and a machine's life with CAPX: a real API server, the Prism Central stand-in, and this test in the
// place of Cluster API.

import type { KubeClient } from "../../../stand-ins/shared/kube-client";
import * as kinds from "../../../stand-ins/capx/objects";
import { capxKinds, clusterApiKind, eventually, startApiServer } from "./api-server";
import type { ApiServer } from "./api-server";
import { startTestPrism } from "./prism";
import type { TestPrism } from "./prism";
import { startStandIn } from "./process";
import type { Running } from "./process";

let api: ApiServer;
let prism: TestPrism;
let capx: Running;
let kube: KubeClient;

const namespace = "default";
const infrastructure = { apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1" };
const clusterApi = { apiVersion: "cluster.x-k8s.io/v1beta2" };
const labels = { "cluster.x-k8s.io/cluster-name": "lab" };
const machineSpec = {
  vcpusPerSocket: 1,
  vcpuSockets: 2,
  memorySize: "4Gi",
  systemDiskSize: "20Gi",
  image: { type: "name" as const, name: "node-image" },
  cluster: { type: "name" as const, name: "lab-pe" },
  subnet: [{ type: "name" as const, name: "lab-vms" }],
};
const bootstrap =
  "## template: jinja\n#cloud-config\nhostname: '{{ ds.meta_data.hostname }}'\nruncmd: [kubeadm join]\n";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

async function createOwned(owner: { kind: string; name: string; uid?: string }, object: object) {
  const { metadata, ...rest } = object as { metadata: { name: string }; kind: string };
  const ownerReferences = [{ ...clusterApi, kind: owner.kind, name: owner.name, uid: owner.uid }];
  await api.create([
    { ...infrastructure, ...rest, metadata: { ...metadata, namespace, labels, ownerReferences } },
  ]);
}

beforeAll(async () => {
  api = await startApiServer(["kube-controller-manager", "kube-scheduler", "kwok-controller"]);
  kube = api.kube;
  [prism] = await Promise.all([
    startTestPrism(api.folder, "node-image"),
    api.create([...["Cluster", "Machine"].map(clusterApiKind), ...capxKinds()]),
  ]);
  capx = startStandIn("capx", [
    `--kubeconfig=${api.kubeconfig}`,
    "--leader-elect",
    "--leader-elect-namespace=default",
    "--health-probe-bind-address=127.0.0.1:0",
    "--diagnostics-address=127.0.0.1:0",
  ]);
}, 180_000);

afterAll(async () => {
  if (process.env["LAB_DEBUG"]) process.stderr.write(capx.output());
  await capx.stop();
  await prism.central.close();
  await api.stop();
}, 90_000);

test("a cluster and a machine come, are ready, and leave nothing behind", async () => {
  await api.create([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "lab", namespace },
      stringData: {
        credentials: JSON.stringify([
          {
            type: "basic_auth",
            data: { prismCentral: { username: "admin", password: "secret" }, prismElements: null },
          },
        ]),
      },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "lab-worker-1", namespace },
      data: { value: base64(bootstrap) },
    },
    {
      ...clusterApi,
      kind: "Cluster",
      metadata: { name: "lab", namespace },
      spec: { infrastructureRef: { kind: "NutanixCluster", name: "lab" } },
    },
    {
      ...clusterApi,
      kind: "Machine",
      metadata: { name: "lab-worker-1", namespace, labels },
      spec: { clusterName: "lab", infrastructureRef: { kind: "NutanixMachine", name: "nm-1" } },
    },
  ]);
  const cluster = await kube.get(kinds.clusters, { name: "lab", namespace });
  const machine = await kube.get(kinds.machines, { name: "lab-worker-1", namespace });
  await createOwned(
    { kind: "Cluster", ...cluster!.metadata },
    {
      kind: "NutanixCluster",
      metadata: { name: "lab" },
      spec: {
        prismCentral: {
          address: "127.0.0.1",
          port: prism.central.port,
          insecure: true,
          credentialRef: { kind: "Secret", name: "lab" },
        },
      },
    },
  );
  await createOwned(
    { kind: "Machine", ...machine!.metadata },
    { kind: "NutanixMachine", metadata: { name: "nm-1" }, spec: machineSpec },
  );

  const readyCluster = await eventually("a ready NutanixCluster", async () => {
    const found = await kube.get(kinds.nutanixClusters, { name: "lab", namespace });
    return found?.status?.ready && found;
  });
  expect(conditionsOf(readyCluster)).toEqual({
    ClusterCategoryCreated: "True",
    CredentialRefSecretOwnerSet: "True",
    NoFailureDomainsConfigured: "True",
    PrismClientConvergedV4Init: "True",
    PrismClientInit: "True",
  });
  const nutanixMachine = () => kube.get(kinds.nutanixMachines, { name: "nm-1", namespace });
  await eventually("a machine that waits", async () => {
    const condition = (await nutanixMachine())?.status?.conditions?.[0];
    return condition?.reason === "ClusterInfrastructureNotReady";
  });

  // Cluster API's part: the cluster's infrastructure is provisioned, the machine has bootstrap data.
  const initialization = { infrastructureProvisioned: true, controlPlaneInitialized: true };
  await kube.patch(kinds.clusters, cluster!.metadata, { status: { initialization } }, "status");
  await eventually("a machine that waits for bootstrap data", async () => {
    const condition = (await nutanixMachine())?.status?.conditions?.[0];
    return condition?.reason === "BootstrapDataNotReady";
  });
  await kube.patch(kinds.machines, machine!.metadata, {
    spec: { bootstrap: { dataSecretName: "lab-worker-1" } },
  });
  const before = Date.now();
  const ready = await eventually("a ready NutanixMachine", async () => {
    const found = await nutanixMachine();
    return found?.status?.ready && found;
  });
  const took = Date.now() - before;
  const vms = (await prism.get("/api/vmm/v4.2/ahv/config/vms")).data!;
  expect(vms.map(({ name, powerState }) => ({ name, powerState }))).toEqual([
    { name: "lab-worker-1", powerState: "ON" },
  ]);
  const { extId, customAttributes } = vms[0] as { extId: string; customAttributes: string[] };
  expect(customAttributes).toEqual([`providerid:${extId}`]);
  expect(ready.spec.providerID).toBe(`nutanix://${extId}`);
  expect(ready.metadata.finalizers).toEqual([kinds.machineFinalizer]);
  expect(conditionsOf(ready)).toEqual({ VMAddressesAssigned: "True", VMProvisioned: "True" });
  expect(ready.status).toEqual({
    ready: true,
    vmUUID: extId,
    addresses: [
      { type: "InternalIP", address: "198.18.112.50" },
      { type: "Hostname", address: "lab-worker-1" },
    ],
    conditions: ready.status!.conditions,
    v1beta2: expect.anything(),
  });
  expect(prism.poweredOn.map(({ name, userData }) => ({ name, userData }))).toEqual([
    {
      name: "lab-worker-1",
      userData: "#cloud-config\nhostname: 'lab-worker-1'\nruncmd: [kubeadm join]\n",
    },
  ]);

  await kube.remove(kinds.nutanixClusters, { name: "lab", namespace });
  await kube.remove(kinds.nutanixMachines, { name: "nm-1", namespace });
  await eventually("no NutanixCluster", async () => {
    return (await kube.get(kinds.nutanixClusters, { name: "lab", namespace })) === undefined;
  });
  expect(await nutanixMachine()).toBeUndefined();
  expect((await prism.get("/api/vmm/v4.2/ahv/config/vms")).data).toBeUndefined();
  expect((await prism.get("/api/prism/v4.2/config/categories")).data).toBeUndefined();
  expect(await kube.get(kinds.secrets, { name: "lab", namespace })).toBeUndefined();
  expect(await capx.stop()).toBe(0);
  if (process.env["LAB_DEBUG"]) process.stderr.write(`machine ready in ${took} ms\n`);
}, 180_000);

test("a template says what its machines will offer, even when CAPX starts later", async () => {
  await createOwned(
    { kind: "Cluster", name: "lab", uid: "gone" },
    {
      kind: "NutanixMachineTemplate",
      metadata: { name: "small" },
      spec: { template: { spec: machineSpec } },
    },
  );
  capx = startStandIn("capx", ["--health-probe-bind-address=0", "--diagnostics-address=0"], {
    KUBECONFIG: api.kubeconfig,
  });
  const capacity = await eventually("a capacity", async () => {
    const ref = { name: "small", namespace };
    return (await kube.get(kinds.nutanixMachineTemplates, ref))?.status?.capacity;
  });
  expect(capacity).toEqual({ cpu: "2", memory: "4Gi" });
  expect(await capx.stop()).toBe(0);
}, 180_000);

function conditionsOf(object: { status?: { conditions?: kinds.Condition[] } }) {
  return Object.fromEntries(
    (object.status?.conditions ?? []).map(({ type, status }) => [type, status]),
  );
}
