// CAPX against a Prism Central that misbehaves: 429, 500, lost connections, lists that lag, tasks that never end.
// What Prism Central did is read from its own task log.

import { createRecordOf } from "../../../stand-ins/capx/create-record";
import * as kinds from "../../../stand-ins/capx/objects";
import type { FaultRule } from "../../../stand-ins/prism-central/fault-rules";
import { capxKinds, clusterApiKind, eventually, startApiServer } from "./api-server";
import type { ApiServer } from "./api-server";
import { createCluster, createMachine } from "./cluster-objects";
import { startTestPrism } from "./prism";
import type { TestPrism } from "./prism";
import { startStandIn } from "./process";
import type { Running } from "./process";

const namespace = "default";
const names = Array.from({ length: 6 }, (_, at) => `worker-${at + 1}`);
const vms = "/api/vmm/v4.2/ahv/config/vms";
// Far more than it takes: some 15 s of waiting for what is given up, and what the machine's other work costs.
const minute = 60_000;
const patience = 3 * minute;

const fire: FaultRule[] = [
  { when: "* /api/", fail: 429, retryAfter: 1, probability: 0.1 },
  { when: "* /api/", fail: 500, probability: 0.05 },
  { when: "* /api/", drop: { response: 0 }, probability: 0.03 },
  { when: "* /api/", drop: { response: 40 }, probability: 0.02 },
  { when: "* /api/", drop: { request: 0 }, probability: 0.02 },
  // Whoever takes a lost answer for "not made", or "not in the list" for "not there", makes a second VM.
  { when: "POST /api/vmm/*/ahv/config/vms$", drop: { response: 0 }, every: 3 },
  { when: "GET /api/vmm/*/ahv/config/vms$", lag: 3000 },
  { when: "GET /api/prism/*/config/categories$", lag: 3000 },
  { when: "kVmCreate", hang: "before", skip: 1, times: 1 },
  { when: "kVmPowerOn", hang: "before", skip: 1, times: 1 },
  { when: "kVmDelete", hang: "after", skip: 1, times: 1 },
];

let api: ApiServer;
let prism: TestPrism;
let capx: Running;

beforeAll(async () => {
  api = await startApiServer(["kube-controller-manager", "kube-scheduler", "kwok-controller"]);
  [prism] = await Promise.all([
    startTestPrism(api.folder, "node-image"),
    api.create([...["Cluster", "Machine"].map(clusterApiKind), ...capxKinds()]),
  ]);
  capx = startStandIn("capx", [
    `--kubeconfig=${api.kubeconfig}`,
    "--health-probe-bind-address=0",
    "--diagnostics-address=0",
    "--max-concurrent-reconciles=4",
    "--task-timeout=8",
    "--list-lag=6",
  ]);
}, patience);

afterAll(async () => {
  if (process.env["LAB_DEBUG"]) process.stderr.write(capx.output());
  await capx.stop();
  await prism.central.close();
  await api.stop();
}, patience);

const machine = (name: string) => api.kube.get(kinds.nutanixMachines, { name, namespace });

/** Names of the VMs that Prism Central's tasks of an operation were about, in order. */
async function done(operation: string, status: string): Promise<string[]> {
  const filter = `operation eq '${operation}' and status eq '${status}'`;
  const { data = [] } = await prism.get(
    `/api/prism/v4.2/config/tasks?$limit=100&$filter=${encodeURIComponent(filter)}`,
  );
  return data
    .map(({ entitiesAffected }) => (entitiesAffected as { name: string }[])[0]!.name)
    .sort();
}

test(
  "machines come and go under fire: each has one VM, none is left",
  async () => {
    await prism.setFaults(fire);
    await createCluster(api, "lab", prism.central.port);
    for (const name of [...names, "hasty"]) await createMachine(api, name, "lab");
    await eventually(
      "a machine about to have a VM made",
      async () => {
        const hasty = await machine("hasty");
        return hasty && createRecordOf(hasty) !== undefined;
      },
      patience,
    );
    await api.kube.remove(kinds.nutanixMachines, { name: "hasty", namespace });
    for (const name of names)
      await eventually(`${name} ready`, async () => (await machine(name))?.status?.ready, patience);

    await prism.setFaults([]);
    const { data = [] } = await prism.get(vms);
    const made = data.filter(({ name }) => name !== "hasty");
    expect(
      made.map(({ name, powerState }) => `${String(name)} ${String(powerState)}`).sort(),
    ).toEqual(names.map((name) => `${name} ON`));
    for (const { name, extId } of made)
      expect((await machine(String(name)))?.spec.providerID).toBe(`nutanix://${String(extId)}`);
    const creates = await done("kVmCreate", "SUCCEEDED");
    const hanging = await done("kVmCreate", "RUNNING");
    expect(creates.filter((name, at) => creates.indexOf(name) !== at)).toEqual([]);
    expect([hanging.length, (await done("kVmPowerOn", "RUNNING")).length]).toEqual([1, 1]);

    await prism.setFaults(fire);
    for (const name of names) await api.kube.remove(kinds.nutanixMachines, { name, namespace });
    await api.kube.remove(kinds.nutanixClusters, { name: "lab", namespace });
    await eventually(
      "no NutanixCluster",
      async () =>
        (await api.kube.get(kinds.nutanixClusters, { name: "lab", namespace })) === undefined,
      patience,
    );
    await prism.setFaults([]);
    expect((await prism.get(vms)).data).toBeUndefined();
    expect((await prism.get("/api/prism/v4.2/config/categories")).data).toBeUndefined();
    for (const name of [...names, "hasty"]) expect(await machine(name)).toBeUndefined();
    expect((await done("kVmDelete", "RUNNING")).length).toBe(1);
  },
  4 * patience,
);
