// Nc2Cluster's operations against the console stand-in: made, taken over, hibernated, resumed, resized, terminated.
import type { ClusterInputs, ClusterOutputs } from "../../../providers/nc2-cluster/operations";
import {
  check,
  create,
  diff,
  read,
  remove,
  update,
} from "../../../providers/nc2-cluster/operations";
import { AZURE } from "../../support/nc2-console";
import { Setting } from "./setting";

const setting = new Setting();
const { nc2, here, lines } = setting;
const inputs = (changes: Partial<ClusterInputs> = {}) => setting.inputs(changes);

beforeAll(() => setting.start());
beforeEach(() => setting.reset());
afterAll(() => setting.remove());

const change = async (olds: ClusterOutputs, changes: Partial<ClusterInputs>) =>
  (await update(olds.clusterId, olds, { news: inputs(changes), surroundings: here })).outs;

const states = async () =>
  (await nc2.clusters()).map(({ name, status }) => `${String(name)} ${String(status)}`);

test("a cluster is made, hibernated, resumed and terminated", async () => {
  const { id, outs } = await create(inputs(), here);
  expect(outs).toEqual({ ...inputs(), clusterId: id, status: "running" });
  const [cluster] = await nc2.clusters();
  expect(cluster).toMatchObject({
    id,
    name: "metal",
    description: "[pulumi metal/test/cluster]",
    capacity: [{ host_type: "i4i.metal", number_of_hosts: 3 }],
    redundancy: { factor: 2 },
    use_case: "general",
    aos_version: "7.3",
    network: { mode: "new" },
  });
  expect(diff(outs, inputs())).toEqual({
    changes: false,
    replaces: [],
    deleteBeforeReplace: true,
  });
  const asleep = await change(outs, { desiredState: "hibernated" });
  expect([asleep.status, await states()]).toEqual(["hibernated", ["metal hibernated"]]);
  const awake = await change(asleep, {});
  expect([awake.status, await states()]).toEqual(["running", ["metal running"]]);
  await remove(id, awake, here);
  expect(await states()).toEqual(["metal terminated"]);
  expect(await nc2.asked()).toEqual([
    "POST /clusters/aws",
    "PATCH /clusters/ID",
    "POST /clusters/ID/hibernate",
    "POST /clusters/ID/resume",
    "POST /clusters/ID/terminate",
  ]);
  expect(lines.filter((line) => line.includes("is asked"))).toEqual([
    "metal: hibernate is asked of the NC2 console",
    "metal: resume is asked of the NC2 console",
    "metal: terminate is asked of the NC2 console",
  ]);
});

test("a wish that can never be granted is found in a preview", () => {
  const reasons = (changes: Partial<ClusterInputs>) =>
    check(inputs(changes)).failures.map(({ reason }) => reason);
  expect(reasons({})).toEqual([]);
  for (const cloud of ["azure", "gcp"])
    expect(reasons({ cloud, desiredState: "hibernated" })).toEqual([
      `desiredState is "hibernated"; a cluster on ${cloud} cannot hibernate: Nutanix documents it for AWS alone. Use running, or destroy the cluster.`,
    ]);
  const without = inputs({ desiredState: "hibernated" });
  delete without.prismCentral;
  expect(check(without).failures.map(({ reason }) => reason)).toEqual([
    "prismCentral is missing; a cluster hibernates only when no VM runs on it, and Prism Central is asked for that. Give its address and port.",
  ]);
  expect(
    reasons({
      cloud: "ibm",
      region: "",
      capacity: [{ hostType: "i4i.metal", hosts: 2 }],
      desiredState: "asleep",
      console: { url: "http://console" },
    }),
  ).toEqual([
    'cloud is "ibm"; allowed is aws, azure or gcp.',
    'region is ""; allowed is a text.',
    'capacity is [{"hostType":"i4i.metal","hosts":2}]; allowed is a list of { hostType, hosts }, hosts 3 to 28.',
    'desiredState is "asleep"; allowed is running or hibernated.',
    'console is {"url":"http://console"}; allowed is a console whose url begins with https://.',
  ]);
});

test("what is unknown in a preview is no mistake", () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  expect(check(inputs({ organizationId: unknown, name: unknown })).failures).toEqual([]);
});

test("a cluster does not hibernate while a VM runs on it", async () => {
  const { outs } = await create(inputs(), here);
  const vm = await setting.runVm("node-1");
  await setting.runVm("elsewhere", "other");
  await expect(change(outs, { desiredState: "hibernated" })).rejects.toThrow(
    /^Hibernating cluster metal failed: 1 of its VMs is not OFF: node-1 \(ON\)\. Scale the lab to zero and destroy it, or shut them down; one that may stay, such as Prism Central's own, belongs into prismCentral\.allowedVms\.$/,
  );
  expect([await states(), (await nc2.asked()).at(-1)]).toEqual([
    ["metal running"],
    "PATCH /clusters/ID",
  ]);
  await setting.power(vm, "power-off");
  const asleep = await change(outs, { desiredState: "hibernated" });
  expect(asleep.status).toBe("hibernated");
});

test("VMs that may stay are named, by name or uuid", async () => {
  const { outs } = await create(inputs(), here);
  const uuid = await setting.runVm("pc-1");
  await setting.runVm("pc-2");
  const prismCentral = { ...inputs().prismCentral!, allowedVms: [uuid, "pc-2"] };
  const asleep = await change(outs, { desiredState: "hibernated", prismCentral });
  expect(asleep.status).toBe("hibernated");
});

test("a Prism Central that does not know the cluster is no leave to hibernate", async () => {
  const { outs } = await create(inputs(), here);
  const prismCentral = { ...inputs().prismCentral!, prismElement: "unheard" };
  await expect(change(outs, { desiredState: "hibernated", prismCentral })).rejects.toThrow(
    /^Hibernating cluster metal failed: whether VMs run on it could not be asked: Finding the Prism Element unheard failed: 0 fit\./,
  );
  expect(await states()).toEqual(["metal running"]);
});

test("one of that name that somebody else made is only taken over when told so", async () => {
  const { id } = await create(inputs(), here);
  const theirs = inputs({ owner: "theirs/prod/cluster" });
  await expect(create(theirs, here)).rejects.toThrow(
    `Making cluster metal failed: the organization has a cluster of that name that this stack did not make: ${id} (running). Take it over with adopt: true or by the option import, or give another name.`,
  );
  const adopted = await create({ ...theirs, adopt: true }, here);
  expect([adopted.id, adopted.outs.status]).toEqual([id, "running"]);
  expect((await nc2.clusters()).map(({ description }) => String(description))).toEqual([
    "[pulumi theirs/prod/cluster]",
  ]);
});

test("a cluster is taken over by id, if it is what the program says", async () => {
  const { id } = await create(inputs(), here);
  const imported = await create(inputs({ importId: id, desiredState: "hibernated" }), here);
  expect([imported.id, imported.outs.status]).toEqual([id, "hibernated"]);
  await expect(
    create(inputs({ importId: id, region: "eu-west-1", cloudAccountId: "other" }), here),
  ).rejects.toThrow(
    /^Taking over cluster .{36} as metal failed: it has cloud account bGFiLWF3cw== instead of other, region us-west-2 instead of eu-west-1\. Correct the program, or take another cluster\.$/,
  );
  await expect(create(inputs({ importId: "none" }), here)).rejects.toThrow(
    "Importing cluster none as metal failed: the console has no cluster of that id. Check the id, and that the key is one of its organization.",
  );
});

test("two clusters of one name are nobody's guess", async () => {
  await create(inputs(), here);
  const body = { data: { ...WISH(), name: "metal" } };
  await nc2.ended(await nc2.call("POST", "/clusters/aws", body));
  await expect(create(inputs({ adopt: true }), here)).rejects.toThrow(
    /^Making cluster metal failed: the organization has 2 clusters of that name: .{36} \(running\), .{36} \(running\)\. Take one of them over by the option import, or give another name\.$/,
  );
});

const WISH = () => ({
  organization_id: inputs().organizationId,
  cloud_account_id: inputs().cloudAccountId,
  ...{ region: "us-west-2", use_case: "general", license: "nci", aos_version: "7.3" },
  capacity: [{ host_type: "i4i.metal", number_of_hosts: 3 }],
});

test("capacity is changed in place, of a running cluster alone", async () => {
  const { outs } = await create(inputs(), here);
  const capacity = [{ hostType: "i4i.metal", hosts: 4 }];
  const grown = await change(outs, { capacity });
  expect((await nc2.clusters()).map((cluster) => cluster.capacity as object)).toEqual([
    [{ host_type: "i4i.metal", number_of_hosts: 4 }],
  ]);
  const asleep = await change(grown, { capacity, desiredState: "hibernated" });
  await expect(change(asleep, { desiredState: "hibernated" })).rejects.toThrow(
    "Changing the capacity of cluster metal failed: its desiredState is hibernated. Change it while the cluster is running.",
  );
});

test("what matters at creation alone is not changed silently", async () => {
  const { outs } = await create(inputs(), here);
  const creation = { ...inputs().creation, aosVersion: "7.5", network: { mode: "existing" } };
  await expect(change(outs, { creation })).rejects.toThrow(
    "Changing creation.aosVersion, creation.network of cluster metal failed: it matters only when a cluster is made. Put it back, or change the cluster in the console or by LCM and leave it out of the program.",
  );
  const without = inputs();
  delete without.creation;
  const left = await update(outs.clusterId, outs, { news: without, surroundings: here });
  expect(left.outs).toEqual({ ...without, clusterId: outs.clusterId, status: "running" });
});

test("another name, place or cloud is another cluster; after a failed creation, too", async () => {
  const { outs } = await create(inputs(), here);
  const replaces = (changes: Partial<ClusterInputs>) => diff(outs, inputs(changes)).replaces;
  expect(replaces({ name: "other", region: "x", cloud: "azure", cloudAccountId: AZURE })).toEqual([
    ...["name", "cloud", "cloudAccountId", "region"],
  ]);
  expect(replaces({ importId: outs.clusterId })).toEqual([]);
  expect(replaces({ importId: "other" })).toEqual(["importId"]);
  expect(diff({ ...outs, status: "creation_failed" }, inputs()).replaces).toEqual(["name"]);
  expect(diff({ ...outs, task: "x" }, inputs())).toMatchObject({ changes: true, replaces: [] });
});

test("a refresh shows drift, and that a cluster is gone", async () => {
  const { id, outs } = await create(inputs({ description: "ours" }), here);
  const same = await read(id, outs, here);
  expect([same.props, same.inputs]).toEqual([outs, inputs({ description: "ours" })]);
  await nc2.ended(await nc2.call("POST", `/clusters/${id}/hibernate`, {}));
  await nc2.call("PATCH", `/clusters/${id}`, { data: { description: "theirs" } });
  const drifted = await read(id, outs, here);
  expect(drifted.inputs).toEqual(inputs({ description: "theirs", desiredState: "hibernated" }));
  expect(diff(drifted.props!, inputs({ description: "ours" }))).toMatchObject({ changes: true });
  const back = await change(drifted.props!, { description: "ours" });
  expect([back.status, (await nc2.clusters()).map((one) => String(one.description))]).toEqual([
    "running",
    ["ours [pulumi metal/test/cluster]"],
  ]);
  await nc2.ended(await nc2.call("POST", `/clusters/${id}/terminate`, {}));
  expect(await read(id, outs, here)).toEqual({ id: "" });
  await remove(id, outs, here);
  expect((await nc2.tasks()).filter((task) => task.startsWith("kClusterTerminate"))).toHaveLength(
    1,
  );
});
