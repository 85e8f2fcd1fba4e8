import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";

const prism = new PrismCentralUnderTest();
const content = Buffer.from("a bootable disk");
let image: string;
let cluster: string;
let subnet: string;

beforeAll(async () => {
  await prism.start();
  image = (await prism.image("node", content)).uuid;
  await prism.settledImage(image);
  const first = async (path: string): Promise<Json> =>
    (await prism.call("GET", path)).data.data[0].extId;
  cluster = await first("/api/clustermgmt/v4.2/config/clusters");
  subnet = await first("/api/networking/v4.2/config/subnets");
});
afterAll(() => prism.remove());

const VMS = "/api/vmm/v4.2/ahv/config/vms";
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** As CAPX asks for one. */
const wanted = (name: string, changes: object = {}) => ({
  name,
  numSockets: 2,
  numCoresPerSocket: 1,
  memorySizeBytes: 2 ** 31,
  cluster: { extId: cluster },
  nics: [{ networkInfo: { subnet: { extId: subnet } } }],
  disks: [
    {
      backingInfo: {
        $objectType: "vmm.v4.ahv.config.VmDisk",
        diskSizeBytes: 20 * 2 ** 30,
        dataSource: {
          reference: { $objectType: "vmm.v4.ahv.config.ImageReference", imageExtId: image },
        },
      },
    },
  ],
  guestCustomization: {
    config: {
      $objectType: "vmm.v4.ahv.config.CloudInit",
      metadata: base64('{"hostname":"m1"}'),
      cloudInitScript: {
        $objectType: "vmm.v4.ahv.config.Userdata",
        value: base64("#cloud-config"),
      },
    },
  },
  ...changes,
});

async function made(name: string): Promise<string> {
  const task = await prism.task(await prism.call("POST", VMS, { body: wanted(name) }));
  return String(task["entitiesAffected"][0].extId);
}

async function changed(method: string, extId: string, action = "", body?: object) {
  const { headers } = await prism.call("GET", `${VMS}/${extId}`);
  const etag = { "if-match": String(headers["etag"]) };
  return prism.call(method, `${VMS}/${extId}${action}`, { headers: etag, body });
}

const vm = async (extId: string): Promise<Json> =>
  (await prism.call("GET", `${VMS}/${extId}`)).data.data;

test("from made to deleted, as CAPX does it", async () => {
  const extId = await made("m1");
  const off = await vm(extId);
  await prism.task(
    await changed("POST", extId, "/$actions/add-custom-attributes", {
      customAttributes: [`providerid:${extId}`],
    }),
  );
  const powered = await prism.task(await changed("POST", extId, "/$actions/power-on"));
  const on = await vm(extId);
  const { disk, ...spec } = prism.hypervisor.specs.at(-1)!;
  const booted = readFileSync(disk!.path);
  await prism.task(await changed("DELETE", extId));
  const gone = await prism.call("GET", `${VMS}/${extId}`);

  expect([off.powerState, off.biosUuid, off.nics[0].networkInfo.ipv4Config]).toEqual([
    "OFF",
    extId,
    undefined,
  ]);
  expect([powered["operation"], powered["status"]]).toEqual(["kVmPowerOn", "SUCCEEDED"]);
  expect([on.powerState, on.customAttributes, on.guestCustomization]).toEqual([
    "ON",
    [`providerid:${extId}`],
    undefined,
  ]);
  const [nic] = on.nics;
  for (const network of [nic.networkInfo, nic.nicNetworkInfo])
    expect([
      network.subnet.extId,
      network.ipv4Config.ipAddress.value,
      network.ipv4Info.learnedIpAddresses[0].value,
    ]).toEqual([subnet, "198.18.0.50", "198.18.0.50"]);
  expect(nic.nicNetworkInfo.$objectType).toBe("vmm.v4.ahv.config.VirtualEthernetNicNetworkInfo");
  expect(spec).toEqual({
    extId,
    name: "m1",
    vcpus: 2,
    memoryBytes: 2 ** 31,
    nics: [
      {
        macAddress: nic.nicBackingInfo.macAddress,
        ipAddress: "198.18.0.50",
        prefixLength: 24,
      },
    ],
    userData: "#cloud-config",
    metaData: '{"hostname":"m1"}',
  });
  expect([booted, disk!.sha256]).toEqual([
    content,
    createHash("sha256").update(content).digest("hex"),
  ]);
  expect([gone.status, gone.data.data.error[0].code, existsSync(disk!.path)]).toEqual([
    404,
    "VMM-30100",
    false,
  ]);
  expect(prism.hypervisor.calls).toEqual(["powerOn", "remove"]);
});

test("a repeated request id gets the same task, and one VM", async () => {
  const headers = { "ntnx-request-id": randomUUID() };
  const [first, second] = [
    await prism.call("POST", VMS, { body: wanted("once"), headers }),
    await prism.call("POST", VMS, { body: wanted("once"), headers }),
  ];
  await prism.task(first);
  const { data } = await prism.call("GET", `${VMS}?$filter=name eq 'once'`);
  expect([second.status, second.data, data.metadata.totalAvailableResults]).toEqual([
    202,
    first.data,
    1,
  ]);
});

test("a change on an ETag that another change has used: 412", async () => {
  const extId = await made("raced");
  const { headers } = await prism.call("GET", `${VMS}/${extId}`);
  const etag = { "if-match": String(headers["etag"]) };
  const act = () => prism.call("POST", `${VMS}/${extId}/$actions/power-on`, { headers: etag });
  const answers = [await act(), await act()];
  expect(answers.map(({ status }) => status)).toEqual([202, 412]);
});

test("a guest that does not boot leaves its VM ON and says why", async () => {
  prism.hypervisor.failure = "no init in the image";
  const extId = await made("bad");
  const task = await prism.task(await changed("POST", extId, "/$actions/power-on"));
  prism.hypervisor.failure = undefined;
  const debug = await prism.call("GET", `/debug/vms/${extId}`);
  expect([task["status"], (await vm(extId)).powerState]).toEqual(["SUCCEEDED", "ON"]);
  expect(debug.data).toEqual({
    extId,
    name: "bad",
    powerState: "ON",
    guest: "crashed",
    failure: "no init in the image",
    console: `/vms/${extId}/console.log`,
    addresses: [expect.stringMatching(/^198\.18\.0\.\d+$/)],
    userData: "#cloud-config",
    metaData: '{"hostname":"m1"}',
  });
});

test("power-off ends the guest and keeps the address; it returns with the next power-on", async () => {
  const extId = await made("twice");
  const address = async (): Promise<Json> =>
    (await vm(extId)).nics[0].networkInfo.ipv4Config.ipAddress.value;
  await prism.task(await changed("POST", extId, "/$actions/power-on"));
  const before = await address();
  await prism.task(await changed("POST", extId, "/$actions/power-off"));
  const state = [(await vm(extId)).powerState, prism.hypervisor.state(extId)];
  await prism.task(await changed("POST", extId, "/$actions/power-on"));
  expect([state, await address()]).toEqual([["OFF", "stopped"], before]);
});

test("what a VM refers to must exist: its task fails", async () => {
  const unknown = randomUUID();
  const body = wanted("lost", { cluster: { extId: unknown } });
  const task = await prism.task(await prism.call("POST", VMS, { body }));
  expect([task["status"], task["errorMessages"][0].message]).toEqual([
    "FAILED",
    `The cluster ${unknown} does not exist.`,
  ]);
});

test.each([
  [{ name: "" }, "name", "A VM needs name."],
  [{ memorySizeBytes: "2" }, "memorySizeBytes", "memorySizeBytes must be a whole number."],
  [{ numSockets: 0 }, "numSockets", "numSockets must be at least 1, not 0."],
])("%j: 400", async (changes, attributePath, message) => {
  const answer = await prism.call("POST", VMS, { body: wanted("refused", changes) });
  const [told] = answer.data.data.error.validationErrorMessages;
  expect([answer.status, told.location, told.attributePath, told.message]).toEqual([
    400,
    "@body",
    attributePath,
    message,
  ]);
});

test.each([
  [{ serialPorts: [{ index: 0 }] }, 501, "LAB-501", 'VM field "serialPorts" is not simulated.'],
  [{ powerState: "ON" }, 400, "VMM-30109", "A VM cannot be made ON: power it on."],
])("%j: %i", async (changes, status, code, message) => {
  const answer = await prism.call("POST", VMS, { body: wanted("refused", changes) });
  const [told] = answer.data.data.error;
  expect([answer.status, told.code, told.message]).toEqual([status, code, message]);
});
