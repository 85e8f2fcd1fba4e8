import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";

const prism = new PrismCentralUnderTest();
beforeAll(() => prism.start());
afterAll(() => prism.remove());

const pick = (items: Json, fields: (item: Json) => unknown): unknown[] =>
  (items as Json[]).map(fields);

test("clusters: the Prism Elements and Prism Central itself", async () => {
  const { data } = await prism.call("GET", "/api/clustermgmt/v4.2/config/clusters");
  const summary = pick(data.data, (cluster): unknown => [
    cluster.$objectType,
    cluster.name,
    cluster.config.clusterFunction,
    cluster.config.clusterSoftwareMap[0].softwareType,
  ]);
  expect(summary).toEqual([
    ["clustermgmt.v4.config.Cluster", "lab-pe", ["AOS"], "NOS"],
    ["clustermgmt.v4.config.Cluster", "lab-pc", ["PRISM_CENTRAL"], "PRISM_CENTRAL"],
  ]);
});

test("a filter as the SDK writes it finds one subnet; of an empty list `data` is left out", async () => {
  const subnets = "/api/networking/v4.0/config/subnets";
  const found = await prism.call("GET", `${subnets}?%24filter=name+eq+%27lab-vms%27&%24page=0`);
  const none = await prism.call("GET", `${subnets}?%24filter=name+eq+%27x%27`);
  expect(pick(found.data.data, (subnet): Json => subnet.name)).toEqual(["lab-vms"]);
  expect(none.data).toEqual({
    $reserved: { $fv: "v4.r2" },
    metadata: {
      $objectType: "common.v1.response.ApiResponseMetadata",
      $reserved: { $fv: "v4.r2" },
      flags: [],
      totalAvailableResults: 0,
    },
  });
});

test("a filter on a property without an index", async () => {
  const { data } = await prism.call(
    "GET",
    "/api/networking/v4.2/config/subnets?$filter=subnetType eq 'VLAN'",
  );
  expect(data.metadata.totalAvailableResults).toBe(1);
});

test("pages", async () => {
  const { data: clusters } = await prism.call("GET", "/api/clustermgmt/v4.2/config/clusters");
  const hosts = `/api/clustermgmt/v4.2/config/clusters/${clusters.data[0].extId}/hosts`;
  const second = await prism.call("GET", `${hosts}?$page=1&$limit=2`);
  expect(pick(second.data.data, (host): Json => host.hostName)).toEqual(["lab-pe-host-3"]);
  expect(second.data.metadata.totalAvailableResults).toBe(3);
});

test.each([
  ["$limit=101", 400, "$limit must be between 1 and 100, not 101."],
  ["$limit=x", 400, '$limit must be a whole number, not "x".'],
  ["$filter=name~x", 400, '$filter is not understood at "~x".'],
  [
    "$filter=color eq 'x'",
    400,
    "$filter cannot use color; it can use name, clusterExtId, containerExtId.",
  ],
  ["$orderby=name", 501, "Query parameter $orderby is not simulated."],
])("%s: %i", async (query, status, message) => {
  const answer = await prism.call(
    "GET",
    `/api/clustermgmt/v4.2/config/storage-containers?${query}`,
  );
  expect([answer.status, answer.data.data.$objectType, answer.data.data.error[0].message]).toEqual([
    status,
    "clustermgmt.v4.error.ErrorResponse",
    message,
  ]);
});
