// Every object of every shape of workload cluster is valid by the CRDs that Cluster API and CAPX publish.

import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { allObjects, manifests } from "../../components/workload-cluster/manifests";
import { KNOWN_GOOD } from "../../config/versions";
import { cacheFolders } from "../../toolchain/cache";
import { mistakesIn, type Schema } from "../support/structural-schema";
import { shapes } from "../support/workload-shapes";
import { spec } from "../support/workload-spec";

interface Definition {
  kind: string;
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

const caches = process.env["XDG_CACHE_HOME"] ?? path.join(process.env["HOME"] ?? "", ".cache");
const cache = process.env["LAB_CACHE"] ?? path.join(caches, "nutanix-serverless-lab");
const published = path.join(cacheFolders(cache).manifests, "cluster-api", KNOWN_GOOD[0].clusterApi);
const files = [
  ...["core", "bootstrap", "control-plane"].map((part) => `${published}/${part}-components.yaml`),
  path.join(__dirname, "..", "..", "manifests", "capx", "infrastructure-components.yaml"),
];

const schemas = new Map<string, Schema>();
beforeAll(() => {
  const objects = files.flatMap((file) =>
    parseAllDocuments(readFileSync(file, "utf8")).map((each) => each.toJS() as Definition | null),
  );
  for (const object of objects) {
    if (object?.kind !== "CustomResourceDefinition") continue;
    const { group, names, versions } = object.spec;
    for (const { name, served, schema } of versions)
      if (served) schemas.set(`${group}/${name} ${names.kind}`, schema.openAPIV3Schema);
  }
});

const secrets = { credentials: "[credentials]", cloudController: "[secret]" };

test.each(Object.entries(shapes))("%s", (_, changes) => {
  const custom = allObjects(manifests({ ...spec, ...changes }, secrets)).filter(({ apiVersion }) =>
    apiVersion.includes("cluster.x-k8s.io"),
  );
  expect(custom.length).toBeGreaterThan(6);
  const mistakes = custom.flatMap(({ apiVersion, kind, metadata, ...rest }) => {
    const { properties } = schemas.get(`${apiVersion} ${kind}`) ?? {};
    if (!properties) return [`${apiVersion} ${kind}: no such kind`];
    const name = `${kind} ${metadata.name} `;
    return Object.entries(rest).flatMap(([field, value]) =>
      mistakesIn(value, properties[field] ?? { type: "nothing" }, name + field),
    );
  });
  expect(mistakes).toEqual([]);
});

test("a field that is no field is found", () => {
  const schema = schemas.get("cluster.x-k8s.io/v1beta2 MachineHealthCheck")!.properties!["spec"]!;
  const value = { clusterName: 1, selector: {}, checks: { nodeStartupTimeout: "10m" } };
  expect(mistakesIn(value, schema, "spec")).toEqual([
    "spec.clusterName: integer, not string",
    "spec.checks.nodeStartupTimeout: unknown",
  ]);
});
