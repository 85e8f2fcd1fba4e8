import { deploymentRule } from "../../../stand-ins/pulumi-resource-kubernetes/await/workload-rules";
import { waitForRule } from "../../../stand-ins/pulumi-resource-kubernetes/await/wait-for";
import { waitUntilReady } from "../../../stand-ins/pulumi-resource-kubernetes/await/wait";
import { notYet, type Verdict } from "../../../stand-ins/pulumi-resource-kubernetes/await/verdict";
import { diffObject } from "../../../stand-ins/pulumi-resource-kubernetes/diff";
import { takeOverPatch } from "../../../stand-ins/pulumi-resource-kubernetes/field-managers";
import { chartArguments } from "../../../stand-ins/pulumi-resource-kubernetes/helm/chart";
import {
  installArguments,
  upgradeArguments,
} from "../../../stand-ins/pulumi-resource-kubernetes/helm/flags";
import { kubernetesProvider } from "../../../stand-ins/pulumi-resource-kubernetes/provider";
import { refreshedInputs } from "../../../stand-ins/pulumi-resource-kubernetes/refresh";
import { readSettings } from "../../../stand-ins/pulumi-resource-kubernetes/settings";
import { parseManifest } from "../../../stand-ins/pulumi-resource-kubernetes/yaml-documents";
import type { CheckRequest, DiffRequest } from "../../../stand-ins/pulumi-plugin/provider";
import { type PropertyMap, Secret, UNKNOWN } from "../../../stand-ins/pulumi-plugin/values";

const context = { signal: new AbortController().signal, log: () => Promise.resolve() };
const mutability = { enableConfigMapMutable: false, enableSecretMutable: false };

function diffOf(inputs: PropertyMap, news: PropertyMap, live: PropertyMap = inputs) {
  const oldOutputs = { ...live, __inputs: inputs, __fieldManager: "m" };
  const request = { ...context, urn: "", type: "", name: "", id: "", oldInputs: inputs };
  const asked: DiffRequest = { ...request, oldOutputs, news, ignoreChanges: ["spec.replicas"] };
  return diffObject(asked, mutability);
}

function checkOf(news: PropertyMap, olds: PropertyMap = {}): CheckRequest {
  const type = "kubernetes:core/v1:Secret";
  const randomSeed = Uint8Array.from([1, 2, 3]);
  return { ...context, urn: "urn:a", type, name: "login", olds, news, randomSeed };
}

const named = (kind: string, rest: PropertyMap, apiVersion = "v1"): PropertyMap => ({
  apiVersion,
  kind,
  metadata: { name: "one", namespace: "default" },
  ...rest,
});

test("a ConfigMap's data replaces it, the old one first because its name is given", () => {
  const [before, after] = [named("ConfigMap", { data: { "a.b": "1" } }), { "a.b": "2" }];
  expect(diffOf(before, named("ConfigMap", { data: after }))).toEqual({
    changes: "some",
    replaces: ['data["a.b"]'],
    deleteBeforeReplace: true,
    detailedDiff: { 'data["a.b"]': { kind: "update-replace" } },
  });
});

test("quantities are compared by what they mean, ignored and absent members are no change", () => {
  const spec = (cpu: string, rest: PropertyMap) => ({
    spec: { template: { resources: { requests: { cpu } } }, ...rest },
  });
  const before = named("Deployment", spec("500m", { replicas: 1 }), "apps/v1");
  const after = named("Deployment", spec("0.5", { replicas: 3, paused: null }), "apps/v1");
  expect(diffOf(before, after).detailedDiff).toEqual({});
});

test("a custom resource is compared with what the server made of it", () => {
  const widget = (size: number) => named("Widget", { spec: { size } }, "lab.example.com/v1");
  const live = { ...widget(2), spec: { size: 2, color: "red" } };
  expect(diffOf(widget(1), widget(1), live)).toEqual({
    changes: "some",
    replaces: [],
    deleteBeforeReplace: false,
    detailedDiff: { "spec.size": { kind: "update" } },
  });
});

test("an unknown namespace replaces, and a removed member is a deletion of inputs", () => {
  const before = named("Service", { spec: { ports: [{ port: 80 }, { port: 81 }] } });
  const metadata = { name: "one", namespace: UNKNOWN };
  const after = { ...named("Service", { spec: { ports: [{ port: 80 }] } }), metadata };
  expect(diffOf(before, after).detailedDiff).toEqual({
    "metadata.namespace": { kind: "update-replace" },
    "spec.ports[1]": { kind: "delete", inputDiff: true },
  });
});

beforeAll(() => {
  process.env["KUBECONFIG"] = "/nonexistent";
});

test("Check names, places and folds a Secret, without a cluster", async () => {
  const { check } = kubernetesProvider();
  const stringData = { password: new Secret("hunter2") };
  const first = await check?.(checkOf({ apiVersion: "v1", kind: "Secret", stringData }));
  const metadata = { annotations: { "pulumi.com/autonamed": "true" }, name: "login-1435bd8a" };
  expect(first?.inputs).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...metadata, namespace: "default" },
    data: new Secret({ password: "aHVudGVyMg==" }),
  });
  const again = await check?.(checkOf({ apiVersion: "v1", kind: "Secret" }, first?.inputs));
  expect(again?.inputs["metadata"]).toEqual({ ...metadata, namespace: "default" });
});

test("a refresh keeps what the program wrote where nothing drifted", () => {
  const inputs = { cpu: "0.5", env: [{ name: "A", value: "" }], replicas: 2 };
  const before = { cpu: "500m", env: [{ name: "A" }], replicas: 2, extra: 1 };
  expect(refreshedInputs(inputs, before, { ...before, replicas: 1 })).toEqual({
    ...inputs,
    replicas: 1,
  });
});

test("the creator's fields are handed to the applying manager", () => {
  const entry = { manager: "pulumi-kubernetes", operation: "Update", fieldsV1: { "f:a": {} } };
  const ours = { manager: "pulumi-kubernetes-1", operation: "Apply", fieldsV1: { "f:b": {} } };
  const other = { manager: "x", operation: "Update", fieldsV1: { "f:c": {} } };
  const live = { metadata: { resourceVersion: "7", managedFields: [entry, ours, other] } };
  const merged = { ...ours, fieldsV1: { "f:a": {}, "f:b": {} } };
  expect(takeOverPatch(live, "pulumi-kubernetes-1")).toEqual([
    { op: "replace", path: "/metadata/managedFields", value: [other, merged] },
    { op: "replace", path: "/metadata/resourceVersion", value: "7" },
  ]);
});

test.each([
  [{ observedGeneration: 1 }, "Waiting for the Deployment controller"],
  [
    {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 2,
      availableReplicas: 3,
      conditions: [{ type: "Available", status: "True" }],
    },
    "Waiting for app ReplicaSet to be available (2/2 Pods available)",
  ],
  [
    {
      observedGeneration: 2,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      conditions: [{ type: "Available", status: "True" }],
    },
    "ready",
  ],
])("a Deployment with status %j: %s", (status, expected) => {
  const live = { metadata: { generation: 2 }, spec: { replicas: 2 }, status };
  expect(deploymentRule(live).status).toBe(expected);
});

test.each([
  ["condition=Ready", "Waiting for condition Ready=True (Why: because)"],
  ["condition=Ready=false", "ready"],
  ['jsonpath={.status.conditions[?(@.type=="Ready")].reason}=Why', "ready"],
  ["jsonpath={.status.phase}", "Waiting for {.status.phase}, now absent"],
  ['["condition=Ready=False","jsonpath={.spec.a[1]}=y"]', "ready"],
])("waitFor %s: %s", async (annotation, expected) => {
  const conditions = [{ type: "Ready", status: "False", reason: "Why", message: "because" }];
  const live = { spec: { a: ["x", "y"] }, status: { conditions } };
  const verdict: Verdict = await waitForRule(annotation)(live, () => Promise.resolve(undefined));
  expect(verdict.status).toBe(expected);
});

test("a wait looks at once, then less and less often, until its time is up", async () => {
  let now = 0;
  const pauses: number[] = [];
  const sleep = (milliseconds: number) => {
    pauses.push(milliseconds);
    return Promise.resolve((now += milliseconds));
  };
  const live = { metadata: { name: "slow" } };
  const wait = waitUntilReady(live, {
    rule: () => notYet("nothing yet"),
    timeoutSeconds: 2,
    get: () => Promise.resolve(live),
    context,
    clock: { now: () => now, sleep },
  });
  await expect(wait).rejects.toThrow("'slow' timed out waiting to be Ready: nothing yet");
  expect(pauses).toEqual([...Array<number>(10).fill(100), 250, 250, 250, 250]);
});

test("manifests are read as Go reads them", () => {
  const text = "mode: 0644\nat: 2026-01-02\ny: yes\n---\n---\n{kind: Two}\n";
  expect(parseManifest(text)).toEqual([{ mode: 420, at: "2026-01-02", y: true }, { kind: "Two" }]);
});

test("a release becomes helm's arguments", () => {
  const repositoryOpts = { repo: "https://charts.example.com" };
  const place = { chart: "tiny", version: "1.2.3", name: "one", namespace: "two" };
  const release = { ...place, atomic: true, skipCrds: true, cleanupOnFail: true };
  const chart = chartArguments({ ...release, repositoryOpts });
  const named = "one tiny --version 1.2.3 --repo https://charts.example.com --namespace two";
  const waits = "--timeout 300s --wait --atomic";
  expect(installArguments(release, chart).join(" ")).toBe(
    `install ${named} --values {values} --output json ${waits} --skip-crds`,
  );
  expect(upgradeArguments(release, chart).join(" ")).toBe(
    `upgrade ${named} --values {values} --output json --history-max 0 ${waits} --cleanup-on-fail`,
  );
});

test.each([
  ["rejectUnknownResources", "true"],
  ["enableServerSideApply", "false"],
])("the argument %s is refused by name", (name, value) => {
  expect(() => readSettings({ [`kubernetes:config:${name}`]: value }, {})).toThrow(name);
});
