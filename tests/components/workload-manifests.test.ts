import { controllerSecretText } from "../../components/workload-cluster/cloud-controller";
import { credentialsJson } from "../../components/workload-cluster/infrastructure";
import { allObjects, manifests } from "../../components/workload-cluster/manifests";
import type { Pool, WorkloadClusterSpec } from "../../components/workload-cluster/spec";
import { expectGolden, yamlOf } from "../support/golden";
import { shapes } from "../support/workload-shapes";
import { pool, spec } from "../support/workload-spec";

const secrets = { credentials: "[credentials]", cloudController: "[secret of the controller]" };
const objects = (changes: Partial<WorkloadClusterSpec> = {}) =>
  manifests({ ...spec, ...changes }, secrets);
const withPool = (changes: Partial<Pool>) => objects({ pools: [{ ...pool, ...changes }] });

test.each(Object.entries(shapes))("a workload cluster: %s", (name, changes) => {
  expectGolden(`workload-cluster/${name}.yaml`, yamlOf(allObjects(objects(changes))));
});

test.each<[string, Partial<Pool>, string[]]>([
  ["within bounds: the autoscaler's", {}, ["clusterName", "selector", "template"]],
  ["of a fixed size", { min: 2, max: 2 }, ["clusterName", "replicas", "selector", "template"]],
])("replicas of a pool %s", (_, changes, fields) => {
  const deployment = withPool(changes).pools[0]?.objects.object;
  expect(Object.keys(deployment?.["spec"] as object)).toEqual(fields);
});

test("a fixed pool is none of the autoscaler's", () => {
  const deployment = withPool({ min: 2, max: 2 }).pools[0]?.objects.object;
  expect(deployment?.metadata.annotations).toBeUndefined();
});

const named = (made: ReturnType<typeof objects>) => ({
  "control plane": made.controlPlane.template.metadata.name,
  workers: made.pools[0]?.objects.template.metadata.name,
  configuration: made.pools[0]?.objects.config.metadata.name,
});

const everything = ["control plane", "workers"];
test.each<[string, Partial<WorkloadClusterSpec>, string[]]>([
  ["nothing", {}, []],
  ["another subnet", { subnet: "Other" }, everything],
  ["another image", { image: { ...spec.image, imageName: "capx-v1.36.3-ffff" } }, everything],
  ["another version", { kubernetesVersion: "v1.36.4" }, everything],
  ["smaller workers", { pools: [{ ...pool, machine: spec.controlPlane.machine }] }, ["workers"]],
  ["more workers", { pools: [{ ...pool, max: 9 }] }, []],
  [
    "a label of Cluster API",
    { pools: [{ ...pool, labels: label("node.cluster.x-k8s.io/p") }] },
    [],
  ],
  [
    "a label of one's own",
    { pools: [{ ...pool, labels: label("tier") }] },
    ["workers", "configuration"],
  ],
  ["fewer pods a node", { pools: [{ ...pool, maxPods: 50 }] }, ["workers", "configuration"]],
  ["ssh keys", { sshKeys: ["ssh-ed25519 AAAA lab"] }, [...everything, "configuration"]],
  ["another name of the API server", { certSans: ["api.example"] }, ["control plane"]],
])("%s gives new names to what must be replaced", (_, changes, renamed) => {
  const [before, after] = [named(objects()), named(objects(changes))];
  const roles = Object.keys(before) as (keyof typeof before)[];
  expect(roles.filter((role) => before[role] !== after[role])).toEqual(renamed);
});

function label(key: string) {
  return { [key]: "x" };
}

test("references name the templates", () => {
  const { controlPlane, pools } = objects();
  const { template, config, object } = pools[0]!.objects;
  const text = JSON.stringify([controlPlane.object, object]);
  for (const each of [template, config, controlPlane.template])
    expect(text.split(`"name":"${each.metadata.name}"`).length).toBe(2);
});

test("a health check waits for a machine a minute longer than the autoscaler", () => {
  const [check] = withPool({ autoscaling: { maxNodeProvisionTime: "1h30m" } }).healthChecks;
  const { checks } = check!.object["spec"] as { checks: { nodeStartupTimeoutSeconds: number } };
  expect(checks.nodeStartupTimeoutSeconds).toBe(5400 + 60);
});

test("without kube-vip, the address is nothing that the machines hold", () => {
  const text = JSON.stringify(objects({ kubeVip: "none" }).controlPlane.object);
  expect(text).not.toContain("kube-vip");
});

test.each([
  [{ username: "admin", password: "word" }, "basic_auth"],
  [{ apiKey: "key" }, "api_key"],
])("credentials for CAPX: %j", (prismCentral, type) => {
  expect(JSON.parse(credentialsJson(prismCentral))).toEqual([
    { type, data: { prismCentral, prismElements: null } },
  ]);
});

test("the controller's Secret, as Cluster API applies it", () => {
  expect(controllerSecretText("[1]")).toBe(
    [
      "apiVersion: v1",
      "kind: Secret",
      "metadata:",
      "  name: nutanix-creds",
      "  namespace: kube-system",
      "stringData:",
      '  credentials: "[1]"',
      "",
    ].join("\n"),
  );
});
