// kubernetes:helm.sh/v3:Release through the real helm, against a real API server.

import fs from "node:fs";
import path from "node:path";

import { Asset, type PropertyMap, Secret } from "../../../stand-ins/pulumi-plugin/values";
import { at, mapAt } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { type ChartServer, serveChart, writeChart } from "./charts";
import { adminOf, programs, startCluster, type TestCluster } from "./cluster";
import { Driver, failureOf, type Made } from "./driver";

const type = "kubernetes:helm.sh/v3:Release";
const searchPath = process.env["PATH"];
let cluster: TestCluster;
let server: ChartServer;
let chart: string;
let next: string;

beforeAll(async () => {
  cluster = await startCluster();
  process.env["PATH"] = `${programs()}${path.delimiter}${searchPath ?? ""}`;
  process.env["HELM_CACHE_HOME"] = path.join(cluster.folder, "helm");
  chart = writeChart(cluster.folder, "0.3.1");
  next = writeChart(path.join(cluster.folder, "next"), "0.4.0");
  server = await serveChart(cluster.folder, chart, "0.3.1");
}, 240_000);

afterAll(async () => {
  process.env["PATH"] = searchPath;
  delete process.env["HELM_CACHE_HOME"];
  server.stop();
  await cluster.stop();
}, 60_000);

const driver = () => new Driver(fs.readFileSync(cluster.kubeconfig, "utf8"));

const release = (name: string, rest: PropertyMap = {}): PropertyMap => ({
  chart,
  name,
  namespace: name,
  createNamespace: true,
  ...rest,
});

const statusOf = ({ outputs }: Made) => mapAt(outputs, "status");

async function dataOf(namespace: string): Promise<unknown> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/tiny`;
  return (await adminOf(cluster.kubeconfig).request("GET", path)).object["data"];
}

test("a release is installed, unchanged, upgraded, read, imported and uninstalled", async () => {
  const made = await driver().create(type, release("life", { values: { a: "1" } }));
  const state = (revision: number, version = "0.3.1") => ({
    appVersion: "7",
    chart: "tiny",
    name: "life",
    namespace: "life",
    revision,
    status: "deployed",
    version,
  });
  expect([made.id, statusOf(made)]).toEqual(["life/life", state(1)]);
  expect(made.outputs["resourceNames"]).toEqual({ "ConfigMap/v1": ["tiny"] });
  expect((await differences(made, release("life", { values: { a: "1" } }))).changes).toBe("none");
  const diff = await differences(made, release("other", { values: { a: "2" }, namespace: "life" }));
  expect(diff.detailedDiff).toEqual({
    name: { kind: "update-replace" },
    "values.a": { kind: "update" },
  });
  const upgraded = await update(made, release("life", { chart: next, values: { a: "2" } }));
  expect(statusOf(upgraded)).toEqual(state(2, "0.4.0"));
  expect(await dataOf("life")).toEqual({ a: "2", b: "default" });
  expect(statusOf({ ...made, ...(await driver().read(upgraded)) })).toEqual(state(2, "0.4.0"));

  const imported = await driver().read({ type, id: "life/life" });
  expect(imported?.inputs).toMatchObject({ name: "life", namespace: "life", chart: "tiny" });
  expect(mapAt(imported?.inputs, "values")).toEqual({ a: "2" });

  const taken = driver().create(type, release("life", { values: { a: "3" } }));
  await expect(taken).rejects.toThrow(/^cannot re-use a name that is still in use$/);
  expect(await dataOf("life")).toEqual({ a: "2", b: "default" });
  expect(statusOf({ ...made, ...(await driver().read(upgraded)) })).toEqual(state(2, "0.4.0"));

  await driver().remove(upgraded);
  expect(await driver().read(upgraded)).toBeUndefined();
  await driver().remove(upgraded);
  await expect(update(upgraded, release("life"))).rejects.toThrow(
    /^"life" has no deployed releases$/,
  );
}, 120_000);

async function differences(made: Made, news: PropertyMap) {
  const asked = driver();
  const inputs = await asked.check(type, news, made.outputs);
  const old = { id: made.id, oldInputs: {}, oldOutputs: made.outputs, ignoreChanges: [] };
  const context = { signal: asked.cancel.signal, log: () => Promise.resolve() };
  return asked.provider.diff({ ...context, urn: "", type, name: "one", ...old, news: inputs });
}

function update(made: Made, news: PropertyMap): Promise<Made> {
  return driver().update(made, news);
}

test("values come from files in their order, then from values; a secret stays one", async () => {
  const valueYamlFiles = [
    new Asset({ text: "{ a: first, b: first }" }),
    new Asset({ text: "{ b: second }" }),
  ];
  const values = { a: new Secret("last") };
  const made = await driver().create(type, release("files", { valueYamlFiles, values }));
  expect(await dataOf("files")).toEqual({ a: "last", b: "second" });
  expect(made.outputs["values"]).toEqual({ a: new Secret("last"), b: "second" });
  expect(made.outputs["__inputs"]).toBeInstanceOf(Secret);
}, 60_000);

test("a chart comes from a repository and from a registry", async () => {
  const repositoryOpts = { repo: server.url, caFile: server.caFile };
  const fromRepository = release("repository", { chart: "tiny", repositoryOpts });
  const one = await driver().create(type, fromRepository);
  expect(statusOf(one)).toMatchObject({ version: "0.3.1", status: "deployed" });
  expect(one.outputs["version"]).toBe("0.3.1");
  const oci = server.url.replace("https", "oci");
  const fromRegistry = release("registry", {
    chart: `${oci}/charts/tiny`,
    version: "0.3.1",
    repositoryOpts: { caFile: server.caFile },
  });
  const two = await driver().create(type, fromRegistry);
  expect(statusOf(two)).toMatchObject({ version: "0.3.1", status: "deployed" });
}, 120_000);

test("a chart that is not there is named before anything is installed", async () => {
  const asked = driver();
  const context = { signal: asked.cancel.signal, log: () => Promise.resolve() };
  const request = {
    ...context,
    urn: "",
    type,
    name: "one",
    olds: {},
    randomSeed: new Uint8Array(),
  };
  const failuresOf = async (rest: PropertyMap) =>
    (await asked.provider.check({ ...request, news: release("none", rest) })).failures;
  const repositoryOpts = { repo: server.url, caFile: server.caFile };
  const [missing] = (await failuresOf({ chart: "huge", repositoryOpts })) ?? [];
  expect(missing?.property).toBe("chart");
  expect(missing?.reason).toMatch(/chart "huge" not found in .* repository; check the chart name/);
  const [local] = (await failuresOf({ chart: "./nowhere", version: "1.2.3" })) ?? [];
  expect(local?.reason).toContain("nowhere");
}, 60_000);

test("a release that does not get ready stays in state; its repair is an upgrade", async () => {
  const stuck = release("stuck", { values: { stuck: true }, timeout: 2 });
  const failing = driver();
  const failed = await failureOf(failing.create(type, stuck));
  const late = "context deadline exceeded";
  expect([failed.id, failed.reasons]).toEqual([
    "stuck/stuck",
    [
      'Helm release "stuck/stuck" was created, but failed to initialize completely. Use Helm CLI to ' +
        "investigate: failed to become available within allocated timeout. " +
        `Error: Helm Release stuck/stuck: ${late}`,
    ],
  ]);
  expect(failing.said).toEqual([
    'warning: Helm release "stuck" was created but has a failed status. Use the `helm` command to ' +
      `investigate the error, correct it, then retry. Reason: ${late}`,
  ]);
  expect(at(failed.outputs, "status", "status")).toBe("failed");
  const values = { stuck: false }; // Without any values helm would keep the old ones.
  const repaired = await update({ type, ...failed }, release("stuck", { values }));
  expect(statusOf(repaired)).toMatchObject({ revision: 2, status: "deployed" });
}, 120_000);

test("an atomic upgrade that fails is rolled back; state keeps what was tried, a refresh what is there", async () => {
  const made = await driver().create(type, release("back", { values: { a: "1" } }));
  const values = { a: "2", stuck: true };
  const failed = await failureOf(
    update(made, release("back", { values, atomic: true, timeout: 2 })),
  );
  expect(failed.reasons[0]).toBe(
    'Helm release "back/back" failed to initialize completely. Use Helm CLI to investigate: ' +
      "failed to become available within allocated timeout. Error: Helm Release back/back: release back " +
      "failed, and has been rolled back due to atomic being set: context deadline exceeded",
  );
  expect(at(failed.outputs, "status")).toMatchObject({ revision: 2, status: "failed" });
  expect(failed.outputs["values"]).toEqual(values);
  expect(await dataOf("back")).toEqual({ a: "1", b: "default" });
  const found = await driver().read({ type, ...failed });
  expect(at(found?.outputs, "status")).toMatchObject({ revision: 3, status: "deployed" });
}, 120_000);

test("an atomic installation leaves nothing behind, skipAwait does not wait", async () => {
  const values = { stuck: true };
  const atomic = release("atomic", { values, atomic: true, timeout: 2 });
  await expect(driver().create(type, atomic)).rejects.toThrow(
    /^release atomic failed, and has been uninstalled due to atomic being set: context deadline exceeded$/,
  );
  expect(await driver().read({ type, id: "atomic/atomic" })).toBeUndefined();
  const made = await driver().create(type, release("skips", { values, skipAwait: true }));
  expect(statusOf(made)).toMatchObject({ status: "deployed" });
}, 120_000);

test("a cancel ends helm, and what it has begun stays in state", async () => {
  const cancelled = driver();
  const stuck = release("cancelled", { values: { stuck: true } });
  const making = failureOf(cancelled.create(type, stuck));
  const admin = adminOf(cluster.kubeconfig);
  const pod = "/api/v1/namespaces/cancelled/pods/cancelled";
  while (!(await admin.request("GET", pod).catch(() => undefined))) await Promise.resolve();
  cancelled.cancel.abort();
  const { outputs } = await making;
  expect(at(outputs, "status", "status")).toBe("failed");
}, 60_000);

test.each(["keyring", "postrender", "verify"])("the option %s is refused by name", async (name) => {
  const value = name === "verify" ? true : "x";
  await expect(driver().check(type, release("refused", { [name]: value }))).rejects.toThrow(
    `The Release option "${name}" is not done by this plugin.`,
  );
});

test("a release of a cluster that is away: an error, given up, or kept, as the provider is told", async () => {
  const text = fs.readFileSync(cluster.kubeconfig, "utf8");
  const kubeconfig = text.replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:1");
  const inputs = await driver().check(type, release("away"));
  const made = { type, id: "away/away", outputs: { ...inputs, __inputs: new Secret(inputs) } };
  const away = new Driver(kubeconfig);
  await expect(away.read(made)).rejects.toThrow(
    "failed to read resource state due to unreachable cluster.",
  );
  await expect(away.create(type, release("away"))).rejects.toThrow(
    "configured Kubernetes cluster is unreachable",
  );
  expect(await new Driver(kubeconfig, { deleteUnreachable: "true" }).read(made)).toBeUndefined();
  const skipping = new Driver(kubeconfig, { skipUpdateUnreachable: "true" });
  expect((await skipping.read(made))?.outputs).toEqual(made.outputs);
  expect(await skipping.check(type, release("away", { values: { a: "2" } }), inputs)).toEqual(
    inputs,
  );
}, 60_000);
