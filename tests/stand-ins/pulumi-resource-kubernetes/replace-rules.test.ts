// Which change of which kind needs a new object: the real plugin's table, one case or more for each of its rows.

import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";
import { diffObject } from "../../../stand-ins/pulumi-resource-kubernetes/diff";

interface Rule {
  readonly kind: string;
  readonly before: PropertyMap;
  readonly after: PropertyMap;
  readonly replaces: string[];
}

const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };
const strict = { enableConfigMapMutable: false, enableSecretMutable: false };

function replacesOf({ kind, before, after }: Omit<Rule, "replaces">, mutability = strict) {
  const [apiVersion = "", name = ""] = kind.split(" ");
  const object = (rest: PropertyMap): PropertyMap => ({
    apiVersion,
    kind: name,
    metadata: { name: "one", namespace: "default" },
    ...rest,
  });
  const context = { signal: new AbortController().signal, log: () => Promise.resolve() };
  const inputs = object(before);
  const oldOutputs = { ...inputs, __inputs: inputs, __fieldManager: "m" };
  const asked = { ...context, urn: "", type: "", name: "", id: "", ignoreChanges: [] };
  const request = { ...asked, oldInputs: inputs, oldOutputs, news: object(after) };
  const { changes, replaces } = diffObject(request, mutability);
  expect(changes).toBe("some");
  return replaces;
}

/** A case: the specs before and after, and the keys below `spec` that replace. */
const spec = (kind: string, before: PropertyMap, after: PropertyMap, ...keys: string[]): Rule => ({
  kind,
  before: { spec: before },
  after: { spec: after },
  replaces: keys.map((key) => `spec.${key}`),
});

const labels = (app: string) => ({ matchLabels: { app } });
const selector = (app: string) => ({ selector: labels(app) });
const template = (image: string) => ({ spec: { containers: [{ name: "c", image }] } });

const rules: Rule[] = [
  spec("apps/v1 Deployment", selector("a"), selector("b"), "selector.matchLabels.app"),
  spec("apps/v1 Deployment", { template: template("a") }, { template: template("b") }),
  spec("apps/v1 DaemonSet", selector("a"), selector("b"), "selector.matchLabels.app"),
  spec("apps/v1 StatefulSet", { serviceName: "a" }, { serviceName: "b" }, "serviceName"),
  spec("apps/v1 StatefulSet", { podManagementPolicy: "Parallel" }, {}, "podManagementPolicy"),
  spec("apps/v1 StatefulSet", {}, { revisionHistoryLimit: 2 }, "revisionHistoryLimit"),
  spec(
    "apps/v1 StatefulSet",
    { volumeClaimTemplates: [{ metadata: { name: "a" } }] },
    { volumeClaimTemplates: [{ metadata: { name: "b" } }] },
    "volumeClaimTemplates[0].metadata.name",
  ),
  spec("apps/v1 StatefulSet", { replicas: 1 }, { replicas: 2 }),
  spec(
    "batch/v1 Job",
    { template: template("a") },
    { template: template("b") },
    "template.spec.containers[0].image",
  ),
  spec("batch/v1 Job", { completions: 1 }, { completions: 2 }, "completions"),
  spec("batch/v1 Job", { parallelism: 1 }, { parallelism: 2 }, "parallelism"),
  spec("batch/v1 Job", { suspend: true }, { suspend: false }),
  spec("v1 Pod", template("a").spec, template("b").spec, "containers[0].image"),
  spec("v1 Pod", { nodeName: "a" }, { nodeName: "b" }, "nodeName"),
  spec("v1 Pod", { activeDeadlineSeconds: 1 }, { activeDeadlineSeconds: 2 }),
  spec("v1 Service", { clusterIP: "10.0.0.1" }, { clusterIP: "10.0.0.2" }, "clusterIP"),
  spec("v1 Service", { type: "ClusterIP" }, { type: "NodePort" }),
  spec(
    "v1 PersistentVolumeClaim",
    { accessModes: ["ReadWriteOnce"] },
    { accessModes: ["ReadWriteMany"] },
    "accessModes[0]",
  ),
  spec("v1 PersistentVolumeClaim", { volumeName: "a" }, { volumeName: "b" }, "volumeName"),
  spec("v1 PersistentVolumeClaim", { resources: { limits: { a: "1" } } }, { resources: {} }),
  spec("v1 PersistentVolume", { nfs: { path: "/a" } }, { nfs: { path: "/b" } }, "nfs.path"),
  spec("v1 ResourceQuota", { scopes: ["BestEffort"] }, { scopes: ["Terminating"] }, "scopes[0]"),
  {
    kind: "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
    before: { roleRef: { name: "a" } },
    after: { roleRef: { name: "b" } },
    replaces: ["roleRef.name"],
  },
  {
    kind: "rbac.authorization.k8s.io/v1 RoleBinding",
    before: { roleRef: { name: "a" }, subjects: [] },
    after: { roleRef: { name: "a" }, subjects: [{ kind: "User", name: "u" }] },
    replaces: [],
  },
  {
    kind: "storage.k8s.io/v1 StorageClass",
    before: { provisioner: "a", parameters: { a: "1" } },
    after: { provisioner: "b", parameters: { a: "2" } },
    replaces: ["parameters.a", "provisioner"],
  },
  {
    kind: "v1 Secret",
    before: { type: "Opaque", data: { a: "YQ==" } },
    after: { type: "Other", data: { a: "Yg==" } },
    replaces: ["data.a", "type"],
  },
  {
    kind: "v1 ConfigMap",
    before: { data: { a: "1" }, binaryData: { b: "YQ==" } },
    after: { data: { a: "2" }, binaryData: { b: "Yg==" } },
    replaces: ["binaryData.b", "data.a"],
  },
  {
    kind: "example.com/v1 Widget",
    before: { spec: { selector: 1 } },
    after: { spec: { selector: 2 } },
    replaces: [],
  },
];

test.each(rules)("$kind from $before to $after replaces for $replaces", ({ replaces, ...rule }) => {
  expect(replacesOf(rule)).toEqual(replaces);
});

test.each([
  ["v1 ConfigMap", {}, []],
  ["v1 ConfigMap", { immutable: true }, ["data.a"]],
  ["v1 Secret", {}, []],
  ["v1 Secret", { immutable: true }, ["data.a"]],
])("%s %j with mutable data replaces for %j", (kind, rest, replaces) => {
  const data = (a: string): PropertyMap => ({ ...rest, data: { a } });
  const [before, after] = [data("YQ=="), data("Yg==")];
  expect(replacesOf({ kind, before, after }, mutable)).toEqual(replaces);
});

test("another name or namespace replaces any kind", () => {
  const [before, after] = [{}, { metadata: { name: "two", namespace: "other" } }];
  expect(replacesOf({ kind: "example.com/v1 Widget", before, after })).toEqual([
    "metadata.name",
    "metadata.namespace",
  ]);
});
