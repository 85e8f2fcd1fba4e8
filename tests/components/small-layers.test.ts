import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { values } from "../../components/cluster-autoscaler";
import { typeToken } from "../../components/kubernetes-object";
import { sampleManifests } from "../../components/sample-workload";
import { shell } from "../../components/shell";
import { contentHash } from "../../components/content-hash";
import { expectGolden, yamlOf } from "../support/golden";

const machine = { sockets: 2, coresPerSocket: 1, memory: "4Gi", disk: "40Gi" };

test("the sample workload", () => {
  const args = { namespace: "sample", image: "lab/hello:0.1.0", share: 0.6, machine };
  expectGolden("sample-workload.yaml", yamlOf(Object.values(sampleManifests(args))));
});

test("the autoscaler's values", () => {
  const image = { repository: "registry.k8s.io/autoscaling/cluster-autoscaler", tag: "v1.36.1" };
  const args = { image, profile: "lab-fast" as const, cluster: "lab", namespace: "default" };
  expectGolden("cluster-autoscaler-values.yaml", yamlOf([values(args, "0f1e")]));
});

test.each([
  ["v1", "Secret", "kubernetes:core/v1:Secret"],
  ["apps/v1", "Deployment", "kubernetes:apps/v1:Deployment"],
  [
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
  ],
  ["cluster.x-k8s.io/v1beta2", "Cluster", "kubernetes:cluster.x-k8s.io/v1beta2:Cluster"],
])("%s %s is %s", (apiVersion, kind, token) => {
  expect(typeToken({ apiVersion, kind })).toBe(token);
});

test("values in a command line are quoted where a shell would read more into them", () => {
  expect(shell`cat ${"a/b.yaml"} ${"it's; rm"} ${3}`).toBe("cat a/b.yaml 'it'\\''s; rm' 3");
});

describe("the hash of an image", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "recipe-"));
    writeFileSync(path.join(folder, "a.hcl"), "source");
    writeFileSync(path.join(folder, "b.sh"), "step");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("stays while the content stays, wherever it lies", () => {
    const copy = mkdtempSync(path.join(tmpdir(), "recipe-"));
    writeFileSync(path.join(copy, "b.sh"), "step");
    writeFileSync(path.join(copy, "a.hcl"), "source");
    expect(contentHash([copy], ["v1"])).toBe(contentHash([folder], ["v1"]));
    rmSync(copy, { recursive: true });
  });

  test.each<[string, (place: string) => void, string[]]>([
    ["a changed file", (place) => writeFileSync(path.join(place, "b.sh"), "other"), ["v1"]],
    ["a new file", (place) => writeFileSync(path.join(place, "c.sh"), ""), ["v1"]],
    ["another pin", () => undefined, ["v2"]],
  ])("%s changes it", (_, change, pins) => {
    const before = contentHash([folder], ["v1"]);
    change(folder);
    expect(contentHash([folder], pins)).not.toBe(before);
  });
});
