// A cluster that does not answer: previews make do, everything else says what to do.

import { createServer, type Server } from "node:net";

import { Driver } from "./driver";

let asked = 0;
let server: Server;
let kubeconfig: string;

/** A host that takes connections and hangs up: it is there to count who asks. */
beforeAll(async () => {
  server = createServer((socket) => {
    asked += 1;
    socket.on("error", () => undefined).destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  kubeconfig = JSON.stringify({
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "a" } }],
    clusters: [{ name: "a", cluster: { server: `https://127.0.0.1:${port}` } }],
  });
});
afterAll(() => server.close());
beforeEach(() => {
  asked = 0;
});

const type = "kubernetes:core/v1:ConfigMap";
const configMap = (a: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "default" },
  data: { a },
});
const widget = (size: number) => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w", namespace: "default" },
  spec: { size },
});
const made = {
  type,
  id: "default/settings",
  outputs: { ...configMap("1"), __inputs: configMap("1"), __fieldManager: "m" },
};

test("a preview makes do with inputs, and asks once for all objects", async () => {
  const driver = new Driver(kubeconfig);
  const created = await driver.create(type, configMap("1"), { preview: true });
  expect(created.outputs).toEqual(configMap("1"));
  const custom = await driver.create("kubernetes:example.com/v1:Widget", widget(1), {
    preview: true,
  });
  expect(custom.outputs).toEqual(widget(1));
  const updated = await driver.update(made, configMap("2"), { preview: true });
  expect(updated.outputs).toEqual(configMap("2"));
  expect(asked).toBe(1);
});

test("a difference needs no cluster", async () => {
  expect((await new Driver(kubeconfig).diff(made, configMap("2"))).replaces).toEqual(["data.a"]);
  expect(asked).toBe(0);
});

test("writes fail with what did not answer", async () => {
  const driver = new Driver(kubeconfig);
  const unreachable = /configured Kubernetes cluster is unreachable: https:\/\/127\.0\.0\.1:\d+ /;
  await expect(driver.create(type, configMap("1"))).rejects.toThrow(unreachable);
  await expect(driver.update(made, configMap("2"))).rejects.toThrow(unreachable);
  await expect(driver.remove(made)).rejects.toThrow("PULUMI_K8S_DELETE_UNREACHABLE");
  await expect(driver.read(made)).rejects.toThrow(
    "failed to read resource state due to unreachable cluster.",
  );
});

test("deleteUnreachable gives up what the cluster cannot be asked about", async () => {
  const driver = new Driver(kubeconfig, { deleteUnreachable: "true" });
  await driver.remove(made);
  expect(await driver.read(made)).toBeUndefined();
  expect(driver.said[0]).toMatch(/^warning: configured Kubernetes cluster is unreachable/);
});

test("skipUpdateUnreachable keeps everything as it was, and asks once", async () => {
  const driver = new Driver(kubeconfig, { skipUpdateUnreachable: "true" });
  expect(await driver.check(type, configMap("2"), configMap("1"))).toEqual(configMap("1"));
  expect(await driver.check(type, configMap("3"), configMap("1"))).toEqual(configMap("1"));
  expect(asked).toBe(1);
  expect(driver.said[0]).toBe(
    "warning: Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...",
  );
  expect((await driver.read(made))?.outputs).toEqual(made.outputs);
});

test("no kubeconfig at all is a cluster that is away", async () => {
  const before = process.env["KUBECONFIG"];
  process.env["KUBECONFIG"] = "/nonexistent";
  try {
    const driver = new Driver("");
    expect((await driver.create(type, configMap("1"), { preview: true })).id).toBe("");
    await expect(driver.create(type, configMap("1"))).rejects.toThrow("there is no kubeconfig");
  } finally {
    if (before === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before;
  }
});
