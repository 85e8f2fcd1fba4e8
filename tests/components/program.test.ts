import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClusterApi } from "../../components/cluster-api";
import { ManagementCluster } from "../../components/management-cluster";
import { ScalingTest } from "../../components/scaling-test";
import { SampleWorkload } from "../../components/sample-workload";
import { WorkloadCluster } from "../../components/workload-cluster";
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

test("kind makes the management cluster", async () => {
  const { resources } = await recordResources(() => new ManagementCluster("management", kind));
  const cluster = "--name management --kubeconfig .lab/kubeconfig";
  expect(resources).toEqual([
    {
      type: "command:local:Command",
      name: "management",
      parent: "management",
      inputs: {
        create: `kind create cluster ${cluster} --wait 120s`,
        delete: `kind delete cluster ${cluster}`,
        triggers: ["management", ""],
      },
    },
    { type: "lab:index:ManagementCluster", name: "management", inputs: {} },
    {
      type: "command:local:Command",
      name: "management-kubeconfig",
      parent: "management",
      dependsOn: ["management"],
      additionalSecretOutputs: ["stdout"],
      inputs: {
        create: "cat .lab/kubeconfig",
        logging: "none",
        triggers: ["id of management"],
      },
    },
    {
      type: "pulumi:providers:kubernetes",
      name: "management-provider",
      parent: "management",
      dependsOn: ["management-kubeconfig"],
      inputs: expect.objectContaining({ clusterIdentifier: "id of management-kubeconfig" }),
    },
  ]);
});

test("a cluster that exists is only read, and nothing goes with it", async () => {
  const { result, resources } = await recordResources(
    () => new ManagementCluster("management", { ...kind, kubeconfig: "/home/me/.kube/config" }),
  );
  expect(resources.map(({ name }) => name)).toEqual([
    "management",
    "management-kubeconfig",
    "management-provider",
  ]);
  expect(result.lifetime).toBeUndefined();
});

test("Cluster API is made stage by stage, and goes with its cluster", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const { resources } = await recordResources(() => {
    const cluster = new ManagementCluster("management", kind);
    return new ClusterApi("cluster-api", {
      version: "v1.2.3",
      manifests: "tests/support/manifests",
      infrastructure: "tests/support/manifests/none.yaml",
      certificates: "self-signed",
      crdDescriptions: true,
      variables: { GATE: "false" },
      cluster,
    });
  });
  const own = resources.filter(({ parent }) => parent === "cluster-api");
  const missing = ["bootstrap-components.yaml", "control-plane-components.yaml", "none.yaml"].map(
    (file) => `missing/${file}`,
  );
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
  const read = "tests/support/manifests/v1.2.3/bootstrap-components.yaml";
  expect(warn.mock.calls[0]?.[0]).toBe(
    `Reading ${read} failed: there is no such file. Fill the manifests' cache, or set clusterApi.manifests.`,
  );
  const bundle = Buffer.from(`CA of ${certificate}`).toString("base64");
  expect(named(own, crd)?.inputs["spec"]).toEqual({
    conversion: { strategy: "Webhook", webhook: { clientConfig: { caBundle: bundle } } },
  });
  expect(named(own, manager)?.inputs["spec"]).toEqual({ args: ["--gates=A=false"] });
});

test("the Cluster is made last and deleted first; it takes its templates with it", async () => {
  const { resources } = await recordResources(() => {
    const management = new ManagementCluster("management", kind);
    return new WorkloadCluster("workload", { ...spec, namespace: "lab", management });
  });
  const own = resources.filter(({ parent }) => parent === "workload");
  const roles = ["control-plane", "control-plane-template", "credentials", "infrastructure"];
  const parts = [...roles, "worker-config", "worker-template", "workers"].map(
    (role) => `workload-${role}`,
  );
  const space = "Namespace/lab";
  expect(own.map(({ name, dependsOn, deletedWith }) => [name, dependsOn, deletedWith])).toEqual([
    [space, undefined, "management"],
    ["workload-cluster", parts, undefined],
    ["workload-control-plane", [space], "management"],
    ["workload-control-plane-template", [space], "management"],
    ["workload-credentials", [space], "management"],
    ["workload-infrastructure", [space], "management"],
    ["workload-kubeconfig", ["management-kubeconfig", "workload-cluster"], undefined],
    ["workload-provider", ["workload-cluster", "workload-kubeconfig"], undefined],
    ["workload-worker-config", [space], "management"],
    ["workload-worker-template", [space], "management"],
    ["workload-workers", [space], "management"],
  ]);
  expect(own.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name)).toEqual([
    "workload-control-plane-template",
    "workload-worker-config",
    "workload-worker-template",
  ]);
});

test("the sample workload goes with the Cluster; the scaling test is told no credentials", async () => {
  const { result, resources } = await recordResources(() => {
    const management = new ManagementCluster("management", kind);
    const workload = new WorkloadCluster("workload", { ...spec, management });
    const { machine } = spec.workers;
    const args = { namespace: "sample", image: "lab/hello:0.1.0", share: 0.6, machine, workload };
    const sample = new SampleWorkload("sample", args);
    const what = { run: true, replicas: 1, report: "report.json", proves: ["x"] };
    const { prismCentral: central } = spec;
    return new ScalingTest("test", {
      ...what,
      prismCentral: central,
      management,
      workload,
      sample,
    });
  });
  const settings = {
    cluster: "lab",
    namespace: "default",
    machineDeployment: "lab-wmd",
    workload: { namespace: "sample", deployment: "hello", service: "hello", port: 8080 },
    replicas: 1,
    prismCentral: { address: "pc.lab.example", port: 9440 },
    report: "report.json",
  };
  expect(JSON.parse(result.settings)).toEqual(settings);
  const own = resources.filter(({ parent }) => parent === "sample");
  expect(own.map(({ name, deletedWith }) => [name, deletedWith])).toEqual([
    ["sample-deployment", "workload-cluster"],
    ["sample-namespace", "workload-cluster"],
    ["sample-service", "workload-cluster"],
  ]);
  const run = resources.find(({ parent }) => parent === "test");
  expect(run?.inputs).toEqual({
    create: "node --import tsx scaling-test/main.ts",
    environment: {
      SCALING_TEST: JSON.stringify(settings),
      MANAGEMENT_KUBECONFIG: { secret: "stdout of management-kubeconfig" },
      WORKLOAD_KUBECONFIG: { secret: "stdout of workload-kubeconfig" },
    },
    triggers: [JSON.stringify(settings), "uid of workload-cluster", "x"],
  });
});
