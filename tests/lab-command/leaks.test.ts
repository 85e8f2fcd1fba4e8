// What a lab has left in a Prism Central stand-in, by its marks, and how it goes.
import { confirmation, type Leak, leaksOf } from "../../lab/leaks/leak";
import { findRemains, removeLeaks } from "../../lab/leaks/remains";
import { type Leaks, refuseUnsafe, signOfLife } from "../../lab/leaks";
import { impatientClient } from "../../lab/prism/access";
import { type Json, PrismCentralUnderTest } from "../support/prism-central";
import { admin, seed, stackOf } from "./doctor-stack";

const prism = new PrismCentralUnderTest({
  ...seed,
  volumeGroups: [
    { name: "pvc-1", cluster: "pe-1" },
    { name: "pvc-2", cluster: "pe-1" },
  ],
});

const V = "/api";
const recipe = { recipe: "packer/embedded" };
const stack = () => stackOf(prism, { image: recipe });
const client = () => impatientClient(stack(), admin, {});
const look = async () => leaksOf(stack(), await findRemains(client(), stack()));

const category = async (key: string, value: string, description?: string): Promise<string> => {
  const body = { key, value, ...(description ? { description } : {}) };
  const { data }: Json = await prism.call("POST", `${V}/prism/v4.0/config/categories`, { body });
  return data.data.extId as string;
};

interface Entity {
  extId: string;
  name: string;
}

async function list(path: string): Promise<Entity[]> {
  const { data }: Json = await prism.call("GET", path);
  return (data.data ?? []) as Entity[];
}

async function machine(name: string, ...categories: string[]): Promise<string> {
  const [element] = await list(`${V}/clustermgmt/v4.0/config/clusters?$filter=name eq 'pe-1'`);
  const [subnet] = await list(`${V}/networking/v4.0/config/subnets?$filter=name eq 'vms'`);
  const made = await prism.call("POST", `${V}/vmm/v4.0/ahv/config/vms`, {
    body: {
      ...{ name, memorySizeBytes: 2 ** 30, numSockets: 1, numCoresPerSocket: 1 },
      cluster: { extId: element!.extId },
      nics: [{ networkInfo: { subnet: { extId: subnet!.extId } } }],
      categories: categories.map((extId) => ({ extId })),
    },
  });
  const task = await prism.task(made);
  const affected = task.entitiesAffected as (Entity & { rel: string })[];
  return affected.find(({ rel }) => rel === "vmm:ahv:config:vm")!.extId;
}

beforeAll(() => prism.start());
afterAll(() => prism.remove());

test("what has the cluster's marks is found; what has another's is not", async () => {
  expect(await look()).toEqual([]);
  const own = await category("KubernetesClusterName", "lab", "Managed by CAPX");
  const other = await category("KubernetesClusterName", "lab-kcp", "Managed by CAPX");
  const plane = await machine("lab-kcp-x7k2p", own);
  const worker = await machine("lab-wmd-6d4cf-abcde", own);
  const half = await machine("lab-wmd-6d4cf-fghij");
  await machine("lab-kcp-12345-abcde", other);
  await machine("laboratory");
  const [group] = await list(`${V}/volumes/v4.0/config/volume-groups?$filter=name eq 'pvc-1'`);
  const attach = `${V}/volumes/v4.0/config/volume-groups/${group!.extId}/$actions/attach-vm`;
  await prism.task(await prism.call("POST", attach, { body: { extId: worker } }));
  const image = await prism.image("capx-embedded-v1.36.3-1a2b3c4d", Buffer.from("disk"));
  await prism.image("capx-ubuntu-2404-v1.36.3-1a2b3c4d", Buffer.from("disk"));
  const found = await look();
  const by = (extId: string) => found.find((leak) => leak.extId === extId);
  expect(found).toHaveLength(6);
  expect(by(plane)).toEqual({
    kind: "virtual machine",
    name: "lab-kcp-x7k2p",
    extId: plane,
    marks: ["the cluster's category", "a machine's name"],
    deletable: true,
    remedy: "Compute > VMs > lab-kcp-x7k2p > Delete",
  });
  expect(by(worker)).toMatchObject({
    deletable: false,
    remedy: "detach its volume groups first, then Compute > VMs > lab-wmd-6d4cf-abcde > Delete",
  });
  expect(by(half)).toMatchObject({ marks: ["a machine's name"], deletable: false });
  expect(by(group!.extId)).toMatchObject({
    kind: "volume group",
    name: "pvc-1",
    marks: ["attached to lab-wmd-6d4cf-abcde"],
    deletable: false,
  });
  expect(by(own)).toMatchObject({
    kind: "category",
    name: "KubernetesClusterName:lab",
    marks: ["of cluster lab", "Managed by CAPX"],
    deletable: true,
  });
  expect(by(image.uuid)).toMatchObject({
    kind: "image",
    name: "capx-embedded-v1.36.3-1a2b3c4d",
    deletable: false,
  });
});

test("machines go before their category; others' stay", async () => {
  const [group] = await list(`${V}/volumes/v4.0/config/volume-groups?$filter=name eq 'pvc-1'`);
  const [worker] = await list(`${V}/vmm/v4.0/ahv/config/vms?$filter=name eq 'lab-wmd-6d4cf-abcde'`);
  const detach = `${V}/volumes/v4.0/config/volume-groups/${group!.extId}/$actions/detach-vm`;
  await prism.task(await prism.call("POST", detach, { body: { extId: worker!.extId } }));
  await removeLeaks(client(), await look());
  expect((await look()).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "virtual machine lab-wmd-6d4cf-fghij",
    "image capx-embedded-v1.36.3-1a2b3c4d",
  ]);
  const left = (await list(`${V}/vmm/v4.0/ahv/config/vms`)).map(({ name }) => name).sort();
  expect(left).toEqual(["lab-kcp-12345-abcde", "lab-wmd-6d4cf-fghij", "laboratory"]);
});

test("a word stands for one list, and is worth nothing for a cluster that may be alive", () => {
  const [one, two] = ["a", "b"].map((extId): Leak => ({
    ...{ kind: "category", name: "n", extId, marks: [], deletable: true, remedy: "" },
  }));
  const word = confirmation([one!, two!]);
  expect(word).toMatch(/^[0-9a-f]{8}$/);
  expect(confirmation([two!, one!])).toBe(word);
  expect(confirmation([one!])).not.toBe(word);
  const found: Leaks = { stack: "onprem", cluster: "lab", leaks: [one!], confirmation: "1234abcd" };
  expect(() => refuseUnsafe(found, "1234abcd")).not.toThrow();
  expect(() => refuseUnsafe(found, word)).toThrow(
    `Deleting what cluster lab left failed: ${word} does not stand for what is there now. ` +
      "Look at the list again, and use the word below it: npm run lab -- leaks -s onprem.",
  );
  const alive = { ...found, living: "10.0.0.9:6443 answers" };
  expect(() => refuseUnsafe(alive, "1234abcd")).toThrow(
    "Deleting what cluster lab left failed: it may be alive, 10.0.0.9:6443 answers. Bring it down first: npm run lab -- down -s onprem.",
  );
});

test("the stack's state tells whether the cluster lives; without it, an endpoint that answers does", () => {
  const type = "lab:index:WorkloadCluster$kubernetes:cluster.x-k8s.io/v1beta2:Cluster";
  const urn = `urn:pulumi:onprem::nutanix-serverless-lab::${type}::workload-cluster`;
  const answering = { host: "10.0.0.9", port: 6443, sound: "answers" as const };
  expect(signOfLife("onprem", { resources: [{ urn }] }, undefined)).toBe(
    "it is in the state of stack onprem",
  );
  expect(signOfLife("onprem", {}, answering)).toBeUndefined();
  expect(signOfLife("onprem", undefined, answering)).toBe(
    "10.0.0.9:6443 answers, and there is no state of stack onprem that says that it is gone",
  );
  expect(signOfLife("onprem", undefined, { ...answering, sound: "silent" })).toBeUndefined();
});
