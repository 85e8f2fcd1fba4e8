// What the plugin promises by its inputs and arguments, held against a real API server: names and places, what
// replaces and what does not, deletion policies, manifests, refusals.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import { type PropertyMap, Secret } from "../../../stand-ins/pulumi-plugin/values";
import { at, textAt } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { patch, programs, until, useCluster } from "./cluster";
import { Driver, inputsOf, type Made } from "./driver";
import { rules } from "./fixed-fields";
import { gadget, gadgets, mapType, named, typeOf } from "./objects";

const cluster = useCluster();
const { driver } = cluster;

const mapsPath = "/api/v1/namespaces/default/configmaps";

test.each(rules)(
  "$before.kind: $what replaces for $replaces, and the API server says: $said",
  async ({ before, after, replaces, said }) => {
    const type = typeOf(before);
    const made = await driver().create(type, before);
    const { changes, replaces: found } = await driver().diff(made, after);
    expect([changes, found]).toEqual(["some", replaces]);
    const inPlace = driver().update(made, after, { preview: true });
    if (said) await expect(inPlace).rejects.toThrow(said);
    else expect((await inPlace).outputs["kind"]).toBe(before.kind);
  },
);

test("a name is made up, kept, and another one for the replacement", async () => {
  const unnamed = (a: string) => ({ apiVersion: "v1", kind: "ConfigMap", data: { a } });
  const one = await driver().create(mapType, unnamed("1"));
  expect(one.id).toMatch(/^default\/one-[0-9a-f]{8}$/);
  const annotations = at(one.outputs, "metadata", "annotations");
  expect(annotations).toEqual({ "pulumi.com/autonamed": "true" });
  const diff = await driver().diff(one, unnamed("2"));
  expect([diff.replaces, diff.deleteBeforeReplace]).toEqual([["data.a"], false]);
  const two = await driver().create(mapType, unnamed("2"));
  expect(two.id).not.toBe(one.id);
  await driver().remove(one);
  expect((await driver().read(two))?.inputs).toEqual(inputsOf(two.outputs));
});

test("without a namespace an object is in the provider's, else in the context's", async () => {
  const text = fs.readFileSync(cluster.kubeconfig, "utf8");
  const inPublic = text.replace(/^( +)cluster: \S+\n/m, (line, indent: string) => {
    return `${line}${indent}namespace: kube-public\n`;
  });
  const map = named("ConfigMap", "placed");
  expect((await new Driver(inPublic).create(mapType, map)).id).toBe("kube-public/placed");
  const variables = { namespace: "kube-node-lease" };
  const placed = await new Driver(inPublic, variables).create(mapType, map);
  expect(placed.id).toBe("kube-node-lease/placed");
});

/** An object, and one that it owns and that somebody else holds on to. */
async function family(name: string, annotations: PropertyMap): Promise<Made> {
  const owner = await driver().create(mapType, named("ConfigMap", name, {}, annotations));
  const owned = { apiVersion: "v1", kind: "ConfigMap", name, blockOwnerDeletion: true };
  const ownerReferences = [{ ...owned, uid: textAt(owner.outputs, "metadata", "uid") }];
  const metadata = { name: `${name}-child`, ownerReferences, finalizers: ["example.com/held"] };
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata };
  await cluster.admin.request("POST", mapsPath, { body });
  return owner;
}

const childOf = async (name: string) =>
  (await cluster.admin.request("GET", `${mapsPath}/${name}-child`)).object;

test("a deletion waits for what is owned, unless a policy lets it go or keeps it", async () => {
  const owner = await family("foreground", {});
  const removing = driver();
  const removal = removing.remove(owner);
  const waiting =
    "Waiting for ConfigMap default/foreground to be deleted, held by foregroundDeletion";
  await until(
    () => Promise.resolve(removing.status),
    (said) => said.includes(waiting),
  );
  await patch(cluster.admin, `${mapsPath}/foreground-child`, { metadata: { finalizers: null } });
  await removal;

  const policy = (name: string) => ({ "pulumi.com/deletionPropagationPolicy": name });
  await driver().remove(await family("background", policy("background")));
  await until(
    () => childOf("background"),
    (child) => textAt(child, "metadata", "deletionTimestamp") !== "",
  );
  await driver().remove(await family("orphan", policy("orphan")));
  const { metadata } = await childOf("orphan");
  expect(Object.keys(metadata as PropertyMap)).not.toContain("ownerReferences");
  expect(Object.keys(metadata as PropertyMap)).not.toContain("deletionTimestamp");
});

async function kubectl(...args: string[]): Promise<string> {
  const all = ["--kubeconfig", cluster.kubeconfig, ...args];
  return (await promisify(execFile)(path.join(programs(), "kubectl"), all)).stdout;
}

test("manifests of a folder are what the API server takes, in their order", async () => {
  const directory = path.join(cluster.folder, "rendered");
  const rendering = new Driver("", { renderYamlToDirectory: directory });
  const secret = { stringData: { password: new Secret("hunter2") } };
  await rendering.create("kubernetes:example.com/v1:Gadget", gadget("rendered"));
  await rendering.create("kubernetes:core/v1:Secret", named("Secret", "rendered", secret));
  await rendering.create(typeOf(gadgets), gadgets);
  await kubectl("apply", "--filename", path.join(directory, "0-crd"));
  await kubectl("wait", "--for=condition=Established", "crd/gadgets.example.com", "--timeout=60s");
  const applied = await kubectl("apply", "--filename", path.join(directory, "1-manifest"));
  expect(applied.split("\n").sort()).toEqual([
    "",
    "gadget.example.com/rendered created",
    "secret/rendered created",
  ]);
});

test("yaml:decode asks the cluster which custom kinds have a namespace", async () => {
  const upsert = driver({ upsertExistingObjects: "true", enablePatchForce: "true" });
  await upsert.create(typeOf(gadgets), gadgets);
  const objects = [gadget("decoded"), named("ConfigMap", "decoded"), named("Namespace", "decoded")];
  const text = objects.map((object) => JSON.stringify(object)).join("\n---\n");
  const context = { signal: new AbortController().signal, log: () => Promise.resolve() };
  const args = { text, defaultNamespace: "kube-public" };
  const asked = { ...context, token: "kubernetes:yaml:decode", args, preview: false };
  const { result } = await driver().provider.invoke(asked);
  const ids = [];
  for (const object of result["result"] as (PropertyMap & { kind: string })[]) {
    ids.push((await driver().create(typeOf(object), object)).id);
  }
  expect(ids).toEqual(["decoded", "kube-public/decoded", "decoded"]);
});

test("what is refused by name has changed nothing", async () => {
  const made = await driver().create(mapType, named("ConfigMap", "untouched", { data: {} }));
  const list = { apiVersion: "v1", kind: "ConfigMapList", items: [named("ConfigMap", "listed")] };
  const generated = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "x-" } };
  const patched = named("ConfigMap", "untouched", { data: { a: "1" } });
  const refusals: [string, PropertyMap, string][] = [
    [`${mapType}Patch`, patched, "Patch resources (kubernetes:core/v1:ConfigMapPatch)"],
    [`${mapType}List`, list, "list resources exist for compatibility"],
    [mapType, generated, "`.metadata.generateName` field is not supported"],
    ["kubernetes:helm.sh/v4:Chart", { chart: "x" }, "helm.sh/v4:Chart is not done by this plugin"],
  ];
  for (const [type, inputs, message] of refusals) {
    await expect((async () => driver().create(type, inputs))()).rejects.toThrow(message);
  }
  const clientSide = async () =>
    driver({ enableServerSideApply: "false" }).create(mapType, patched);
  await expect(clientSide()).rejects.toThrow('"enableServerSideApply": false');
  const names = await kubectl("get", "configmaps", "--output", "name");
  expect(names).not.toMatch(/listed|\/x-/);
  expect((await driver().read(made))?.outputs["data"]).toBeUndefined();
});
