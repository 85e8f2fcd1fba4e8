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
  expect(data.metadata.totalAvailableResults).toBe(2);
});

test("pages", async () => {
  const { data: clusters } = await prism.call("GET", "/api/clustermgmt/v4.2/config/clusters");
  const hosts = `/api/clustermgmt/v4.2/config/clusters/${clusters.data[0].extId}/hosts`;
  const second = await prism.call("GET", `${hosts}?$page=1&$limit=2`);
  expect(pick(second.data.data, (host): Json => host.hostName)).toEqual(["lab-pe-host-3"]);
  expect(second.data.metadata.totalAvailableResults).toBe(3);
});

const containers = "/api/clustermgmt/v4.2/config/storage-containers";

test.each([
  ["$limit=101", "$limit", "$limit must be between 1 and 100, not 101."],
  ["$limit=x", "$limit", '$limit must be a whole number, not "x".'],
  ["$filter=name~x", "$filter", '$filter is not understood at "~x".'],
  [
    "$filter=color eq 'x'",
    "$filter",
    "$filter cannot use color; it can use name, extId, containerExtId, clusterExtId, clusterName.",
  ],
  [
    "$orderby=color",
    "$orderby",
    "$orderby cannot use color; it can use name, extId, containerExtId, clusterExtId, clusterName.",
  ],
  ["$orderby=name up", "$orderby", '$orderby is not understood at "name up".'],
  ["$select=color", "$select", "$select cannot use color: there is no such property."],
  [
    "$sort=name",
    "$sort",
    "Query parameter $sort is unknown; known are $filter, $orderby, $select, $page, $limit.",
  ],
])("%s: 400 as a schema error", async (query, attributePath, message) => {
  const answer = await prism.call("GET", `${containers}?${query}`);
  expect([answer.status, answer.data.data]).toEqual([
    400,
    {
      $objectType: "clustermgmt.v4.error.ErrorResponse",
      $reserved: { $fv: "v4.r2" },
      $errorItemDiscriminator: "clustermgmt.v4.error.SchemaValidationError",
      error: {
        $objectType: "clustermgmt.v4.error.SchemaValidationError",
        $reserved: { $fv: "v4.r2" },
        error: "Bad Request",
        path: containers,
        statusCode: 400,
        timestamp: expect.stringMatching(/Z$/),
        validationErrorMessages: [
          {
            $objectType: "clustermgmt.v4.error.SchemaValidationErrorMessage",
            $reserved: { $fv: "v4.r2" },
            location: "@query",
            attributePath,
            message,
          },
        ],
      },
    },
  ]);
});

test.each([
  [`${containers}?$expand=cluster`, "Query parameter $expand is not simulated."],
  ["/api/clustermgmt/v4.2/config/clusters/x?y=1", "Query parameter y here is not simulated."],
])("%s: 501", async (path, message) => {
  const answer = await prism.call("GET", path);
  expect([answer.status, answer.data.data.error[0].message]).toEqual([501, message]);
});

test("what was selected, and what says which entity it is", async () => {
  const { data } = await prism.call("GET", `${containers}?$select=name,clusterName`);
  expect(data.data).toEqual([
    {
      $objectType: "clustermgmt.v4.config.StorageContainer",
      $reserved: { $fv: "v4.r2" },
      name: "default-container",
      clusterName: "lab-pe",
    },
  ]);
});

test("CAPX's lookup of a storage container by its name and its cluster's", async () => {
  const found = async (cluster: string): Promise<Json> => {
    const filter = `$filter=name eq 'default-container' and clusterName eq '${cluster}'`;
    return (await prism.call("GET", `${containers}?${filter}`)).data.metadata.totalAvailableResults;
  };
  expect([await found("lab-pe"), await found("other")]).toEqual([1, 0]);
});
