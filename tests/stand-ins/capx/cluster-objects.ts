// The objects that Cluster API would have made for a cluster and its machines, ready for CAPX to act on.

import type { ApiServer } from "./api-server";
import * as kinds from "../../../stand-ins/capx/objects";

const namespace = "default";
const infrastructure = { apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1" };
const clusterApi = { apiVersion: "cluster.x-k8s.io/v1beta2" };

const credentials = JSON.stringify([
  {
    type: "basic_auth",
    data: { prismCentral: { username: "admin", password: "secret" }, prismElements: null },
  },
]);

const machineSpec = {
  vcpusPerSocket: 1,
  vcpuSockets: 2,
  memorySize: "4Gi",
  systemDiskSize: "20Gi",
  image: { type: "name", name: "node-image" },
  cluster: { type: "name", name: "lab-pe" },
  subnet: [{ type: "name", name: "lab-vms" }],
};

function metadata(
  name: string,
  cluster: string,
  owner?: { kind: string; name: string; uid?: string },
) {
  const ownerReferences = owner && [{ ...clusterApi, ...owner }];
  return { name, namespace, labels: { [kinds.clusterNameLabel]: cluster }, ownerReferences };
}

/** A cluster whose infrastructure is provisioned, so that its machines may come. */
export async function createCluster(api: ApiServer, name: string, port: number): Promise<void> {
  const infrastructureRef = { kind: "NutanixCluster", name };
  await api.create([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData: { credentials },
    },
    { ...clusterApi, kind: "Cluster", metadata: metadata(name, name), spec: { infrastructureRef } },
  ]);
  const cluster = await api.kube.get(kinds.clusters, { name, namespace });
  const initialization = { infrastructureProvisioned: true, controlPlaneInitialized: true };
  await api.kube.patch(kinds.clusters, cluster!.metadata, { status: { initialization } }, "status");
  const credentialRef = { kind: "Secret", name };
  await api.create([
    {
      ...infrastructure,
      kind: "NutanixCluster",
      metadata: metadata(name, name, { kind: "Cluster", name, uid: cluster!.metadata.uid }),
      spec: { prismCentral: { address: "127.0.0.1", port, insecure: true, credentialRef } },
    },
  ]);
}

/** A Machine with bootstrap data and its NutanixMachine, both of this name. */
export async function createMachine(api: ApiServer, name: string, clusterName: string) {
  const infrastructureRef = { kind: "NutanixMachine", name };
  await api.create([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData: { value: "#cloud-config\n" },
    },
    {
      ...clusterApi,
      kind: "Machine",
      metadata: metadata(name, clusterName),
      spec: { clusterName, infrastructureRef, bootstrap: { dataSecretName: name } },
    },
  ]);
  const machine = await api.kube.get(kinds.machines, { name, namespace });
  await api.create([
    {
      ...infrastructure,
      kind: "NutanixMachine",
      metadata: metadata(name, clusterName, { kind: "Machine", name, uid: machine!.metadata.uid }),
      spec: machineSpec,
    },
  ]);
}
