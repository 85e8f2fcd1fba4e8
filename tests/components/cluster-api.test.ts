// Cluster API's layer against Pulumi's mocks: which objects, in which order, with whose certificates.
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClusterApi } from "../../components/cluster-api";
import { ManagementCluster } from "../../components/management-cluster";
import { recordResources, type Registration } from "../support/pulumi";
import { spec } from "../support/workload-spec";

afterEach(() => {
  jest.restoreAllMocks();
});

process.chdir(path.join(__dirname, "..", ".."));

const kind = { name: "management", kubeconfigFile: ".lab/kubeconfig" };

const named = (resources: Registration[], name: string) =>
  resources.find((resource) => resource.name === name);

/** type and name, options that decide about order and life. */
const lives = (resources: Registration[]) =>
  resources.map(({ type, name, dependsOn, deletedWith }) => [
    `${type} ${name}`,
    dependsOn ?? [],
    deletedWith ?? "",
  ]);

const manifest = (name: string) => ({ path: `tests/support/manifests/${name}` });

const empty = manifest("empty.yaml");

const clusterApi = {
  sources: {
    core: manifest("v1.2.3/core-components.yaml"),
    bootstrap: manifest("none.yaml"),
    controlPlane: manifest("none.yaml"),
    infrastructure: manifest("none.yaml"),
  },
  certificates: "self-signed" as const,
  crdDescriptions: true,
  variables: { GATE: "false" },
  mirrors: {},
  prismCentral: spec.prismCentral,
};

test("Cluster API is made stage by stage, and goes with its cluster", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const { resources } = await recordResources(() => {
    const cluster = new ManagementCluster("management", kind);
    return new ClusterApi("cluster-api", { ...clusterApi, cluster });
  });
  const own = resources.filter(({ parent }) => parent === "cluster-api");
  const missing = ["bootstrap", "controlPlane", "infrastructure"].map((part) => `missing/${part}`);
  const certificate = "cluster-api-serving";
  const space = "Namespace/capi-system";
  const crd = "CustomResourceDefinition/things.example.org";
  const secret = "Secret/capi-system/serving-cert";
  const [manager, service] = ["Deployment/capi-system/manager", "Service/capi-system/webhook"];
  const webhook = "ValidatingWebhookConfiguration/validating";
  const group = "admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration";
  expect(lives(own)).toEqual([
    [`pulumi-nodejs:dynamic/certificate:SelfSigned ${certificate}`, [], ""],
    [
      `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition ${crd}`,
      [space, certificate],
      "management",
    ],
    [`kubernetes:apps/v1:Deployment ${manager}`, [crd, secret], "management"],
    ...missing.map((name) => [`command:local:Command ${name}`, [], ""]),
    [`kubernetes:core/v1:Namespace ${space}`, missing, "management"],
    [`kubernetes:core/v1:Secret ${secret}`, [space, certificate], "management"],
    [`kubernetes:core/v1:Service ${service}`, [crd, secret], "management"],
    [`kubernetes:${group} ${webhook}`, [manager, service, certificate], "management"],
  ]);
  const sentence = warn.mock.calls[0]?.[0] ?? "";
  expect(sentence).toMatch(
    /^Reading tests\/support\/manifests\/none.yaml failed: there is no such file/,
  );
  expect(named(own, "missing/bootstrap")?.inputs).toEqual({
    create: `echo '${sentence.replace("API's", `API'\\''s`)}' >&2; exit 1`,
  });
  const bundle = Buffer.from(`CA of ${certificate}`).toString("base64");
  expect(named(own, crd)?.inputs["spec"]).toEqual({
    conversion: { strategy: "Webhook", webhook: { clientConfig: { caBundle: bundle } } },
  });
  expect(named(own, manager)?.inputs["spec"]).toEqual({ args: ["--gates=A=false"] });
});

test("cert-manager comes first, and its Certificates stay", async () => {
  const { resources } = await recordResources(() => {
    const cluster = new ManagementCluster("management", kind);
    const whole = manifest("v1.2.3/core-components.yaml");
    const sources = { core: whole, bootstrap: empty, controlPlane: empty, infrastructure: empty };
    const certManager = manifest("cert-manager.yaml");
    return new ClusterApi("cluster-api", {
      ...clusterApi,
      sources: { ...sources, certManager },
      certificates: "cert-manager",
      mirrors: { "quay.io": "harbor.test/quay" },
      cluster,
    });
  });
  const own = resources.filter(({ parent }) => parent === "cluster-api");
  const manager = "Deployment/cert-manager/cert-manager-webhook";
  const validating = "ValidatingWebhookConfiguration/cert-manager-webhook";
  const [issuer, serving] = ["Issuer/capi-system/issuer", "Certificate/capi-system/serving"];
  const space = "Namespace/capi-system";
  const crd = "CustomResourceDefinition/things.example.org";
  expect(lives(own).map(([name, after]) => [String(name).split(" ")[1], after])).toEqual([
    [serving, [space]],
    [crd, [serving, issuer]],
    ["Deployment/capi-system/manager", [crd]],
    [manager, ["Namespace/cert-manager"]],
    [issuer, [space]],
    [space, [validating]],
    ["Namespace/cert-manager", []],
    ["Service/capi-system/webhook", [crd]],
    ["ValidatingWebhookConfiguration/cert-manager-webhook", [manager]],
    [
      "ValidatingWebhookConfiguration/validating",
      ["Deployment/capi-system/manager", "Service/capi-system/webhook"],
    ],
  ]);
  expect(JSON.stringify(named(own, manager)?.inputs)).toContain(
    '"image":"harbor.test/quay/jetstack/cert-manager-webhook:v1.2.3"',
  );
});

test("CAPX's fallback credentials are filled in, as a secret", async () => {
  const credentials = { username: "admin", password: 'a"b' };
  const { resources } = await recordResources(() => {
    const cluster = new ManagementCluster("management", kind);
    const sources = { core: empty, bootstrap: empty, controlPlane: empty };
    return new ClusterApi("cluster-api", {
      ...clusterApi,
      sources: { ...sources, infrastructure: manifest("capx.yaml") },
      prismCentral: { ...spec.prismCentral, credentials },
      cluster,
    });
  });
  const secret = named(resources, "Secret/capx-system/creds")?.inputs["stringData"];
  expect(secret).toEqual({
    credentials: { secret: '{ "username": "admin", "password": "a\\"b" }\n' },
  });
  const map = named(resources, "ConfigMap/capx-system/endpoint")?.inputs["data"];
  expect(map).toEqual({ endpoint: '{ "address": "pc.lab.example", "port": 9440 }\n' });
});
