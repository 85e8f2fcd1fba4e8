// renderYamlToDirectory: the same life of an object, as files; no cluster is there.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { Secret, UNKNOWN } from "../../../stand-ins/pulumi-plugin/values";
import { checkConfig } from "../../../stand-ins/pulumi-resource-kubernetes/config-check";
import { Driver } from "./driver";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-render-"));
const kubeconfig = process.env["KUBECONFIG"];

beforeAll(() => {
  process.env["KUBECONFIG"] = path.join(folder, "none");
});
afterAll(() => {
  if (kubeconfig === undefined) delete process.env["KUBECONFIG"];
  else process.env["KUBECONFIG"] = kubeconfig;
  fs.rmSync(folder, { recursive: true });
});

let number = 0;
function rendering(variables: Record<string, string> = {}) {
  number += 1;
  const directory = path.join(folder, String(number));
  return { directory, driver: new Driver("", { renderYamlToDirectory: directory, ...variables }) };
}

const filesIn = (directory: string) =>
  fs.existsSync(directory)
    ? fs
        .readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".yaml"))
        .sort()
    : [];

const mapType = "kubernetes:core/v1:ConfigMap";
const configMap = (a: unknown) => ({
  kind: "ConfigMap",
  apiVersion: "v1",
  metadata: { name: "fixed" },
  data: { a: a as string },
});

test("an object is a file: written, previewed without writing, written again, removed", async () => {
  const { directory, driver } = rendering();
  await driver.create(mapType, configMap("1"), { preview: true });
  await driver.create(mapType, configMap(UNKNOWN), { preview: true });
  expect(filesIn(directory)).toEqual([]);
  const made = await driver.create(mapType, configMap("yes"));
  expect(made.id).toBe("fixed");
  expect(made.outputs["__inputs"]).toEqual(configMap("yes"));
  const file = path.join(directory, "1-manifest/v1-configmap-default-fixed.yaml");
  expect(fs.readFileSync(file, "utf8")).toBe(
    'apiVersion: v1\ndata:\n  a: "yes"\nkind: ConfigMap\nmetadata:\n  name: fixed\n',
  );
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(driver.status).toEqual([`rendered ${file}`]);
  expect(await driver.read(made)).toMatchObject({ id: "fixed", outputs: made.outputs });
  expect(await driver.diff(made, configMap("0644"))).toMatchObject({ replaces: ["data.a"] });

  const replaced = await driver.update(made, configMap("0644"));
  expect(fs.readFileSync(file, "utf8")).toContain('a: "0644"');
  await driver.remove(made); // The replaced object's file is its replacement's by now.
  expect(filesIn(directory)).toEqual(["1-manifest/v1-configmap-default-fixed.yaml"]);
  const later = new Driver("", { renderYamlToDirectory: directory });
  await later.remove(replaced);
  await later.remove(replaced);
  expect(filesIn(directory)).toEqual([]);
});

test("CRDs go first, custom resources and namespaces have their names", async () => {
  const { directory, driver } = rendering({ namespace: "lab" });
  await driver.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
  });
  const made = await driver.create("kubernetes:example.com/v1:Widget", {
    apiVersion: "example.com/v1",
    kind: "Widget",
  });
  expect(made.id).toMatch(/^lab\/one-[0-9a-f]{8}$/);
  const name = made.id.replace("/", "-");
  expect(filesIn(directory)).toEqual([
    "0-crd/apiextensions.k8s.io_v1-customresourcedefinition-default-widgets.example.com.yaml",
    `1-manifest/example.com_v1-widget-${name}.yaml`,
  ]);
});

test("a secret is written in the clear, and that is said", async () => {
  const { directory, driver } = rendering();
  await driver.create("kubernetes:core/v1:Secret", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login" },
    stringData: { password: new Secret("hunter2") },
  });
  const file = path.join(directory, "1-manifest/v1-secret-default-login.yaml");
  expect(fs.readFileSync(file, "utf8")).toContain("password: aHVudGVyMg==");
  expect(driver.said).toEqual([
    "warning: rendered YAML will contain a secret value in plaintext",
    `warning: rendered file ${file} contains a secret value in plaintext`,
  ]);
});

test("alwaysRender reports a change where there is none", async () => {
  const once = rendering();
  const made = await once.driver.create(mapType, configMap("1"));
  expect((await once.driver.diff(made, configMap("1"))).changes).toBe("none");
  const always = rendering({ alwaysRender: "true" });
  expect(await always.driver.diff(made, configMap("1"))).toMatchObject({
    changes: "some",
    detailedDiff: {},
    replaces: [],
  });
});

test("a Helm release is refused by name", async () => {
  const type = "kubernetes:helm.sh/v3:Release";
  await expect(async () => rendering().driver.check(type, { chart: "x" })).rejects.toThrow(
    "kubernetes:helm.sh/v3:Release needs a cluster",
  );
});

test.each([
  [{ renderYamlToDirectory: "out", context: "a" }, ["context"]],
  [{ renderYamlToDirectory: "out", kubeconfig: "{}", cluster: "c" }, ["cluster", "kubeconfig"]],
  [{ renderYamlToDirectory: "out", kubeconfig: path.join(folder, "none") }, []],
  [{ renderYamlToDirectory: "", alwaysRender: "true" }, ["alwaysRender"]],
  [{ strictMode: "true", kubeconfig: "{}" }, ["", "context"]],
])("the provider arguments %j are wrong about %j", (news, properties) => {
  const signal = new AbortController().signal;
  const context = { signal, log: () => Promise.resolve(), randomSeed: new Uint8Array() };
  const urn = "urn:pulumi:s::p::pulumi:providers:kubernetes::default_4_34_2";
  const { failures } = checkConfig({ ...context, urn, type: "", name: "", olds: {}, news });
  expect(failures?.map(({ property }) => property)).toEqual(properties);
});
