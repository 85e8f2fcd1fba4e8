// What CAPX sends to Prism Central, and what it makes of bootstrap data and errors.

import { guestCustomization } from "../../../stand-ins/capx/bootstrap-data";
import { parseCredentials } from "../../../stand-ins/shared/prism-credentials";
import { statusPatch } from "../../../stand-ins/capx/status-draft";
import { capacityOf } from "../../../stand-ins/capx/template-capacity";
import { uuidOf } from "../../../stand-ins/capx/vms";
import { vmBody } from "../../../stand-ins/capx/vm-body";
import { quantityOf } from "../../../stand-ins/shared/quantity";

const spec = {
  vcpusPerSocket: 2,
  vcpuSockets: 3,
  memorySize: "4Gi",
  systemDiskSize: "20Gi",
};
const $reserved = { $fv: "v4.r2" };
const vmm = "vmm.v4.ahv.config";

test("the body of a VM create call is CAPX's, field by field", () => {
  const plan = {
    name: "w-1",
    spec,
    clusterExtId: "pe",
    subnetExtIds: ["net"],
    imageExtId: "img",
    categoryExtIds: ["cat"],
    guest: { userData: "dXNlcg==", metaData: "bWV0YQ==" },
  };
  expect(vmBody(plan)).toEqual({
    name: "w-1",
    numSockets: 3,
    numCoresPerSocket: 2,
    memorySizeBytes: 4294967296,
    hardwareClockTimezone: "UTC",
    cluster: { $objectType: `${vmm}.ClusterReference`, $reserved, extId: "pe" },
    categories: [{ $objectType: `${vmm}.CategoryReference`, $reserved, extId: "cat" }],
    disks: [
      {
        $objectType: `${vmm}.Disk`,
        $reserved,
        $backingInfoItemDiscriminator: `${vmm}.VmDisk`,
        backingInfo: {
          $objectType: `${vmm}.VmDisk`,
          $reserved,
          diskSizeBytes: 21474836480,
          dataSource: {
            $objectType: `${vmm}.DataSource`,
            $reserved,
            $referenceItemDiscriminator: `${vmm}.ImageReference`,
            reference: { $objectType: `${vmm}.ImageReference`, $reserved, imageExtId: "img" },
          },
        },
      },
    ],
    nics: [
      {
        $objectType: `${vmm}.Nic`,
        $reserved,
        networkInfo: {
          $objectType: `${vmm}.NicNetworkInfo`,
          $reserved,
          subnet: { $objectType: `${vmm}.SubnetReference`, $reserved, extId: "net" },
        },
      },
    ],
    guestCustomization: {
      $objectType: `${vmm}.GuestCustomizationParams`,
      $reserved,
      $configItemDiscriminator: `${vmm}.CloudInit`,
      config: {
        $objectType: `${vmm}.CloudInit`,
        $reserved,
        datasourceType: "CONFIG_DRIVE_V2",
        metadata: "bWV0YQ==",
        $cloudInitScriptItemDiscriminator: `${vmm}.Userdata`,
        cloudInitScript: { $objectType: `${vmm}.Userdata`, $reserved, value: "dXNlcg==" },
      },
    },
    $bootConfigItemDiscriminator: `${vmm}.LegacyBoot`,
    bootConfig: {
      $objectType: `${vmm}.LegacyBoot`,
      $reserved,
      bootOrder: ["CDROM", "DISK", "NETWORK"],
    },
  });
});

test("bootstrap data loses its jinja line and gets the machine's name", () => {
  const text = "## template: jinja\n#cloud-config\nname: '{{ ds.meta_data.hostname }}'\n";
  const { userData, metaData } = guestCustomization(text, "w-1", "u-1");
  expect(Buffer.from(userData, "base64").toString()).toBe("#cloud-config\nname: 'w-1'\n");
  expect(Buffer.from(metaData, "base64").toString()).toBe('{"hostname":"w-1","uuid":"u-1"}');
});

test.each([
  [
    [{ type: "basic_auth", data: { prismCentral: { username: "a", password: "b" } } }],
    "basic_auth",
  ],
  [[{ type: "api_key", data: { prismCentral: { apiKey: "k" } } }], "api_key"],
])("credentials %j are of type %s", (entries, type) => {
  expect(parseCredentials(JSON.stringify(entries)).type).toBe(type);
});

test("credentials that are none are refused without being shown", () => {
  expect(() =>
    parseCredentials('[{"type":"basic_auth","data":{"prismCentral":{"password":"s3"}}}]'),
  ).toThrow(/^(?!.*s3).*neither basic_auth/s);
});

test("request ids follow from their text and are UUIDs", () => {
  expect(uuidOf("a/create/1")).toBe(uuidOf("a/create/1"));
  expect(uuidOf("a/create/2")).not.toBe(uuidOf("a/create/1"));
  expect(uuidOf("a")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("a template's capacity is cpu, memory and GPUs", () => {
  expect(capacityOf(spec)).toEqual({ cpu: "6", memory: "4Gi" });
  expect(
    capacityOf({ ...spec, gpus: [{ type: "name" as const }, { type: "name" as const }] }),
  ).toEqual({
    cpu: "6",
    memory: "4Gi",
    "nvidia.com/gpu": "2",
  });
});

test("a status patch holds what differs, null for what is gone", () => {
  expect(statusPatch({ a: 1, b: 2 }, { a: 1, c: 3 })).toEqual({ b: null, c: 3 });
  expect(statusPatch({ a: [1] }, { a: [1] })).toBeUndefined();
  // The API server gives keys back in an order of its own.
  expect(statusPatch({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toBeUndefined();
});

test.each([
  ["100m", 0.1],
  ["2Gi", 2147483648],
  [3, 3],
  ["1e3", 1000],
])("quantity %s is %d", (text, number) => {
  expect(quantityOf(text)).toBe(number);
});
