// Machines of a workload cluster, from first to last: workers come and go, a killed one is replaced, sizes and versions
// roll, three control planes and back. In the end nothing of them is left in Prism Central.

import { rmSync } from "node:fs";
import * as house from "./house";
import { Person } from "./person";
import { VirtualMachines } from "./virtual-machines";

const home = house.makeHouse(9);
const machines = new VirtualMachines(home);
let person: Person;

interface Item {
  metadata: { name: string; labels?: Record<string, string> };
  spec: { providerID?: string };
  status: {
    conditions: { type: string; status: string }[];
    nodeInfo: { kubeletVersion: string };
    capacity: Record<string, string>;
  };
}

const items = (which: "management" | "workload", ...what: string[]) =>
  (house.kubectlJson(home, which, "get", ...what) as { items: Item[] }).items;
const isReady = ({ status }: Item) =>
  status.conditions.some(({ type, status: value }) => type === "Ready" && value === "True");
const isControlPlane = ({ metadata }: Item) =>
  "node-role.kubernetes.io/control-plane" in (metadata.labels ?? {});
const readyNodes = (of: (node: Item) => boolean) =>
  items("workload", "nodes").filter((node) => isReady(node) && of(node));
// Ready comes with the registration; the cloud controller manager tells a moment later which VM it is.
const workers = () =>
  readyNodes((node) => !isControlPlane(node) && node.spec.providerID !== undefined);
const vmOf = ({ spec }: Item) => spec.providerID!.replace("nutanix://", "");
const templates = () =>
  items("management", "nutanixmachinetemplates").map(({ metadata }) => metadata.name);

/** What was seen; nothing while the endpoint moves to another control plane. */
function unlessMoving<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** What a person would look at first, where the machines do not come to rest. */
const whatIsThere = () =>
  [
    ["management", "get", "machinedeployments,machines,nutanixmachines", "-o", "wide"],
    ["management", "get", "kubeadmcontrolplanes", "-o", "jsonpath={.items[*].status.conditions}"],
    ["workload", "get", "nodes,pods", "-A", "-o", "wide"],
  ]
    .map(([which, ...command]) =>
      unlessMoving(() => house.kubectl(home, which as "management" | "workload", ...command)),
    )
    .join("\n");

/** Waits until there are so many ready workers, as many nodes of workers, and no VM that is nobody's. */
async function settled(count: number, controlPlanes = 1): Promise<Item[]> {
  const look = () => {
    const found = workers();
    const all = items("workload", "nodes").length === count + controlPlanes;
    const vms = machines.ids().length === count + controlPlanes;
    return found.length === count && all && vms ? found : undefined;
  };
  return house.eventually(240, () => unlessMoving(look), whatIsThere);
}

const scale = (replicas: number) =>
  house.kubectl(home, "management", "scale", "machinedeployment/lab-wmd", `--replicas=${replicas}`);

beforeAll(() => {
  house.up(home);
  person = new Person(home);
  person.set("scalingTest.run", "false");
  // By hand, lest it takes away what the test has asked for.
  const { deployment } = house.autoscaler(home);
  house.kubectl(home, "management", "scale", ...deployment, "--replicas=0");
});

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

test("workers go 0 -> 3 -> 1, each a VM of its own", async () => {
  scale(3);
  const three = await settled(3);
  expect(new Set(three.map(vmOf)).size).toBe(3);
  expect(three.map(vmOf).every((vm) => machines.ids().includes(vm))).toBe(true);
  scale(1);
  await settled(1);
});

test("a killed machine is replaced by its health check", async () => {
  person.set("workloadCluster.unhealthySeconds", "10");
  expect(person.changesOf("up")).toMatchObject({ update: expect.any(Number) });
  const [before] = await settled(1);
  machines.crash(vmOf(before!));
  await house.eventually(120, () => (workers().length === 0 ? true : undefined));
  const [after] = await settled(1);
  expect(vmOf(after!)).not.toBe(vmOf(before!));
});

test("another size rolls the workers, and the old template goes", async () => {
  const [[before], old] = [await settled(1), templates()];
  person.set("workloadCluster.workers.memory", "3Gi");
  person.changesOf("up");
  const [after] = await settled(1);
  expect(vmOf(after!)).not.toBe(vmOf(before!));
  expect(parseInt(after!.status.capacity["memory"]!, 10)).toBeLessThan(3.1 * 2 ** 20);
  expect(templates().filter((name) => !old.includes(name)).length).toBe(1);
  expect(templates().length).toBe(old.length);
});

test("another version is another image, and rolls control plane and workers", async () => {
  // The same programs under another version's stamp: kubelets tell the new one, the API server's own stays.
  const [before] = await settled(1);
  const images = machines.images();
  person.set("kubernetesVersion", "v1.36.4");
  person.changesOf("up");
  const versions = () => readyNodes(() => true).map(({ status }) => status.nodeInfo.kubeletVersion);
  const isNew = (version: string) => version === "v1.36.4";
  await house.eventually(240, () => unlessMoving(() => versions().every(isNew) || undefined));
  const [after] = await settled(1);
  expect(vmOf(after!)).not.toBe(vmOf(before!));
  expect(machines.images().length).toBe(1);
  expect(machines.images()).not.toEqual(images);
}, 900_000);

test("three control planes are one etcd cluster, and one again", async () => {
  person.set("workloadCluster.controlPlane.replicas", "3");
  person.changesOf("up");
  await settled(1, 3);
  expect(readyNodes(isControlPlane).length).toBe(3);
  expect(items("workload", "pods", "-n", "kube-system", "-l", "component=etcd").length).toBe(3);
  person.set("workloadCluster.controlPlane.replicas", "1");
  person.changesOf("up");
  await settled(1);
});

test("nothing is left of machines, images and categories when all is destroyed", () => {
  scale(0);
  person.changesOf("destroy");
  expect([machines.ids(), machines.images(), machines.categories()]).toEqual([[], [], []]);
  expect(machines.files()).toEqual([]);
});
