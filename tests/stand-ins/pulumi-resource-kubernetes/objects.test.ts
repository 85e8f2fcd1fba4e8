// The life of objects against a real API server: made, previewed, changed, contested, refreshed, imported, removed.

import fs from "node:fs";

import { type PropertyMap, Secret, UNKNOWN } from "../../../stand-ins/pulumi-plugin/values";
import { at, textAt } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { patch, until, useCluster } from "./cluster";
import { Driver, failureOf, inputsOf, type Made } from "./driver";
import { mapType } from "./objects";

const cluster = useCluster();
const { driver } = cluster;

const configMap = (name: string, data: PropertyMap, annotations?: PropertyMap) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...(annotations && { annotations }) },
  data,
});

const deploymentType = "kubernetes:apps/v1:Deployment";
const deployment = (name: string, spec: PropertyMap = {}, annotations: PropertyMap = {}) => {
  const labels = { app: name };
  const containers = [{ name: "web", image: "web:1" }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, annotations: { "pulumi.com/skipAwait": "true", ...annotations } },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
      ...spec,
    },
  };
};
const deploymentPath = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;
const mapPath = (name: string) => `/api/v1/namespaces/default/configmaps/${name}`;

interface Entry {
  readonly manager: string;
  readonly operation: string;
}
async function managersOf(path: string): Promise<string[]> {
  const { object } = await cluster.admin.request("GET", path);
  const entries = at(object, "metadata", "managedFields") as unknown as Entry[];
  return entries.map(({ manager, operation }) => `${manager} ${operation}`).sort();
}

test("an object is made, previewed, updated with its fields taken over, read and deleted", async () => {
  const planned = await driver().create(mapType, configMap("life", { a: "1" }), { preview: true });
  expect(planned.id).toBe("");
  expect(textAt(planned.outputs, "metadata", "uid")).not.toBe("");
  const made = await driver().create(mapType, configMap("life", { a: "1", b: "1" }));
  expect(made.id).toBe("default/life");
  const manager = textAt(made.outputs, "__fieldManager");
  expect(manager).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  expect(await managersOf(mapPath("life"))).toEqual(["pulumi-kubernetes Update"]);
  const metadata = { name: "life", namespace: "default" };
  expect(inputsOf(made.outputs)).toEqual({ ...configMap("life", { a: "1", b: "1" }), metadata });
  await expect(driver().create(mapType, configMap("life", { a: "1" }))).rejects.toThrow(
    "The resource already exists in the cluster. This can happen when:",
  );

  const planTwo = await driver().update(made, configMap("life", { a: "2" }), { preview: true });
  expect(planTwo.outputs["data"]).toEqual({ a: "2", b: "1" });
  const changed = await driver().update(made, configMap("life", { a: "2" }));
  expect([changed.outputs["data"], changed.outputs["__fieldManager"]]).toEqual([
    { a: "2" },
    manager,
  ]);
  expect(await managersOf(mapPath("life"))).toEqual([`${manager} Apply`]);
  expect((await driver().read(changed))?.inputs).toEqual(inputsOf(changed.outputs));
  await driver().remove(changed);
  expect(await driver().read(changed)).toBeUndefined();
  await driver().remove(changed);
});

test("a preview shows what the server fills in, and makes do with inputs where it cannot know", async () => {
  const planned = await driver().create(deploymentType, deployment("plan"), { preview: true });
  expect(at(planned.outputs, "spec", "strategy", "type")).toBe("RollingUpdate");
  expect(planned.outputs["status"]).toBeUndefined();
  const elsewhere = {
    ...configMap("plan", { a: "1" }),
    metadata: { name: "plan", namespace: "later" },
  };
  const inNamespace = await driver().create(mapType, elsewhere, { preview: true });
  expect(inNamespace.outputs).toEqual(elsewhere);
  const unknown = await driver().create(mapType, configMap("plan", { a: UNKNOWN }), {
    preview: true,
  });
  expect(unknown.outputs["data"]).toEqual({ a: UNKNOWN });
  const wrong = { ...deployment("plan"), spec: { replicas: "many" } };
  await expect(driver().create(deploymentType, wrong, { preview: true })).rejects.toThrow(
    /answered 400: .*json: cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas/,
  );
});

test("a custom resource waits for its definition, follows it, and is gone with it", async () => {
  const widgetType = "kubernetes:lab.example.com/v1:Widget";
  const widget = (size: number) => {
    const spec = { size };
    return { apiVersion: "lab.example.com/v1", kind: "Widget", metadata: { name: "w" }, spec };
  };
  const planned = await driver().create(widgetType, widget(1), { preview: true });
  expect(planned.outputs["spec"]).toEqual({ size: 1 });
  const waiting = driver();
  const early = waiting.create(widgetType, widget(1));
  const message = "Waiting for kind lab.example.com/v1/Widget to appear";
  await until(
    () => Promise.resolve(waiting.status),
    (said) => said.includes(message),
  );
  const definition = (...names: string[]): PropertyMap => {
    const properties = Object.fromEntries(names.map((name) => [name, { type: "integer" }]));
    const spec = { type: "object", properties, x_kubernetes_preserve_unknown_fields: true };
    const openAPIV3Schema = { type: "object", properties: { spec } };
    return {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.lab.example.com" },
      spec: {
        group: "lab.example.com",
        scope: "Namespaced",
        names: { plural: "widgets", kind: "Widget" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
        preserveUnknownFields: false,
      },
      status: { storedVersions: [] },
    };
  };
  const crdType = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
  const made = await driver().create(crdType, definition("size"));
  const conditions = at(made.outputs, "status", "conditions") as PropertyMap[];
  expect(conditions.map(({ type, status }) => [type, status])).toContainEqual([
    "Established",
    "True",
  ]);
  const schemaOf = ({ outputs }: Made) =>
    at((at(outputs, "spec", "versions") as PropertyMap[])[0], "schema", "openAPIV3Schema");
  expect(at(schemaOf(made), "properties", "spec")).toEqual({
    type: "object",
    properties: { size: { type: "integer" } },
    x_kubernetes_preserve_unknown_fields: true,
  });
  expect((await driver().diff(made, definition("size"))).changes).toBe("none");
  const object = await early;

  const replaced = await driver().update(made, definition("size", "depth"));
  expect(Object.keys(at(schemaOf(replaced), "properties", "spec", "properties") ?? {})).toEqual([
    "depth",
    "size",
  ]);
  const bigger = await driver().update(object, widget(2));
  expect(bigger.outputs["spec"]).toEqual({ size: 2 });
  await driver().remove(replaced);
  expect(await driver().read(bigger)).toBeUndefined();
  await driver().remove(bigger);
});

test("a field of another manager is a conflict with who, what and a remedy; patchForce takes it over", async () => {
  const made = await driver().create(deploymentType, deployment("two", { replicas: 1 }));
  await cluster.admin.request("PATCH", deploymentPath("two"), {
    query: { fieldManager: "scaler", force: "true" },
    contentType: "application/apply-patch+yaml",
    body: { apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 3 } },
  });
  const change = deployment("two", { replicas: 2 });
  const failed = await failureOf(driver().update(made, change));
  expect(failed.reasons).toHaveLength(1);
  expect(failed.reasons[0]).toContain("server-side apply field conflict detected");
  expect(failed.reasons[0]).toContain('conflict with "scaler": .spec.replicas');
  expect(failed.reasons[0]).toContain('set the annotation pulumi.com/patchForce: "true"');
  expect(at(failed.outputs, "spec", "replicas")).toBe(3);
  expect(at(inputsOf(failed.outputs), "spec", "replicas")).toBe(1);

  const kept = { type: deploymentType, ...failed };
  const ignored = await driver().update(kept, change, { ignoreChanges: ["spec.replicas"] });
  expect(at(ignored.outputs, "spec", "replicas")).toBe(3);
  const forced = { "pulumi.com/patchForce": "true" };
  const taken = await driver().update(ignored, deployment("two", { replicas: 2 }, forced));
  expect(at(taken.outputs, "spec", "replicas")).toBe(2);
  const all = driver({ enablePatchForce: "true" });
  const again = await all.update(taken, deployment("two", { replicas: 4 }));
  expect(at(again.outputs, "spec", "replicas")).toBe(4);
});

test("a manager with a new name lets the old one's fields go", async () => {
  const made = await driver().create(mapType, configMap("owned", { a: "1" }));
  const first = { "pulumi.com/patchFieldManager": "first" };
  const second = { "pulumi.com/patchFieldManager": "second" };
  const one = await driver().update(made, configMap("owned", { a: "1", b: "1" }, first));
  expect(await managersOf(mapPath("owned"))).toEqual(["first Apply"]);
  const forced = { ...second, "pulumi.com/patchForce": "true" };
  await driver().update(one, configMap("owned", { a: "1" }, forced));
  expect(await managersOf(mapPath("owned"))).toEqual(["second Apply"]);
  expect((await cluster.admin.request("GET", mapPath("owned"))).object["data"]).toEqual({ a: "1" });
});

test("upsertExistingObjects takes over what is there", async () => {
  const { type } = await driver().create(mapType, configMap("there", { a: "1" }));
  const upsert = driver({ upsertExistingObjects: "true", enablePatchForce: "true" });
  const taken = await upsert.create(type, configMap("there", { b: "2" }));
  expect(taken.outputs["data"]).toEqual({ a: "1", b: "2" });
});

test("a write that is refused leaves the object and the old inputs in state", async () => {
  const made = await driver().create(deploymentType, deployment("fixed"));
  const failed = await failureOf(driver().update(made, deployment("fixed", { replicas: -1 })));
  expect(failed.reasons[0]).toContain("must be greater than or equal to 0");
  expect(at(inputsOf(failed.outputs), "spec", "replicas")).toBeUndefined();
  const gone = await driver().create(mapType, configMap("gone", { a: "1" }));
  await driver().remove(gone);
  await expect(driver().update(gone, configMap("gone", { a: "2" }))).rejects.toThrow(
    "default/gone is not in the cluster. Run `pulumi refresh` to make it again.",
  );
});

test("a refresh finds what drifted, and only that; an update puts it right", async () => {
  const resources = { requests: { cpu: "0.1" } };
  const containers = [{ name: "web", image: "web:1", resources, env: [{ name: "A", value: "" }] }];
  const labels = { app: "drift" };
  const template = { metadata: { labels }, spec: { containers, hostNetwork: false, volumes: [] } };
  const inputs = deployment("drift", { replicas: 1, template });
  const made = await driver().create(deploymentType, inputs);
  expect((await driver().read(made))?.inputs).toEqual(inputsOf(made.outputs));
  await patch(cluster.admin, deploymentPath("drift"), {
    metadata: { labels: { added: "by-others" } },
    spec: { replicas: 3 },
  });
  const found = await driver().read(made);
  expect(at(found?.inputs, "spec", "replicas")).toBe(3);
  expect(at(found?.inputs, "metadata", "labels")).toBeUndefined();
  const drifted = { ...made, outputs: found?.outputs ?? {} };
  expect((await driver().diff(drifted, inputs)).detailedDiff).toEqual({
    "spec.replicas": { kind: "update" },
  });
});

test("an import reads inputs that make no difference", async () => {
  const made = await driver().create(deploymentType, deployment("found", { replicas: 2 }));
  const found = await driver().read({ type: deploymentType, id: made.id });
  const imported = { type: deploymentType, id: made.id, outputs: found?.outputs ?? {} };
  expect(found?.inputs["status"]).toBeUndefined();
  const written = found?.inputs ?? {};
  expect((await driver().diff(imported, written)).changes).toBe("none");
  expect(at(written, "spec", "replicas")).toBe(2);
  expect(await driver().read({ type: deploymentType, id: "default/not-there" })).toBeUndefined();
});

test("a Secret's stringData becomes data, secret in inputs and outputs", async () => {
  const type = "kubernetes:core/v1:Secret";
  const secret = (password: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login" },
    stringData: { password: new Secret(password) },
  });
  const made = await driver().create(type, secret("hunter2"));
  const data = new Secret({ password: "aHVudGVyMg==" });
  expect([made.outputs["data"], inputsOf(made.outputs)["data"]]).toEqual([data, data]);
  expect((await driver().diff(made, secret("hunter2"))).changes).toBe("none");
  expect(await driver().diff(made, secret("other"))).toMatchObject({
    replaces: ["data.password"],
    deleteBeforeReplace: true,
  });
  const mutable = driver({ enableSecretMutable: "true" });
  expect((await mutable.diff(made, secret("other"))).replaces).toEqual([]);
});

test("the cluster comes from contents, path and context; the namespace from the provider", async () => {
  const text = fs.readFileSync(cluster.kubeconfig, "utf8");
  const other = text
    .replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:1")
    .replace(/current-context: .*/, "current-context: none");
  const [file, context] = [
    `${cluster.folder}/other`,
    /current-context: (.*)/.exec(text)?.[1] ?? "",
  ];
  fs.writeFileSync(file, text.replace(/current-context: .*/, "current-context: none"));
  const byPath = new Driver(file, { context, namespace: "kube-public" });
  const made = await byPath.create(mapType, configMap("placed", { a: "1" }));
  expect(made.id).toBe("kube-public/placed");
  await byPath.remove(made);
  await expect(new Driver(other).create(mapType, configMap("x", {}))).rejects.toThrow(
    "it has no cluster for its current context",
  );
  await expect(new Driver(other, { context }).create(mapType, configMap("x", {}))).rejects.toThrow(
    "configured Kubernetes cluster is unreachable",
  );
});
