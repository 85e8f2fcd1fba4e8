// Renderings held against each other, and what they need of registries.
import { needsOf, listing } from "../../lab/images";
import { compare } from "../../lab/render/compare";
import { documentOf, documents } from "../../lab/render/documents";
import type { RenderedResource } from "../../lab/render/recorder";
import { stackValues } from "../../lab/stack-values";
import { SECRET, withoutSecrets } from "../../lab/stack-settings";
import type { LabConfig } from "../../config/lab-config";
import { stringify } from "yaml";

const parent = (types: string) => `urn:pulumi:test::nutanix-serverless-lab::${types}::x`;

const object = (name: string, inputs: object, kind = "Deployment"): RenderedResource => ({
  type: `kubernetes:apps/v1:${kind}`,
  name,
  parent: parent("lab:index:ClusterApi"),
  inputs: { ...inputs },
});

const component: RenderedResource = { ...object("c", {}), type: "lab:index:ClusterApi" };
const provider: RenderedResource = { ...object("p", {}), type: "pulumi:providers:kubernetes" };

test("a document has its layer, and an object's fields in the order that people write", () => {
  const found = object("web", {
    spec: { b: 1, a: "x" },
    metadata: { name: "web" },
    kind: "Deployment",
    apiVersion: "apps/v1",
  });
  expect(documents([component, provider, found])).toBe(
    [
      "# cluster-api: kubernetes:apps/v1:Deployment web",
      "apiVersion: apps/v1",
      "kind: Deployment",
      "metadata:",
      "  name: web",
      "spec:",
      "  a: x",
      "  b: 1",
      "",
    ].join("\n"),
  );
});

test("of a CRD, group, versions and a checksum are shown", () => {
  const crd = (field: string) =>
    object("things", {
      kind: "CustomResourceDefinition",
      spec: { group: "example.org", versions: [{ name: "v1", schema: { [field]: {} } }] },
    });
  expect(documentOf(crd("a"))).toMatch(
    /^# .*\nkind: CustomResourceDefinition\nspec:\n {2}group: example\.org\n {2}sha256: [0-9a-f]{64}\n {2}versions:\n {4}- v1\n$/,
  );
  expect(documentOf(crd("a"))).not.toBe(documentOf(crd("b")));
});

test("what was added, changed and removed between two commits", () => {
  const base = [
    object("kept", { a: 1 }),
    object("changed", { a: 1, b: 2 }),
    object("gone", { a: 1 }),
  ];
  const head = [
    object("new", { a: 1 }),
    object("changed", { a: 2, b: 2 }),
    object("kept", { a: 1 }),
  ];
  const name = (which: string) => `kubernetes:apps/v1:Deployment ${which}`;
  expect(compare(base, head).map(({ resource, change }) => [resource, change])).toEqual([
    [name("new"), "added"],
    [name("changed"), "changed"],
    [name("gone"), "removed"],
  ]);
  expect(compare(base, head)[1]!.diff).toBe(
    `@@ -1,3 +1,3 @@\n # cluster-api: ${name("changed")}\n-a: 1\n+a: 2\n b: 2\n`,
  );
  expect(compare(head, head)).toEqual([]);
});

const config = {
  clusterApi: { version: "v1.13.6", capxVersion: "v1.10.3" },
  registries: { images: { "ghcr.io": "harbor.test" } },
  managementCluster: { nodeImage: "kindest/node:v1.36.1" },
} as unknown as LabConfig;

test("images of pods, of static pods in files, of Helm values; charts; what is not known", () => {
  const pod = { kind: "Pod", spec: { containers: [{ image: "ghcr.io/kube-vip:v0.9.2" }] } };
  const resources = [
    object("manager", { spec: { template: { spec: { containers: [{ image: "a/manager:1" }] } } } }),
    object("again", { spec: { containers: [{ image: "a/manager:1" }] } }),
    object(
      "kcp",
      { spec: { files: [{ path: "/x", content: stringify(pod) }] } },
      "KubeadmControlPlane",
    ),
    {
      ...object("autoscaler", {
        chart: "cluster-autoscaler",
        version: "9.59.0",
        repositoryOpts: { repo: "https://charts.test" },
        values: { image: { repository: "k8s/autoscaler", tag: "v1.36.1" }, extra: ["x"] },
      }),
      type: "kubernetes:helm.sh/v3:Release",
    },
    {
      ...object("missing/infrastructure", { create: "echo 'It'\\''s not there.' >&2; exit 1" }),
      type: "command:local:Command",
    },
  ];
  const needs = needsOf("test", resources, config);
  expect(needs).toEqual({
    stack: "test",
    images: [
      { image: "a/manager:1", neededBy: ["again", "manager"] },
      { image: "ghcr.io/kube-vip:v0.9.2", neededBy: ["kcp"] },
      {
        image: "harbor.test/nutanix-cloud-native/cluster-api-provider-nutanix/controller:v1.10.3",
        neededBy: ["missing/infrastructure"],
      },
      { image: "k8s/autoscaler:v1.36.1", neededBy: ["autoscaler"] },
      { image: "kindest/node:v1.36.1", neededBy: ["management"] },
    ],
    charts: [
      {
        chart: "cluster-autoscaler",
        version: "9.59.0",
        repository: "https://charts.test",
        neededBy: ["autoscaler"],
      },
    ],
    unknown: ["It's not there."],
  });
  expect(listing(needs)).toMatch(
    /^stack test\nimage {2}a\/manager:1 +again, manager\n[\s\S]*\nchart {2}https:\/\/charts\.test cluster-autoscaler 9\.59\.0 +autoscaler\nnot known: It's not there\.\n$/,
  );
});

const ENCRYPTED = [
  "encryptionsalt: v1:abc",
  "config:",
  "  nutanix-serverless-lab:prismCentral:",
  "    address: pc.lab.test # where it is",
  "    password:",
  "      secure: v1:xyz",
  "  nutanix-serverless-lab:platform: none",
  "",
].join("\n");

test("a stack's values without the engine, encrypted ones with a placeholder", () => {
  expect(stackValues(ENCRYPTED)).toEqual({
    "nutanix-serverless-lab:prismCentral": JSON.stringify({
      address: "pc.lab.test",
      password: SECRET,
    }),
    "nutanix-serverless-lab:platform": "none",
  });
});

test("a stack's file for those who cannot open its secrets", () => {
  expect(withoutSecrets(ENCRYPTED)).toBe(
    ENCRYPTED.replace("encryptionsalt: v1:abc\n", "").replace(
      /password:\n +secure: v1:xyz/,
      `password: ${SECRET}`,
    ),
  );
});
