// What the cloud controller manager decides by itself: configuration, addresses, provider ids, labels.

import { addressesOf, preferred } from "../../../stand-ins/cloud-provider-nutanix/addresses";
import { readConfig } from "../../../stand-ins/cloud-provider-nutanix/cloud-config";
import { providerIdOf } from "../../../stand-ins/cloud-provider-nutanix/instances";
import { initialization } from "../../../stand-ins/cloud-provider-nutanix/node-controller";
import { labelValue } from "../../../stand-ins/cloud-provider-nutanix/topology";
import type { Vm } from "../../../stand-ins/cloud-provider-nutanix/objects";

const prismCentral = {
  address: "127.0.0.1",
  port: 9440,
  insecure: true,
  credentialRef: { kind: "secret", name: "nutanix-creds" },
};
const config = (more: object) => readConfig(JSON.stringify({ prismCentral, ...more }));

describe("the configuration", () => {
  test("as CAPX's templates write it", () => {
    const { isIgnored, ...read } = config({
      enableCustomLabeling: false,
      topologyDiscovery: { type: "Prism" },
      ignoredNodeIPs: ["127.18.0.10", "10.0.0.5-10.0.0.7", "192.168.0.0/24"],
    });
    expect(read).toEqual({ prismCentral, topology: { type: "Prism" }, customLabels: false });
    expect(
      ["127.18.0.10", "127.18.0.11", "10.0.0.6", "10.0.0.8", "192.168.0.9"].map(isIgnored),
    ).toEqual([true, false, true, false, true]);
  });

  test("topology is Prism's when nothing is said, else two categories", () => {
    expect(config({}).topology).toEqual({ type: "Prism" });
    const topologyCategories = { zoneCategory: "Zone", regionCategory: "Region" };
    expect(
      config({ topologyDiscovery: { type: "Categories", topologyCategories } }).topology,
    ).toEqual({ type: "Categories", ...topologyCategories });
  });

  test.each([
    ["{", "Expected property name"],
    ["{}", "prismCentral.address is missing"],
    [JSON.stringify({ prismCentral, topologyDiscovery: { type: "x" } }), '"x" is not supported'],
    [
      JSON.stringify({ prismCentral, topologyDiscovery: { type: "Categories" } }),
      "topologyCategories is missing",
    ],
    [JSON.stringify({ prismCentral, ignoredNodeIPs: ["10.0.0.300"] }), 'has "10.0.0.300"'],
  ])("refuses %s", (text, sentence) => expect(() => readConfig(text)).toThrow(sentence));
});

const nic = (network: object, type = "VirtualEthernetNicNetworkInfo") => ({
  nicNetworkInfo: { $objectType: `vmm.v4.ahv.config.${type}`, ...network },
});
const ip = (value: string) => ({ value });
const vm: Vm = {
  extId: "0A7E3B2C-1111-4222-8333-444455556666",
  name: "node-1",
  nics: [
    nic({ ipv4Config: { ipAddress: ip("10.0.0.9"), secondaryIpAddressList: [ip("10.0.0.2")] } }),
    nic(
      { ipv4Info: { learnedIpAddresses: [ip("10.0.0.9"), ip("10.1.0.1")] } },
      "DpOffloadNicNetworkInfo",
    ),
    nic({ ipv4Info: { learnedIpAddresses: [ip("10.2.0.1")] } }, "SriovNicNetworkInfo"),
    { nicNetworkInfo: undefined },
  ],
};

describe("addresses", () => {
  const internal = (address: string) => ({ type: "InternalIP", address });
  const hostname = { type: "Hostname", address: "node-1" };

  test("of all NICs that count, sorted by NIC, once each, then the VM's name", () => {
    expect(addressesOf(vm, (address) => address === "10.1.0.1")).toEqual([
      internal("10.0.0.2"),
      internal("10.0.0.9"),
      hostname,
    ]);
  });

  test("an ipv4Config without an address counts for nothing; without any address there is an error", () => {
    const bare = { ...vm, nics: [nic({ ipv4Config: {} })] };
    expect(() => addressesOf(bare, () => false)).toThrow(
      "Reading the addresses of VM node-1 (0A7E3B2C-1111-4222-8333-444455556666) failed",
    );
  });

  test("a kubelet's --node-ip is the only one of its type", () => {
    const annotations = { "alpha.kubernetes.io/provided-node-ip": "10.0.0.9" };
    const all = [internal("10.0.0.2"), internal("10.0.0.9"), hostname];
    const node = { metadata: { name: "node-1", annotations } };
    expect(preferred(node, all)).toEqual([internal("10.0.0.9"), hostname]);
    expect(() => preferred(node, [internal("10.0.0.2")])).toThrow("--node-ip 10.0.0.9");
  });
});

test.each([
  [["other:x", "ProviderID: 77 "], "nutanix://77"],
  [["providerid:"], "nutanix://0a7e3b2c-1111-4222-8333-444455556666"],
  [undefined, "nutanix://0a7e3b2c-1111-4222-8333-444455556666"],
])("custom attributes %j make the provider id %s", (customAttributes, expected) => {
  expect(providerIdOf({ ...vm, customAttributes })).toBe(expected);
});

test.each([
  ["lab-pe", "lab-pe"],
  ["", ""],
  ["Rack 7 / 'B'", "Rack_7_B"],
  ["_x.", "x"],
  [`${"a".repeat(62)}-b`, "a".repeat(62)],
])("a label says %j as %j", (text, value) => expect(labelValue(text)).toBe(value));

test("an initialised node keeps its other taints and a provider id that it has", () => {
  const uninitialized = {
    key: "node.cloudprovider.kubernetes.io/uninitialized",
    value: "true",
    effect: "NoSchedule",
  };
  const other = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
  const node = {
    metadata: { name: "node-1", resourceVersion: "7" },
    spec: { providerID: "nutanix://mine", taints: [uninitialized, other] },
  };
  const metadata = {
    providerID: "nutanix://other",
    addresses: [],
    instanceType: "ahv-vm",
    zone: "lab-pe",
    region: "",
    labels: { "nutanix.com/prism-element-name": "lab-pe" },
  };
  expect(initialization(node, metadata)).toEqual({
    metadata: {
      resourceVersion: "7",
      labels: {
        "nutanix.com/prism-element-name": "lab-pe",
        "topology.kubernetes.io/zone": "lab-pe",
        "failure-domain.beta.kubernetes.io/zone": "lab-pe",
        "node.kubernetes.io/instance-type": "ahv-vm",
        "beta.kubernetes.io/instance-type": "ahv-vm",
      },
    },
    spec: { taints: [other] },
  });
});
