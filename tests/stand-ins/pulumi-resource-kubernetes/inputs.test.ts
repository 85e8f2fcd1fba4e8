// Check, DiffConfig and functions, where no cluster is: names, namespaces, one form for what means the same.

import { type PropertyMap, UNKNOWN } from "../../../stand-ins/pulumi-plugin/values";
import { diffConfig } from "../../../stand-ins/pulumi-resource-kubernetes/config-diff";
import { at } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { Driver } from "./driver";

const nowhere = (name = "a", server = "https://127.0.0.1:1") =>
  JSON.stringify({
    "current-context": name,
    contexts: [{ name, context: { cluster: name, namespace: "ours" } }],
    clusters: [{ name, cluster: { server } }],
  });
const driver = (variables = {}) => new Driver(nowhere(), variables);

const mapType = "kubernetes:core/v1:ConfigMap";
const configMap = (metadata: PropertyMap = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
});

test("what Kubernetes' types leave out of built-in kinds is left out, and nothing else", async () => {
  const container = { name: "web", args: [], env: [{ name: "A", value: "" }], stdin: false };
  const spec = {
    replicas: 0,
    paused: false,
    selector: { matchLabels: { tier: "" } },
    template: {
      metadata: { labels: { tier: "" }, annotations: {} },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ ...container, securityContext: {}, resources: { limits: {} } }],
        hostNetwork: false,
        initContainers: [],
        nodeName: "",
        securityContext: null,
        volumes: [{ name: "v", emptyDir: {} }],
      },
    },
  };
  const inputs = await driver().check("kubernetes:apps/v1:Deployment", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", creationTimestamp: null, labels: {} },
    spec,
  });
  expect(inputs["metadata"]).toEqual({ name: "web", namespace: "ours" });
  expect(inputs["spec"]).toEqual({
    replicas: 0,
    selector: { matchLabels: { tier: "" } },
    template: {
      metadata: { labels: { tier: "" } },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: "web", env: [{ name: "A" }], securityContext: {}, resources: {} }],
        volumes: [{ name: "v", emptyDir: {} }],
      },
    },
  });
  const data = { value: "", namespace: "", list: "[]" };
  expect((await driver().check(mapType, { ...configMap(), data }))["data"]).toEqual(data);
  const rule = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", rules: [] };
  const role = await driver().check("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", rule);
  expect(role["rules"]).toEqual([]);
  const widget = { apiVersion: "example.com/v1", kind: "Widget", spec: { args: [], tty: false } };
  const custom = await driver().check("kubernetes:example.com/v1:Widget", widget);
  expect(custom["spec"]).toEqual(widget.spec);
});

test.each([
  ["propose", "proposed", "proposed"],
  ["enforce", "enforced-name", "enforced-name"],
] as const)("autonaming %s gives the name %s", async (mode, proposedName, name) => {
  const inputs = await driver().check(mapType, configMap(), {}, { mode, proposedName });
  const annotations = { "pulumi.com/autonamed": "true" };
  expect(inputs["metadata"]).toEqual({ name, namespace: "ours", annotations });
});

test("a name is given, kept, and asked for where autonaming is off", async () => {
  const first = await driver().check(mapType, configMap());
  expect(at(first, "metadata", "name")).toMatch(/^one-[0-9a-f]{8}$/);
  expect((await driver().check(mapType, configMap(), first))["metadata"]).toEqual(
    first["metadata"],
  );
  await expect(
    driver().check(mapType, configMap(), {}, { mode: "disable", proposedName: "" }),
  ).rejects.toThrow("autonaming is disabled, resource requires the .metadata.name field to be set");
  await expect(driver().check(mapType, configMap({ generateName: "x-" }))).rejects.toThrow(
    "generateName",
  );
  const unknown = await driver().check(mapType, configMap({ name: UNKNOWN }));
  expect(unknown["metadata"]).toEqual({ name: UNKNOWN, namespace: "ours" });
});

test("the provider's namespace goes before the context's; cluster-wide kinds have none", async () => {
  const inLab = driver({ namespace: "lab" });
  expect(at(await inLab.check(mapType, configMap()), "metadata", "namespace")).toBe("lab");
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
  const checked = await inLab.check("kubernetes:core/v1:Namespace", namespace);
  expect(checked["metadata"]).toEqual({ name: "n" });
});

test.each([
  ["Cluster", undefined],
  ["Namespaced", "ours"],
])(
  "a CRD of the program tells that its %s objects have the namespace %s",
  async (scope, namespace) => {
    const asked = driver();
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.example.com" },
      spec: { group: "example.com", scope, names: { kind: "Widget", plural: "widgets" } },
    };
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" } };
    await asked.check("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", definition);
    const checked = await asked.check("kubernetes:example.com/v1:Widget", widget);
    expect(checked["metadata"]).toEqual({ name: "w", namespace });
  },
);

test.each([
  ["kubernetes:helm.sh/v4:Chart", "kubernetes:helm.sh/v4:Chart is not done by this plugin."],
  ["kubernetes:core/v1:ConfigMapPatch", "Patch resources"],
])("%s is refused by name", async (type, message) => {
  await expect(async () => driver().check(type, configMap({ name: "x" }))).rejects.toThrow(message);
});

test("a List is refused in favour of its items", async () => {
  const list = { apiVersion: "v1", kind: "ConfigMapList", metadata: {}, items: [] };
  await expect(driver().check("kubernetes:core/v1:ConfigMapList", list)).rejects.toThrow(
    "list resources exist for compatibility",
  );
});

async function invoke(token: string, args: PropertyMap): Promise<PropertyMap> {
  const context = { signal: new AbortController().signal, log: () => Promise.resolve() };
  const { invoke: call } = driver().provider;
  return (await call({ ...context, token, args, preview: true })).result;
}

test("yaml:decode gives the objects of a manifest, placed; other functions are refused by name", async () => {
  const text = [
    "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }",
    "{ apiVersion: v1, kind: Namespace, metadata: { name: b } }",
    "{ comment: no object }",
    "",
    "{ apiVersion: e.com/v1, kind: X, metadata: { name: c, namespace: d } }",
  ].join("\n---\n");
  const { result } = await invoke("kubernetes:yaml:decode", { text, defaultNamespace: "ns" });
  expect(result).toEqual([
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "ns" } },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "b" } },
    { apiVersion: "e.com/v1", kind: "X", metadata: { name: "c", namespace: "d" } },
  ]);
  await expect(invoke("kubernetes:yaml:decode", {})).rejects.toThrow("field 'text'");
  await expect(invoke("kubernetes:helm:template", {})).rejects.toThrow(
    "The function kubernetes:helm:template is not done by this plugin.",
  );
});

const moved = nowhere("a", "https://127.0.0.1:2");
test.each<[string, PropertyMap, PropertyMap, string[] | undefined]>([
  ["the same", { kubeconfig: nowhere() }, { kubeconfig: nowhere() }, undefined],
  ["another cluster", { kubeconfig: nowhere() }, { kubeconfig: moved }, ["kubeconfig"]],
  ["another user of it", { kubeconfig: nowhere() }, { kubeconfig: `${nowhere()}\n` }, []],
  ["not known yet", { kubeconfig: nowhere() }, { kubeconfig: UNKNOWN }, ["kubeconfig"]],
  [
    "the same by identifier",
    { kubeconfig: nowhere(), clusterIdentifier: "x" },
    { kubeconfig: UNKNOWN, clusterIdentifier: "x" },
    [],
  ],
  [
    "another by identifier",
    { clusterIdentifier: "x" },
    { clusterIdentifier: "y" },
    ["clusterIdentifier"],
  ],
  [
    "another folder",
    { renderYamlToDirectory: "a" },
    { renderYamlToDirectory: "b" },
    ["renderYamlToDirectory"],
  ],
  ["another namespace", { namespace: "a" }, { namespace: "b" }, []],
])("a provider whose cluster is %s", (_, oldInputs, news, replaces) => {
  const context = { signal: new AbortController().signal, log: () => Promise.resolve() };
  const asked = { ...context, urn: "", type: "", name: "", id: "", ignoreChanges: [] };
  const result = diffConfig({ ...asked, oldInputs, oldOutputs: oldInputs, news });
  expect(result.changes).toBe(replaces === undefined ? "none" : "some");
  expect(result.replaces).toEqual(replaces);
});
