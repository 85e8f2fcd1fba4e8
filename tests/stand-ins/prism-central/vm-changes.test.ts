import { randomUUID } from "node:crypto";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";
import { SomeVms, VMS, ending } from "./some-vms";

const prism = new PrismCentralUnderTest({
  categories: [{ key: "env", value: "test" }],
  volumeGroups: [{ name: "data", cluster: "lab-pe" }],
});
const vms = new SomeVms(prism);
let category: string;

beforeAll(async () => {
  await prism.start();
  await vms.lookAround();
  const { data } = await prism.call("GET", "/api/prism/v4.2/config/categories");
  category = data.data[0].extId;
});
afterAll(() => prism.remove());

async function put(extId: string, body: Json) {
  const { headers } = await prism.call("GET", `${VMS}/${extId}`);
  return prism.call("PUT", `${VMS}/${extId}`, {
    headers: { "if-match": String(headers["etag"]) },
    body,
  });
}

test("custom attributes and categories are added and removed; each change moves the ETag", async () => {
  const extId = await vms.make("marked");
  const lists = async (): Promise<Json> => {
    const { customAttributes, categories } = await vms.get(extId);
    return [customAttributes, (categories as Json[]).map((row): Json => row.extId)];
  };
  await vms.act(extId, "add-custom-attributes", { customAttributes: ["a:1", "b:2", "a:1"] });
  await vms.act(extId, "associate-categories", { categories: [{ extId: category }] });
  const before = await lists();
  await vms.act(extId, "remove-custom-attributes", { customAttributes: ["a:1"] });
  await vms.act(extId, "disassociate-categories", { categories: [{ extId: category }] });
  const { headers } = await prism.call("GET", `${VMS}/${extId}`);
  expect([before, await lists(), headers["etag"]]).toEqual([
    [["a:1", "b:2"], [category]],
    [["b:2"], []],
    "YXBwbGljYXRpb24vanNvbg==:5",
  ]);
});

test("a PUT changes size and description of a VM that is OFF; devices stay as they are", async () => {
  const extId = await vms.make("resized", {}, ["lab-vms"]);
  const shown = await vms.get(extId);
  const changed = { ...shown, description: "larger", memorySizeBytes: 2 ** 31 };
  const done = await prism.task(await put(extId, changed));
  const after = await vms.get(extId);
  expect([done.status, after.description, after.memorySizeBytes]).toEqual([
    "SUCCEEDED",
    "larger",
    2 ** 31,
  ]);
  const answer = await put(extId, { ...after, nics: [] });
  const other = await put(extId, { ...after, nics: [{ extId: randomUUID() }] });
  expect([answer.status, other.status, other.data.data.error[0].message]).toEqual([
    202,
    501,
    'Changing "nics" of a VM is not simulated.',
  ]);
  await prism.task(answer);
  await vms.act(extId, "power-on");
  const on = await vms.get(extId);
  const whileOn = await prism.task(await put(extId, { ...on, memorySizeBytes: 2 ** 32 }));
  expect(ending(whileOn)).toEqual([
    "FAILED",
    "LAB-409",
    "VM resized is ON: power it off to change its size.",
  ]);
});

test("reset and power-cycle leave a VM ON with its address, and end the guest in between", async () => {
  const extId = await vms.make("cycled", {}, ["lab-vms"]);
  await vms.act(extId, "power-on");
  const address = async (): Promise<Json> =>
    (await vms.get(extId)).nics[0].networkInfo.ipv4Config.ipAddress.value;
  const before = await address();
  prism.hypervisor.calls.length = 0;
  await vms.act(extId, "reset");
  await vms.act(extId, "power-cycle");
  expect([(await vms.get(extId)).powerState, await address(), prism.hypervisor.calls]).toEqual([
    "ON",
    before,
    ["powerOff", "powerOn", "powerOff", "powerOn"],
  ]);
});

test.each(["shutdown", "guest-shutdown", "reboot", "guest-reboot", "clone"])(
  "%s: 501 by its name",
  async (action) => {
    const extId = randomUUID();
    const answer = await prism.call("POST", `${VMS}/${extId}/$actions/${action}`);
    expect([answer.status, answer.data.data.error[0].message]).toEqual([
      501,
      `POST ${VMS}/${extId}/$actions/${action} is not simulated.`,
    ]);
  },
);

test("a volume group is among the disks of the VM that it is attached to, until it is detached", async () => {
  const extId = await vms.make("attached", { disks: [{ backingInfo: { diskSizeBytes: 1024 } }] });
  const groups = "/api/volumes/v4.2/config/volume-groups";
  const { data } = await prism.call("GET", `${groups}?$filter=name eq 'data'`);
  const group: string = data.data[0].extId;
  const act = async (action: string): Promise<Json> => {
    const path = `${groups}/${group}/$actions/${action}`;
    return ending(await prism.task(await prism.call("POST", path, { body: { extId } })));
  };
  const disks = async (): Promise<Json> =>
    ((await vms.get(extId)).disks as Json[]).map((disk): Json => [
      disk.diskAddress.index,
      String(disk.backingInfo.$objectType).split(".").at(-1),
      disk.backingInfo.volumeGroupExtId,
    ]);
  const attached = [await act("attach-vm"), await disks()];
  const refused = await prism.call("DELETE", `${groups}/${group}`);
  const detached = [await act("detach-vm"), await disks(), await act("detach-vm")];
  expect(attached).toEqual([
    ["SUCCEEDED"],
    [
      [0, "VmDisk", undefined],
      [1, "ADSFVolumeGroupReference", group],
    ],
  ]);
  expect(refused.status).toBe(400);
  expect(detached).toEqual([
    ["SUCCEEDED"],
    [[0, "VmDisk", undefined]],
    ["FAILED", "LAB-404", `Volume group data is not attached to VM ${extId}.`],
  ]);
});

test("a category in use cannot be deleted; one that nothing carries can", async () => {
  const extId = await vms.make("user", { categories: [{ extId: category }] });
  const path = `/api/prism/v4.2/config/categories/${category}`;
  const remove = async () => {
    const { headers } = await prism.call("GET", path);
    return prism.call("DELETE", path, { headers: { "if-match": String(headers["etag"]) } });
  };
  const used = await remove();
  await vms.act(extId, "disassociate-categories", { categories: [{ extId: category }] });
  expect([used.status, used.data.data.error[0].errorGroup, (await remove()).status]).toEqual([
    409,
    "CATEGORY_IN_USE",
    204,
  ]);
});
