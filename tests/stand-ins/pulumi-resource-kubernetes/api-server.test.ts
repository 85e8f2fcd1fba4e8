// The provider's whole life of objects and of a Helm release, against a real API server and the real helm.

import fs from "node:fs";
import path from "node:path";

import { InitFailedError } from "../../../stand-ins/pulumi-plugin/errors";
import type { Provider, RequestContext } from "../../../stand-ins/pulumi-plugin/provider";
import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";
import { at, textAt, without } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { kubernetesProvider } from "../../../stand-ins/pulumi-resource-kubernetes/provider";
import { programs, startCluster, type TestCluster } from "./cluster";

type Methods = Required<Provider>;
interface Made {
  readonly type: string;
  readonly id: string;
  readonly outputs: PropertyMap;
}

let cluster: TestCluster;
let provider: Methods;
let status: string[] = [];

const context: RequestContext = {
  signal: new AbortController().signal,
  log: (_severity, message) => {
    status.push(message);
    return Promise.resolve();
  },
};

const request = (type: string) => ({ ...context, urn: `urn:${type}`, type, name: "one" });

function configure(kubeconfig: string, variables: Record<string, string> = {}): Methods {
  const made = kubernetesProvider() as Methods;
  const all = { "kubernetes:config:kubeconfig": kubeconfig, ...variables };
  void made.configure({ ...context, urn: "", name: "", args: {}, variables: all });
  return made;
}

async function check(type: string, news: PropertyMap, olds: PropertyMap = {}) {
  const randomSeed = new Uint8Array();
  return (await provider.check({ ...request(type), olds, news, randomSeed })).inputs;
}

async function create(type: string, news: PropertyMap, preview = false): Promise<Made> {
  const inputs = await check(type, news);
  const made = await provider.create({ ...request(type), inputs, timeoutSeconds: 0, preview });
  return { type, ...made };
}

async function update(made: Made, news: PropertyMap): Promise<PropertyMap> {
  const change = { oldInputs: {}, oldOutputs: made.outputs, ignoreChanges: [] };
  const asked = { ...request(made.type), id: made.id, ...change };
  return provider.update({ ...asked, news, timeoutSeconds: 0, preview: false });
}

async function read(made: Made, inputs: PropertyMap = {}, outputs: PropertyMap = {}) {
  return provider.read({ ...request(made.type), id: made.id, inputs, outputs, timeoutSeconds: 0 });
}

async function remove(made: Made): Promise<void> {
  const old = { oldInputs: {}, oldOutputs: made.outputs };
  await provider.delete({ ...request(made.type), id: made.id, ...old, timeoutSeconds: 0 });
}

const inputsOf = (outputs: PropertyMap) => outputs["__inputs"] as PropertyMap;

beforeAll(async () => {
  cluster = await startCluster();
  provider = configure(fs.readFileSync(cluster.kubeconfig, "utf8"));
  process.env["PATH"] = `${programs()}${path.delimiter}${process.env["PATH"] ?? ""}`;
  await create("kubernetes:core/v1:Node", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "fake", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
  });
}, 120_000);

afterAll(() => cluster.stop());
beforeEach(() => {
  status = [];
});

const configMap = (data: PropertyMap) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data,
});

test("an object is made, previewed, updated with its fields taken over, read and deleted", async () => {
  const type = "kubernetes:core/v1:ConfigMap";
  const planned = await create(type, configMap({ a: "1" }), true);
  expect(planned.id).toBe("");
  expect(textAt(planned.outputs, "metadata", "uid")).not.toBe("");
  const made = await create(type, configMap({ a: "1", b: "1" }));
  expect(made.id).toBe("default/settings");
  const manager = textAt(made.outputs, "__fieldManager");
  expect(manager).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  const metadata = { name: "settings", namespace: "default" };
  expect(inputsOf(made.outputs)).toEqual({ ...configMap({ a: "1", b: "1" }), metadata });
  await expect(create(type, configMap({ a: "1" }))).rejects.toThrow(
    "The resource already exists in the cluster.",
  );
  const news = await check(type, configMap({ a: "2" }), inputsOf(made.outputs));
  const outputs = await update(made, news);
  expect([outputs["data"], outputs["__fieldManager"]]).toEqual([{ a: "2" }, manager]);
  expect((await read(made, news, outputs))?.inputs).toEqual(news);
  expect((await read(made))?.inputs).toEqual(news);
  await remove({ ...made, outputs });
  expect(await read(made, news, outputs)).toBeUndefined();
  await remove({ ...made, outputs });
});

test("a custom resource waits for its definition, and is gone with it", async () => {
  const widgetType = "kubernetes:lab.example.com/v1:Widget";
  const widget = { apiVersion: "lab.example.com/v1", kind: "Widget", spec: { size: 1 } };
  const planned = await create(widgetType, widget, true);
  expect(planned.outputs["spec"]).toEqual({ size: 1 });
  const early = create(widgetType, widget);
  const schema = {
    openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true },
  };
  const definition = await create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.lab.example.com" },
    spec: {
      group: "lab.example.com",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
  expect(at(definition.outputs, "spec", "versions")).toEqual([
    { name: "v1", served: true, storage: true, schema },
  ]);
  const made = await early;
  expect(status).toContain("Waiting for kind lab.example.com/v1/Widget to appear");
  expect(made.id).toMatch(/^default\/one-[0-9a-f]{8}$/);
  await remove(definition);
  expect(await read(made)).toBeUndefined();
  await remove(made);
});

const deployment = (annotations: PropertyMap, spec: PropertyMap = {}): PropertyMap => {
  const labels = { app: "web" };
  const containers = [{ name: "web", image: "web:1" }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", annotations },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, ...spec } },
    },
  };
};

test("a Deployment that cannot run fails with its pods' reasons, and its repair succeeds", async () => {
  const type = "kubernetes:apps/v1:Deployment";
  const nodeSelector = { none: "such" };
  const broken = deployment({ "pulumi.com/timeoutSeconds": "2" }, { nodeSelector });
  const failed = await create(type, broken).catch((error: unknown) => error);
  if (!(failed instanceof InitFailedError)) throw new Error("it did not fail", { cause: failed });
  const { id, outputs, reasons } = failed.resource;
  expect(id).toBe("default/web");
  const shown = reasons.map((reason) => reason.replace(/web-[0-9a-z]+-[0-9a-z]+/, "POD"));
  expect(shown[0]).toContain("'web' timed out waiting to be Ready: Waiting for app ReplicaSet");
  expect(shown[1]).toBe(
    "[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
  );
  expect(shown[2]).toMatch(/^\[Pod default\/POD\]: \[Unschedulable\] 0\/1 nodes are available/);
  expect(shown[3]).toMatch(/^\[Pod POD\]: FailedScheduling: /);
  const made = { type, id, outputs };
  const repaired = await update(made, await check(type, deployment({}), inputsOf(outputs)));
  expect(at(repaired, "status", "availableReplicas")).toBe(1);
  await remove({ ...made, outputs: repaired });
});

test("a Helm release is installed, upgraded, read and uninstalled", async () => {
  const type = "kubernetes:helm.sh/v3:Release";
  const chart = path.join(cluster.folder, "chart");
  fs.mkdirSync(path.join(chart, "templates"), { recursive: true });
  fs.writeFileSync(
    path.join(chart, "Chart.yaml"),
    "{ apiVersion: v2, name: tiny, version: 0.3.1, appVersion: '7' }",
  );
  fs.writeFileSync(
    path.join(chart, "templates", "map.yaml"),
    "{ apiVersion: v1, kind: ConfigMap, metadata: { name: tiny }, data: { a: {{ .Values.a | quote }} } }",
  );
  const release = (a: string) => ({ chart, name: "tiny", namespace: "charts", values: { a } });
  const made = await create(type, { ...release("1"), createNamespace: true });
  const state = (revision: number) => ({
    appVersion: "7",
    chart: "tiny",
    name: "tiny",
    namespace: "charts",
    revision,
    status: "deployed",
    version: "0.3.1",
  });
  expect(made.id).toBe("charts/tiny");
  expect(made.outputs["status"]).toEqual(state(1));
  expect(made.outputs["resourceNames"]).toEqual({ "ConfigMap/v1": ["tiny"] });
  const news = await check(type, release("2"), without(made.outputs, "__inputs"));
  const change = { oldInputs: {}, oldOutputs: made.outputs, ignoreChanges: [] };
  const diff = await provider.diff({ ...request(type), id: made.id, ...change, news });
  expect(Object.keys(diff.detailedDiff ?? {})).toEqual(["createNamespace", "values.a"]);
  const outputs = await update(made, news);
  expect(outputs["status"]).toEqual(state(2));
  const found = await read(made, news, outputs);
  expect(found?.outputs["status"]).toEqual(state(2));
  await remove({ ...made, outputs });
  expect(await read(made, news, outputs)).toBeUndefined();
  await remove({ ...made, outputs });
});

test("with the cluster away, previews use inputs and deletions say what to do", async () => {
  const away = cluster.kubeconfig + "-away";
  const text = fs.readFileSync(cluster.kubeconfig, "utf8");
  fs.writeFileSync(away, text.replace(/https:\/\/127.0.0.1:\d+/, "https://127.0.0.1:1"));
  provider = configure(away);
  const type = "kubernetes:core/v1:ConfigMap";
  const planned = await create(type, configMap({ a: "1" }), true);
  expect(planned.outputs["data"]).toEqual({ a: "1" });
  const made = { ...planned, id: "default/settings" };
  await expect(remove(made)).rejects.toThrow("PULUMI_K8S_DELETE_UNREACHABLE");
  provider = configure(away, { "kubernetes:config:deleteUnreachable": "true" });
  await remove(made);
  expect(await read(made)).toBeUndefined();
});
