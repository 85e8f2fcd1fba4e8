// Nodes and their VMs: the Prism Central stand-in over HTTPS, and an API server of two verbs in memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readConfig } from "../../../stand-ins/cloud-provider-nutanix/cloud-config";
import { Instances } from "../../../stand-ins/cloud-provider-nutanix/instances";
import { monitorNode } from "../../../stand-ins/cloud-provider-nutanix/lifecycle-controller";
import {
  reconcileNode,
  uninitialized,
  type CloudWorld,
} from "../../../stand-ins/cloud-provider-nutanix/node-controller";
import type { Node } from "../../../stand-ins/cloud-provider-nutanix/objects";
import type { Recorder } from "../../../stand-ins/cloud-provider-nutanix/recorder";
import type { KubeClient } from "../../../stand-ins/shared/kube-client";
import { PrismClient } from "../../../stand-ins/shared/prism-client";
import { startTestPrism } from "../capx/prism";
import type { TestPrism } from "../capx/prism";

type Fields = Record<string, unknown>;

const folder = mkdtempSync(path.join(tmpdir(), "ccm-"));
const vms = "ahv/config/vms";
const store = new Map<string, Node>();
const said: string[] = [];
let prism: TestPrism;
let central: PrismClient;
let world: CloudWorld;

/** A JSON merge patch (RFC 7386). */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const before = { ...(target as Fields | undefined) };
  const changed = Object.entries(patch as Fields).map(([key, value]) => [
    key,
    merged(before[key], value),
  ]);
  const all = Object.entries({ ...before, ...(Object.fromEntries(changed) as Fields) });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

beforeAll(async () => {
  prism = await startTestPrism(folder, "node-image");
  const port = Number(new URL(prism.central.url).port);
  const login = { username: "admin", password: "secret" };
  const credentials = { type: "basic_auth" as const, ...login };
  central = new PrismClient({ address: "127.0.0.1", port, insecure: true, credentials });
  const secret = JSON.stringify([
    { type: "basic_auth", data: { prismCentral: login, prismElements: null } },
  ]);
  const client = {
    get: () => Promise.resolve({ data: { credentials: Buffer.from(secret).toString("base64") } }),
    patch: (_: unknown, { name }: { name: string }, patch: object) => {
      const node = merged(store.get(name), patch) as Node;
      store.set(name, node);
      return Promise.resolve(node);
    },
    remove: (_: unknown, { name }: { name: string }) => Promise.resolve(void store.delete(name)),
  } as unknown as KubeClient;
  const config = readConfig(
    JSON.stringify({
      prismCentral: {
        address: "127.0.0.1",
        port,
        insecure: true,
        credentialRef: { kind: "secret", name: "nutanix-creds" },
      },
      enableCustomLabeling: true,
    }),
  );
  const recorder = {
    event: (_: Node, reason: string) => Promise.resolve(void said.push(reason)),
  } as unknown as Recorder;
  world = { client, instances: new Instances(client, config, "kube-system"), recorder };
});

afterAll(async () => {
  await prism.central.close();
  rmSync(folder, { recursive: true, force: true });
});

async function makeVm(name: string): Promise<string> {
  const extIdOf = async (list: string, wanted: string) => {
    const { data } = await prism.get(`/api/${list}?$filter=name eq '${wanted}'`);
    return data![0]!["extId"] as string;
  };
  const cluster = await extIdOf("clustermgmt/v4.2/config/clusters", "lab-pe");
  const subnet = await extIdOf("networking/v4.2/config/subnets", "lab-vms");
  const body = {
    name,
    memorySizeBytes: 4 * 2 ** 30,
    cluster: { extId: cluster },
    nics: [{ networkInfo: { subnet: { extId: subnet } } }],
  };
  const task = await central.finish(await central.begin("vmm", vms, { method: "POST", body }));
  const vm = task.entitiesAffected!.find(({ rel }) => rel?.endsWith(":vm"))!.extId;
  await act(vm, "POST", "/$actions/power-on");
  return vm;
}

async function act(extId: string, method: "POST" | "DELETE", action = ""): Promise<void> {
  const { etag } = (await central.get("vmm", `${vms}/${extId}`))!;
  await central.finish(await central.begin("vmm", `${vms}/${extId}${action}`, { method, etag }));
}

const nodeOf = (name: string): Node => store.get(name)!;
const taintsOf = (name: string) => (nodeOf(name).spec?.taints ?? []).map(({ key }) => key);

async function register(name: string, systemUUID: string, ready = "True"): Promise<void> {
  store.set(name, {
    metadata: { name },
    spec: { taints: [{ key: uninitialized, value: "true", effect: "NoSchedule" }] },
    status: { nodeInfo: { systemUUID }, conditions: [{ type: "Ready", status: ready }] },
  });
  await reconcileNode(world, nodeOf(name));
}

test("a node becomes one of the cloud's: provider id, labels, addresses, no taint", async () => {
  const extId = await makeVm("worker-1");
  // A kubelet may spell the UUID in capitals, as SMBIOS does.
  await register("worker-1", extId.toUpperCase());
  const { spec, status, metadata } = nodeOf("worker-1");
  expect(spec).toEqual({ providerID: `nutanix://${extId}`, taints: [] });
  expect(status?.addresses).toEqual([
    { type: "InternalIP", address: expect.stringMatching(/^198\.18\.112\.\d+$/) },
    { type: "Hostname", address: "worker-1" },
  ]);
  expect(metadata.labels).toMatchObject({
    "topology.kubernetes.io/region": "lab-pc",
    "topology.kubernetes.io/zone": "lab-pe",
    "failure-domain.beta.kubernetes.io/region": "lab-pc",
    "failure-domain.beta.kubernetes.io/zone": "lab-pe",
    "node.kubernetes.io/instance-type": "ahv-vm",
    "beta.kubernetes.io/instance-type": "ahv-vm",
    "nutanix.com/prism-element-name": "lab-pe",
    "nutanix.com/prism-host-name": expect.stringMatching(/^lab-pe-host-/),
  });
  expect(said.splice(0)).toEqual(["Synced"]);
});

test("a node whose VM is unknown stays tainted", async () => {
  await expect(register("stranger", "11111111-2222-4333-8444-555555555555")).rejects.toThrow(
    "Finding the VM of node stranger failed",
  );
  expect(taintsOf("stranger")).toEqual([uninitialized]);
});

test("a node that is not Ready: a taint while its VM is off, gone when its VM is", async () => {
  const extId = await makeVm("worker-2");
  await register("worker-2", extId, "Unknown");
  const look = () => monitorNode(world, nodeOf("worker-2"));
  await look();
  expect(taintsOf("worker-2")).toEqual([]);
  await act(extId, "POST", "/$actions/power-off");
  await look();
  expect(taintsOf("worker-2")).toEqual(["node.cloudprovider.kubernetes.io/shutdown"]);
  said.splice(0);
  await act(extId, "DELETE");
  await look();
  expect(store.has("worker-2")).toBe(false);
  expect(said).toEqual(["DeletingNode"]);
});
