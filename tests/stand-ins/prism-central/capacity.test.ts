import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";
import { SomeVms, VMS, ending } from "./some-vms";

const GIB = 2 ** 30;
const subnet = {
  networkId: 0,
  network: "10.0.0.0",
  prefixLength: 24,
  gateway: "10.0.0.1",
};

const prism = new PrismCentralUnderTest({
  clusters: [
    {
      name: "lab-pe",
      version: "7.3",
      hosts: [
        { name: "small", memoryGiB: 4, threads: 8 },
        { name: "large", memoryGiB: 8, threads: 8 },
      ],
      storageContainers: [{ name: "tiny", capacityGiB: 10 }],
      gpus: [
        { name: "T4", deviceId: 7, type: "PASSTHROUGH_COMPUTE", count: 2 },
        { name: "V", deviceId: 8, type: "VIRTUAL", count: 2 },
      ],
      maxVms: 9,
    },
    { name: "other", version: "7.3", hosts: ["far"], storageContainers: [], isAvailable: false },
  ],
  subnets: [
    {
      ...{ ...subnet, name: "two", cluster: "lab-pe" },
      pool: [
        { start: "10.0.0.5", end: "10.0.0.5" },
        { start: "10.0.0.9", end: "10.0.0.9" },
      ],
    },
    {
      ...{ ...subnet, name: "dhcp", cluster: "lab-pe", isManaged: false },
      pool: { start: "10.0.0.5", end: "10.0.0.99" },
    },
    { ...subnet, name: "over", type: "OVERLAY", pool: { start: "10.0.0.5", end: "10.0.0.5" } },
    { ...subnet, name: "away", cluster: "other", pool: { start: "10.0.0.5", end: "10.0.0.5" } },
  ],
});
const vms = new SomeVms(prism);

beforeAll(async () => {
  await prism.start();
  await vms.lookAround();
});
afterAll(() => prism.remove());
afterEach(() => prism.call("POST", "/debug/reset"));

const hostName = async (extId: string): Promise<Json> => {
  const { data } = await prism.call("GET", "/api/clustermgmt/v4.2/config/hosts");
  const host = (await vms.get(extId)).host?.extId as string | undefined;
  return (data.data as Json[]).find((row) => row.extId === host)?.hostName;
};

test("memory: the host with the most room is taken, a full Prism Element refuses, a VM that is OFF frees", async () => {
  const [a, b, c] = [
    await vms.make("a", { memorySizeBytes: 3 * GIB }),
    await vms.make("b", { memorySizeBytes: 4 * GIB }),
    await vms.make("c", { memorySizeBytes: 6 * GIB }),
  ];
  await vms.act(a, "power-on");
  await vms.act(b, "power-on");
  const refused = await vms.act(c, "power-on");
  expect([await hostName(a), await hostName(b), await hostName(c)]).toEqual([
    "large",
    "large",
    undefined,
  ]);
  expect(ending(refused)).toEqual([
    "FAILED",
    "VMM-30128",
    `Failed to perform the operation 'VmPowerOn' on the VM with UUID '${c}', as no host has enough resources.`,
  ]);
  expect((await vms.get(c)).powerState).toBe("OFF");
  await vms.act(a, "power-off");
  await vms.act(b, "power-off");
  expect(ending(await vms.act(c, "power-on"))).toEqual(["SUCCEEDED"]);
});

test.each([
  [
    { memorySizeBytes: 9 * GIB },
    "VMM-34418",
    `No host of lab-pe can hold a VM of 1 vCPUs and ${9 * GIB} bytes of memory.`,
  ],
  [
    { numSockets: 3, numCoresPerSocket: 3 },
    "VMM-34418",
    `No host of lab-pe can hold a VM of 9 vCPUs and ${GIB} bytes of memory.`,
  ],
  [
    { disks: [{ backingInfo: { diskSizeBytes: 11 * GIB } }] },
    "LAB-507",
    "Storage container tiny has no room for the VM's disks.",
  ],
])("a VM that is too large: %j", async (changes, code, message) => {
  expect(ending(await vms.made("large", changes))).toEqual(["FAILED", code, message]);
  expect((await prism.call("GET", VMS)).data.metadata.totalAvailableResults).toBe(0);
});

test("as many VMs as the Prism Element takes", async () => {
  const endings: unknown[] = [];
  for (let n = 0; n < 10; n += 1) endings.push((await vms.made(`vm-${n}`)).status);
  expect(endings).toEqual([...Array<string>(9).fill("SUCCEEDED"), "FAILED"]);
});

test("addresses: all of the pools, then an error and none for the VM's other NICs; free again after a delete", async () => {
  const both = await vms.make("both", {}, ["two", "dhcp"]);
  await vms.act(both, "power-on");
  const [managed, learned] = (await vms.get(both)).nics as Json[];
  expect(managed.nicNetworkInfo.ipv4Config.ipAddress.value).toBe("10.0.0.5");
  expect([learned.networkInfo.ipv4Config, learned.networkInfo.ipv4Info]).toMatchObject([
    undefined,
    { learnedIpAddresses: [{ value: "10.0.0.5" }] },
  ]);
  const [greedy, modest] = [
    await vms.make("greedy", {}, ["two", "two"]),
    await vms.make("modest", {}, ["two"]),
  ];
  expect(ending(await vms.act(greedy, "power-on"))).toEqual([
    "FAILED",
    "LAB-507",
    "The pool 10.0.0.5 to 10.0.0.5, 10.0.0.9 to 10.0.0.9 of subnet two has no free address.",
  ]);
  expect(ending(await vms.act(modest, "power-on"))).toEqual(["SUCCEEDED"]);
  const usage = (
    await prism.call("GET", `/api/networking/v4.2/config/subnets/${vms.subnets["two"]}`)
  ).data.data.ipUsage;
  expect([usage.numAssignedIPs, usage.numFreeIPs]).toEqual([2, 0]);
  const { headers } = await prism.call("GET", `${VMS}/${both}`);
  const etag = { "if-match": String(headers["etag"]) };
  await prism.task(await prism.call("DELETE", `${VMS}/${both}`, { headers: etag }));
  await vms.act(modest, "power-off");
  const next = await vms.make("next", {}, ["two"]);
  await vms.act(next, "power-on");
  expect((await vms.get(next)).nics[0].networkInfo.ipv4Config.ipAddress.value).toBe("10.0.0.5");
});

test("GPUs: one in use shows it and who has it; when all are, the next VM stays OFF", async () => {
  const gpu = { mode: "PASSTHROUGH_COMPUTE", deviceId: 7, vendor: "NVIDIA" };
  const share = { mode: "VIRTUAL", deviceId: 8, vendor: "NVIDIA" };
  const path = `/api/clustermgmt/v4.2/config/clusters/${vms.clusters["lab-pe"]}`;
  const inUse = async (kind: string): Promise<Json> =>
    ((await prism.call("GET", `${path}/${kind}-gpu-profiles`)).data.data as Json[]).map(
      (row): Json => [row[`${kind}GpuConfig`].isInUse, row[`${kind}GpuConfig`].assignable],
    );
  const [a, b] = [
    await vms.make("a", { gpus: [gpu, share] }),
    await vms.make("b", { gpus: [gpu, gpu] }),
  ];
  await vms.act(a, "power-on");
  expect([await inUse("physical"), await inUse("virtual")]).toEqual([
    [
      [true, 0],
      [false, 1],
    ],
    [[false, 1]],
  ]);
  expect(ending(await vms.act(b, "power-on")).slice(0, 2)).toEqual(["FAILED", "VMM-30128"]);
  await vms.act(a, "power-off");
  expect(ending(await vms.act(b, "power-on"))).toEqual(["SUCCEEDED"]);
});

test("what a VM refers to is on its Prism Element, which is available", async () => {
  const away = await vms.made("away", {}, ["away"]);
  const down = await vms.made("down", { cluster: { extId: vms.clusters["other"] } });
  const over = await vms.made("over", {}, ["over"]);
  expect([ending(away), ending(down), ending(over)]).toEqual([
    [
      "FAILED",
      "VMM-30604",
      `Subnet away (${vms.subnets["away"]}) is not on the VM's Prism Element.`,
    ],
    ["FAILED", "LAB-503", "Prism Element other is not available."],
    ["SUCCEEDED"],
  ]);
});
