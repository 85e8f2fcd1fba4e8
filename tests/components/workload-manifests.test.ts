import {
  credentialsJson,
  manifests,
  type WorkloadClusterSpec,
} from "../../components/workload-cluster/manifests";
import { expectGolden, yamlOf } from "../support/golden";
import { spec } from "../support/workload-spec";

const objects = (changes: Partial<WorkloadClusterSpec> = {}) =>
  manifests({ ...spec, ...changes }, "[credentials]");

const nameOf = ({ metadata }: { metadata: { name: string } }) => metadata.name;

test("a workload cluster on premises", () => {
  expectGolden("workload-cluster/onprem.yaml", yamlOf(Object.values(objects())));
});

test("a workload cluster behind a floating IP, with keys, trust bundle and phases left out", () => {
  const changed = objects({
    vip: "192.168.10.10",
    endpoint: { host: "10.78.2.20", port: 6443 },
    cloudProvider: "none",
    skipPhases: ["addon/coredns", "addon/kube-proxy"],
    sshKeys: ["ssh-ed25519 AAAA lab"],
    prismCentral: { ...spec.prismCentral, trustBundle: "-----BEGIN CERTIFICATE-----\n" },
  });
  expectGolden("workload-cluster/floating-ip.yaml", yamlOf(Object.values(changed)));
});

test("the MachineDeployment has no replicas: they are the autoscaler's", () => {
  expect(Object.keys(objects().workers["spec"] as object)).toEqual([
    "clusterName",
    "selector",
    "template",
  ]);
});

test.each<[string, Partial<WorkloadClusterSpec>, string[]]>([
  ["nothing", {}, []],
  ["another subnet", { subnet: "Other" }, ["controlPlaneTemplate", "workerTemplate"]],
  [
    "another image",
    { image: { ...spec.image, imageName: "capx-embedded-v1.36.3-ffff" } },
    ["controlPlaneTemplate", "workerTemplate"],
  ],
  [
    "smaller workers",
    { workers: { ...spec.workers, machine: spec.controlPlane.machine } },
    ["workerTemplate"],
  ],
  ["more workers", { workers: { ...spec.workers, max: 9 } }, []],
  ["ssh keys", { sshKeys: ["ssh-ed25519 AAAA lab"] }, ["workerConfig"]],
])("%s gives new names to what must be replaced", (_, changes, renamed) => {
  const [before, after] = [objects(), objects(changes)];
  const roles = Object.keys(before) as (keyof typeof before)[];
  expect(roles.filter((role) => nameOf(before[role]) !== nameOf(after[role]))).toEqual(renamed);
});

test("references name the templates", () => {
  const { workers, controlPlane, workerTemplate, workerConfig, controlPlaneTemplate } = objects();
  const text = JSON.stringify([workers, controlPlane]);
  for (const template of [workerTemplate, workerConfig, controlPlaneTemplate])
    expect(text.split(`"name":"${nameOf(template)}"`).length).toBe(2);
});

test.each([
  [{ username: "admin", password: "word" }, "basic_auth"],
  [{ apiKey: "key" }, "api_key"],
])("credentials for CAPX: %j", (prismCentral, type) => {
  expect(JSON.parse(credentialsJson(prismCentral))).toEqual([
    { type, data: { prismCentral, prismElements: null } },
  ]);
});
