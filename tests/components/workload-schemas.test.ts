// Every object of every shape of workload cluster is valid by the CRDs that Cluster API and CAPX publish.

import { allObjects, manifests } from "../../components/workload-cluster/manifests";
import { isCustom, mistakesOfObject, publishedSchemas } from "../support/published-schemas";
import { mistakesIn } from "../support/structural-schema";
import { shapes } from "../support/workload-shapes";
import { spec } from "../support/workload-spec";

const schemas = publishedSchemas();
const secrets = { credentials: "[credentials]", cloudController: "[secret]" };

test.each(Object.entries(shapes))("%s", (_, changes) => {
  const custom = allObjects(manifests({ ...spec, ...changes }, secrets)).filter(isCustom);
  expect(custom.length).toBeGreaterThan(6);
  expect(custom.flatMap((object) => mistakesOfObject(object, schemas))).toEqual([]);
});

test("a field that is no field is found", () => {
  const schema = schemas.get("cluster.x-k8s.io/v1beta2 MachineHealthCheck")!.properties!["spec"]!;
  const value = { clusterName: 1, selector: {}, checks: { nodeStartupTimeout: "10m" } };
  expect(mistakesIn(value, schema, "spec")).toEqual([
    "spec.clusterName: integer, not string",
    "spec.checks.nodeStartupTimeout: unknown",
  ]);
});
