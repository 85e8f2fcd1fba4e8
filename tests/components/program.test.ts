import * as path from "node:path";
import { ManagementCluster } from "../../components/management-cluster";
import { ScalingTest } from "../../components/scaling-test";
import { SampleWorkload } from "../../components/sample-workload";
import { WorkloadCluster } from "../../components/workload-cluster";
import { recordResources, type Registration } from "../support/pulumi";
import { bare, pool, spec } from "../support/workload-spec";

process.chdir(path.join(__dirname, "..", ".."));

const kind = { name: "management", kubeconfigFile: ".lab/kubeconfig" };

const named = (resources: Registration[], name: string) =>
  resources.find((resource) => resource.name === name);

const kubectl = "kubectl --kubeconfig .lab/kubeconfig --context kind-management";

test("kind makes the management cluster, and all wait until it is ready", async () => {
  const { resources } = await recordResources(() => new ManagementCluster("management", kind));
  const cluster = "--name management --kubeconfig .lab/kubeconfig";
  expect(resources).toEqual([
    {
      type: "command:local:Command",
      name: "management",
      parent: "management",
      dependsOn: ["management-life"],
      inputs: {
        create: `kind create cluster ${cluster} --wait 120s`,
        delete: `kind delete cluster ${cluster}`,
        triggers: ["management", "", "id of management-life"],
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
        create: [
          "set -eu",
          "deadline=$(($(date +%s) + 120))",
          `until answer=$(${kubectl} get --raw /readyz --request-timeout 5s 2>&1); do`,
          '  if [ "$(date +%s)" -ge "$deadline" ]; then',
          "    echo 'Waiting for the management cluster of .lab/kubeconfig failed: '\"$answer\"" +
            `'. Look at it with: ${kubectl} get nodes' >&2`,
          "    exit 1",
          "  fi",
          "  sleep 1",
          "done",
          `${kubectl} wait node --all --for condition=Ready --timeout 120s >&2`,
          `uid=$(${kubectl} get namespace kube-system --output 'jsonpath={.metadata.uid}')`,
          'echo "# cluster $uid"',
          `${kubectl} config view --raw --minify --flatten`,
        ].join("\n"),
        logging: "none",
        triggers: ["id of management"],
      },
    },
    {
      type: "pulumi-nodejs:dynamic/kind:ClusterLife",
      name: "management-life",
      parent: "management",
      inputs: { cluster: "management", kubeconfigFile: ".lab/kubeconfig" },
    },
    {
      type: "pulumi:providers:kubernetes",
      name: "management-provider",
      parent: "management",
      dependsOn: ["management-kubeconfig"],
      inputs: expect.objectContaining({
        clusterIdentifier: "stdout of management-kubeconfig",
        kubeconfig: { secret: "stdout of management-kubeconfig" },
      }),
    },
  ]);
});

test("a cluster that exists is only read, and nothing goes with it", async () => {
  const given = { kubeconfig: "/home/me/.kube/config", context: "lab admin" };
  const { result, resources } = await recordResources(
    () => new ManagementCluster("management", { ...kind, ...given }),
  );
  expect(resources.map(({ name }) => name)).toEqual([
    "management",
    "management-kubeconfig",
    "management-provider",
  ]);
  const read = named(resources, "management-kubeconfig")?.inputs;
  expect(read?.["triggers"]).toEqual([]);
  expect(String(read?.["create"]).split("\n").at(-1)).toBe(
    "kubectl --kubeconfig /home/me/.kube/config --context 'lab admin' config view --raw --minify --flatten",
  );
  expect(result.lifetime).toBeUndefined();
});

test("the cluster's own identity tells it from another, and is no secret", async () => {
  const uid = "0a1b2c3d-0000-4000-8000-000000000001";
  const { resources } = await recordResources(
    () => new ManagementCluster("management", { ...kind, kubeconfig: "config" }),
    { "management-kubeconfig": { stdout: `# cluster ${uid}\napiVersion: v1\n` } },
  );
  expect(named(resources, "management-provider")?.inputs["clusterIdentifier"]).toBe(uid);
});

test("the Cluster is made after what it refers to; workers follow its control plane and go with it", async () => {
  const { resources } = await recordResources(() => {
    const management = new ManagementCluster("management", kind);
    return new WorkloadCluster("workload", {
      ...spec,
      ...bare,
      cni: "cilium",
      namespace: "lab",
      management,
    });
  });
  const own = resources.filter(({ parent }) => parent === "workload");
  const parts = ["cloud-controller", "cloud-controller-credentials", "cloud-controller-set"];
  const referred = [...parts, "credentials", "infrastructure"].map((role) => `workload-${role}`);
  const space = "Namespace/lab";
  const [cluster, config] = ["workload-cluster", "management-kubeconfig"];
  const rolled = "workload-rollout";
  const worker = "workload-pool-wmd";
  expect(own.map(({ name, dependsOn, deletedWith }) => [name, dependsOn, deletedWith])).toEqual([
    [space, undefined, "management"],
    ...parts.map((role) => [`workload-${role}`, [space], "management"]),
    [
      cluster,
      ["workload-control-plane", ...referred, `${worker}-config`, `${worker}-template`].sort(),
      undefined,
    ],
    ["workload-cni", undefined, cluster],
    ["workload-control-plane", [space, "workload-control-plane-template"], "management"],
    ["workload-control-plane-template", [space], "management"],
    ["workload-credentials", [space], "management"],
    ["workload-infrastructure", [space], "management"],
    ["workload-kubeconfig", [config, cluster], undefined],
    [worker, [`${worker}-config`, `${worker}-template`, rolled], cluster],
    [`${worker}-config`, [space], "management"],
    [`${worker}-rollout`, [config, worker], undefined],
    [`${worker}-template`, [space], "management"],
    ["workload-provider", [cluster, "workload-kubeconfig"], undefined],
    [rolled, [config, cluster], undefined],
    ["workload-wmd-health", [rolled], cluster],
  ]);
  expect(named(own, worker)?.ignoreChanges).toEqual(["spec.replicas"]);
  expect(own.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
});

test("the sample workload goes with the Cluster; the scaling test is told no credentials", async () => {
  const { result, resources } = await recordResources(() => {
    const management = new ManagementCluster("management", kind);
    const workload = new WorkloadCluster("workload", { ...spec, ...bare, management });
    const { machine } = pool;
    const args = { namespace: "sample", image: "lab/hello:0.1.0", share: 0.6, machine, workload };
    const sample = new SampleWorkload("sample", args);
    const profile = "lab-fast" as const;
    const budgets = { pending: 7 };
    const what = { run: true, replicas: 1, profile, budgets, report: "report.json", proves: ["x"] };
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
    profile: "lab-fast",
    budgets: { pending: 7 },
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
    create: "node --require ./providers/register.cjs scaling-test/main.ts",
    environment: {
      SCALING_TEST: JSON.stringify(settings),
      MANAGEMENT_KUBECONFIG: { secret: "stdout of management-kubeconfig" },
      WORKLOAD_KUBECONFIG: { secret: "stdout of workload-kubeconfig" },
    },
    triggers: [JSON.stringify(settings), "uid of workload-cluster", "x"],
  });
});
