import { nodeOptions } from "../../../stand-ins/node/options";
import type { Flags } from "../../../stand-ins/node/options";
import { nodeObject } from "../../../stand-ins/node/registration";

const flags: Flags = {
  kubeconfig: "",
  hostnameOverride: "node-1",
  nodeIp: "198.18.80.50",
  rootDir: "",
  systemUuid: "ext-1",
  kubeletVersion: "v1.36.3",
  registerWithTaints: "a=b:NoSchedule",
  var: [],
};
const registered = (more: Partial<Flags>) =>
  nodeObject(nodeOptions({ ...flags, ...more }, {}), "2026-01-01T00:00:00Z") as unknown as {
    spec: object;
    status: { addresses?: object[]; nodeInfo: { systemUUID: string } };
  };
const taint = { key: "a", value: "b", effect: "NoSchedule" };

test("without a cloud the node has its addresses and its provider id", () => {
  const { spec, status } = registered({ providerId: "nutanix://ext-1" });
  expect(spec).toEqual({ providerID: "nutanix://ext-1", taints: [taint] });
  expect(status.addresses).toEqual([
    { type: "InternalIP", address: "198.18.80.50" },
    { type: "Hostname", address: "node-1" },
  ]);
});

test("with an external cloud provider it waits for the cloud controller manager, as a kubelet does", () => {
  const { spec, status } = registered({ cloudProvider: "external" });
  const uninitialized = {
    key: "node.cloudprovider.kubernetes.io/uninitialized",
    value: "true",
    effect: "NoSchedule",
  };
  expect(spec).toEqual({ taints: [taint, uninitialized] });
  expect(status.addresses).toBeUndefined();
  expect(status.nodeInfo.systemUUID).toBe("ext-1");
});

test("another cloud provider is refused by its name", () => {
  expect(() => registered({ cloudProvider: "aws" })).toThrow('"aws" is neither');
});
