// Parts of a machine that Prism Central is asked about: GPUs, data disks, failure domains, volume groups; and what is
// refused before it is asked. Prism Central is a table of answers here; the calls are what is tested.

import { v1beta2Conditions } from "../../../stand-ins/capx/conditions";
import { planDisks, resolveDisks } from "../../../stand-ins/capx/data-disks";
import { clusterDomains, domainOf } from "../../../stand-ins/capx/failure-domains";
import { gpusOf } from "../../../stand-ins/capx/gpus";
import { checkMachine } from "../../../stand-ins/capx/machine-check";
import { pauseBefore } from "../../../stand-ins/capx/make-vm";
import type { NutanixCluster } from "../../../stand-ins/capx/objects";
import { TerminalError } from "../../../stand-ins/capx/prism-lookup";
import { vmBody } from "../../../stand-ins/capx/vm-body";
import { detachVolumeGroups } from "../../../stand-ins/capx/volume-groups";
import type { KubeClient } from "../../../stand-ins/shared/kube-client";
import type { PrismClient } from "../../../stand-ins/shared/prism-client";

const $reserved = { $fv: "v4.r2" };
const vmm = "vmm.v4.ahv.config";
const typed = (name: string, fields: object) => ({
  $objectType: `${vmm}.${name}`,
  $reserved,
  ...fields,
});

/** Answers lists by "path?filter", objects by path, and notes what was begun. */
function prismOf(answers: Record<string, unknown>) {
  const begun: string[] = [];
  const prism = {
    list: (_: string, path: string, filter?: string) =>
      Promise.resolve(answers[filter ? `${path}?${filter}` : path] ?? []),
    get: (_: string, path: string) =>
      Promise.resolve(answers[path] && { value: answers[path], etag: "e" }),
    begin: (_: string, path: string, { etag, body }: { etag: string; body: { extId: string } }) =>
      Promise.resolve(void begun.push(`${path} ${etag} ${body.extId}`)),
  };
  return { prism: prism as unknown as PrismClient, begun };
}

describe("GPUs", () => {
  const config = { deviceId: 7, deviceName: "Tesla", vendorName: "Nvidia" };
  const physical = (more: object, extId: string) => ({
    extId,
    physicalGpuConfig: { ...config, ...more },
  });
  const path = "config/clusters/pe/physical-gpu-profiles";
  const { prism } = prismOf({
    [`${path}?physicalGpuConfig/deviceName eq 'Tesla'`]: [
      physical({ isInUse: true }, "g-1"),
      physical({ type: "PASSTHROUGH_GRAPHICS" }, "g-2"),
    ],
    ["config/clusters/pe/virtual-gpu-profiles?virtualGpuConfig/deviceId eq 9"]: [
      { virtualGpuConfig: { deviceId: 9, deviceName: "Grid", vendorName: "Acme" } },
    ],
  });

  test("are free ones of the Prism Element, passed through or virtual", async () => {
    const gpus = [
      { type: "name" as const, name: "Tesla" },
      { type: "deviceID" as const, deviceID: 9 },
    ];
    expect(await gpusOf(prism, gpus, "pe")).toEqual([
      typed("Gpu", { name: "Tesla", deviceId: 7, mode: "PASSTHROUGH_GRAPHICS", vendor: "NVIDIA" }),
      typed("Gpu", { name: "Grid", deviceId: 9, mode: "VIRTUAL", vendor: "UNKNOWN" }),
    ]);
  });

  test("two of a kind are two devices: a machine that asks for more than there are is given up", async () => {
    const gpu = { type: "name" as const, name: "Tesla" };
    await expect(gpusOf(prism, [gpu, gpu], "pe")).rejects.toThrow(TerminalError);
    await expect(gpusOf(prism, [{ type: "name" }], "pe")).rejects.toThrow("a name or a deviceID");
  });
});

describe("data disks", () => {
  const dataDisk = { diskSize: "2Gi" };

  test("get bus, index, image and container as CAPX counts them", async () => {
    const { prism } = prismOf({
      "content/images/img": { extId: "img", name: "data" },
      "config/storage-containers?name eq 'fast' and clusterExtId eq 'pe'": [
        { containerExtId: "box" },
      ],
    });
    const resolved = await resolveDisks(
      prism,
      [
        {
          ...dataDisk,
          storageConfig: { diskMode: "Flash", storageContainer: { type: "name", name: "fast" } },
        },
        dataDisk,
        {
          ...dataDisk,
          deviceProperties: { deviceType: "CDRom", adapterType: "IDE" },
          dataSource: { type: "uuid", uuid: "img" },
        },
        { ...dataDisk, deviceProperties: { deviceType: "Disk", adapterType: "PCI" } },
      ],
      "pe",
    );
    const { disks, cdRoms } = planDisks(resolved);
    const address = (disk: object) =>
      (disk as { diskAddress: { busType: string; index: number } }).diskAddress;
    expect(disks.map(address)).toEqual([
      typed("DiskAddress", { busType: "SCSI", index: 1 }),
      typed("DiskAddress", { busType: "SCSI", index: 2 }),
      typed("DiskAddress", { busType: "PCI", index: 0 }),
    ]);
    expect((disks[0] as { backingInfo: object }).backingInfo).toEqual(
      typed("VmDisk", {
        diskSizeBytes: 2 ** 31,
        storageConfig: typed("VmDiskStorageConfig", { isFlashModeEnabled: true }),
        storageContainer: typed("VmDiskContainerReference", { extId: "box" }),
      }),
    );
    expect(cdRoms).toMatchObject([
      { diskAddress: { $objectType: `${vmm}.CdRomAddress`, busType: "IDE", index: 1 } },
    ]);
    expect(JSON.stringify(cdRoms[0])).toContain('"imageExtId":"img"');
  });

  test("a storage container that is not there ends the machine", async () => {
    const storageContainer = { type: "name" as const, name: "slow" };
    const disks = [{ ...dataDisk, storageConfig: { diskMode: "Standard", storageContainer } }];
    await expect(resolveDisks(prismOf({}).prism, disks, "pe")).rejects.toThrow(
      "found no storage container using filter: name eq 'slow' and clusterExtId eq 'pe'",
    );
  });
});

const spec = {
  vcpusPerSocket: 1,
  vcpuSockets: 1,
  memorySize: "2Gi",
  systemDiskSize: "20Gi",
  cluster: { type: "name" as const, name: "pe" },
  subnet: [{ type: "name" as const, name: "net" }],
};

test("bootstrap data on an image comes as a CD-ROM, and no config drive", () => {
  const body = vmBody({
    name: "w",
    spec,
    clusterExtId: "pe",
    subnetExtIds: [],
    imageExtId: "img",
    categoryExtIds: [],
    bootstrapImageExtId: "boot",
    gpus: [{ g: 1 }],
    dataDisks: { disks: [{ d: 1 }], cdRoms: [{ c: 1 }] },
  }) as Record<string, object[]>;
  expect(body["guestCustomization"]).toBeUndefined();
  expect(body["gpus"]).toEqual([{ g: 1 }]);
  expect(body["disks"]).toHaveLength(2);
  expect(body["disks"]![1]).toEqual({ d: 1 });
  expect(body["cdRoms"]).toMatchObject([{ diskAddress: { busType: "IDE", index: 0 } }, { c: 1 }]);
});

test.each([
  [{ subnet: [] }, "at least one subnet is needed to create the VM m"],
  [{ cluster: undefined }, "cluster name or uuid are required to create the VM m"],
  [{ systemDiskSize: "19Gi" }, "minimum systemDiskSize is 20480Mib but given 19456Mib"],
  [{ memorySize: "1Gi" }, "minimum memorySize is 2048Mib but given 1024Mib"],
  [{ vcpuSockets: 0 }, "minimum vcpu sockets is 1 but given 0"],
  [{ dataDisks: [{ diskSize: "1Mi" }] }, "minimum data disk size is 1024Mib but given 1Mib"],
  [
    {
      dataDisks: [
        {
          diskSize: "1Gi",
          deviceProperties: { deviceType: "CDRom" as const, adapterType: "SCSI" },
        },
      ],
    },
    "invalid adapter type SCSI for data disk",
  ],
])("%j is refused", (change, sentence) => {
  expect(() => checkMachine("m", spec)).not.toThrow();
  expect(() => checkMachine("m", { ...spec, ...change })).toThrow(sentence);
});

describe("failure domains", () => {
  const element = (extId: string, isAvailable: boolean) => ({
    extId,
    name: extId,
    config: { clusterFunction: ["AOS"], isAvailable },
  });
  const { prism } = prismOf({
    "config/clusters/up": element("up", true),
    "config/clusters/down": element("down", false),
    "config/subnets/net": { extId: "net", subnetType: "OVERLAY" },
  });
  const identifier = (uuid: string) => ({ type: "uuid" as const, uuid });
  const domain = (pe: string) => ({
    prismElementCluster: identifier(pe),
    subnets: [identifier("net")],
  });
  const objects: Record<string, object> = {
    a: { spec: domain("up") },
    b: { spec: domain("down") },
    c: { spec: domain("gone") },
  };
  const client = {
    get: (_: unknown, { name }: { name: string }) => Promise.resolve(objects[name]),
  } as unknown as KubeClient;
  const nutanixCluster: NutanixCluster = {
    metadata: { name: "lab", namespace: "default" },
    spec: {
      controlPlaneFailureDomains: [{ name: "a" }, { name: "c" }, { name: "d" }],
      failureDomains: [{ name: "old", cluster: identifier("up"), subnets: [identifier("net")] }],
    },
  };

  test("a cluster's status has the valid ones, and names what is wrong with the others", async () => {
    expect(await clusterDomains(client, prism, nutanixCluster)).toEqual({
      domains: { a: { controlPlane: true }, old: { controlPlane: false } },
      mistakes: [
        "No Prism Element cluster has the uuid gone.",
        'not found the failure domain object with name "d"',
      ],
    });
  });

  test("a machine is placed by a domain whose Prism Element is available", async () => {
    const of = (name: string) => domainOf(client, prism, { name, nutanixCluster });
    expect(await of("a")).toEqual(domain("up"));
    expect(await of("old")).toEqual(domain("up"));
    await expect(of("b")).rejects.toThrow("the PE cluster down is not available");
    await expect(of("d")).rejects.toThrow(TerminalError);
  });
});

test("volume groups are let go of, each under its own ETag, disks are not", async () => {
  const { prism, begun } = prismOf({ "config/volume-groups/vg": {} });
  const disks = [
    { backingInfo: { $objectType: `${vmm}.VmDisk` } },
    { backingInfo: { $objectType: `${vmm}.ADSFVolumeGroupReference`, volumeGroupExtId: "vg" } },
  ];
  expect(await detachVolumeGroups(prism, { extId: "vm", name: "w", disks })).toBe(1);
  expect(begun).toEqual(["config/volume-groups/vg/$actions/detach-vm e vm"]);
});

test("true conditions have CAPX's reasons in the v1beta2 form", () => {
  const condition = (type: string) => ({
    type,
    status: "True" as const,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  const types = ["VMProvisioned", "VMAddressesAssigned", "NoFailureDomainsConfigured"];
  expect(v1beta2Conditions(types.map(condition))).toMatchObject([
    { reason: "Provisioned" },
    { reason: "Succeeded" },
    { reason: "NoFailureDomainsConfigured" },
  ]);
});

test("an attempt after a failure waits: a second, then twice as long, a minute at most", () => {
  expect([1, 2, 3, 4, 7, 8, 99].map(pauseBefore)).toEqual([
    0, 1000, 2000, 4000, 32_000, 60_000, 60_000,
  ]);
});
