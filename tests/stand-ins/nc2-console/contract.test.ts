// The console's contract, as Nutanix's reference v2 gives it: envelopes, tokens, clusters and their tasks.
import type { Json } from "../../support/prism-central";
import {
  AWS,
  AZURE,
  Nc2ConsoleUnderTest,
  ORGANIZATION,
  tokenWith,
} from "../../support/nc2-console";

const nc2 = new Nc2ConsoleUnderTest();
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

beforeAll(() => nc2.start());
beforeEach(() => nc2.reset());
afterAll(() => nc2.remove());

const wish = (name: string, changes: object = {}) => ({
  data: {
    name,
    organization_id: ORGANIZATION,
    cloud_account_id: AWS,
    region: "us-west-2",
    use_case: "general",
    license: "nci",
    aos_version: "7.3",
    capacity: [{ host_type: "i4i.metal", number_of_hosts: 3 }],
    network: { mode: "new", vpc_cidr: "10.78.0.0/22" },
    ...changes,
  },
});

async function running(name: string): Promise<string> {
  const task = await nc2.ended(await nc2.call("POST", "/clusters/aws", wish(name)));
  return task.cluster_id as string;
}

const statusOf = async (id: string): Promise<string> =>
  (await nc2.call("GET", `/clusters/${id}`)).data.data.status as string;

test("a cluster is created by a task that names it", async () => {
  const made = await nc2.call("POST", "/clusters/aws", wish("one"));
  expect([made.status, made.headers["location"]]).toEqual([202, `/tasks/${made.data.data.id}`]);
  expect(made.data.data).toMatchObject({
    id: expect.stringMatching(UUID),
    cluster_id: expect.stringMatching(UUID),
    kind: "kClusterCreate",
    display_name: "Create cluster",
    status: "not_started",
    status_details: null,
    ended_at: null,
  });
  const task = await nc2.ended(made);
  expect(task.status).toBe("done");
  const { data } = await nc2.call("GET", `/clusters/${task.cluster_id}`);
  expect(data.data).toMatchObject({
    id: task.cluster_id,
    name: "one",
    status: "running",
    description: null,
    organization_id: ORGANIZATION,
    cloud_account_id: AWS,
    region: "us-west-2",
    aos_version: "7.3",
    network: { mode: "new", vpc_cidr: "10.78.0.0/22" },
    capacity: [{ host_type: "i4i.metal", number_of_hosts: 3 }],
  });
  expect((data.data.hosts.data as Json[]).map(({ name, type }) => `${name} ${type}`)).toEqual([
    "host-1-1 i4i.metal",
    "host-1-2 i4i.metal",
    "host-1-3 i4i.metal",
  ]);
});

test("hibernating, resuming, resizing and terminating are tasks that move the status", async () => {
  const id = await running("one");
  await nc2.faults({ when: "k*", delay: 30 });
  const moves: [string, object, string, string][] = [
    ["hibernate", {}, "hibernating", "hibernated"],
    ["resume", {}, "resuming", "running"],
    ["update-capacity", { data: [{ host_type: "x", number_of_hosts: 4 }] }, "running", "running"],
    ["terminate", {}, "terminating", "terminated"],
  ];
  for (const [path, body, during, after] of moves) {
    const begun = await nc2.call("POST", `/clusters/${id}/${path}`, body);
    expect([path, await statusOf(id)]).toEqual([path, during]);
    expect([(await nc2.ended(begun)).status, await statusOf(id)]).toEqual(["done", after]);
  }
  const [cluster] = await nc2.clusters();
  expect([cluster.active, cluster.capacity]).toEqual([
    false,
    [{ host_type: "x", number_of_hosts: 4 }],
  ]);
  expect(await nc2.tasks()).toEqual([
    "kClusterCreate done",
    "kClusterHibernate done",
    "kClusterResume done",
    "kClusterUpdateCapacity done",
    "kClusterTerminate done",
  ]);
});

test.each([
  ["hibernate", "hibernating", "it must be running or hibernation_failed."],
  ["hibernate", "hibernated", "it must be running or hibernation_failed."],
  ["resume", "running", "it must be hibernated or resuming_failed."],
  ["terminate", "terminating", /it must be creating or .*\.$/],
  ["update-capacity", "hibernated", "it must be running."],
])("%s is refused while a cluster is %s", async (path, status, told) => {
  const id = await running("one");
  await nc2.setStatus(id, status);
  const body = path === "update-capacity" ? { data: [{ host_type: "x", number_of_hosts: 3 }] } : {};
  const refused = await nc2.call("POST", `/clusters/${id}/${path}`, body);
  expect(refused.status).toBe(400);
  expect(refused.data.errors.detail).toMatch(told);
  expect(refused.data.errors.detail).toMatch(`The cluster is ${status}; `);
});

test("a failed task says why, and leaves its cluster failed", async () => {
  await nc2.faults({ when: "kClusterCreate", fail: "No capacity for i4i.metal." });
  const task = await nc2.ended(await nc2.call("POST", "/clusters/aws", wish("one")));
  expect([task.status, task.status_details]).toEqual([
    "failed",
    { description: "No capacity for i4i.metal." },
  ]);
  expect(await statusOf(task.cluster_id as string)).toBe("creation_failed");
  const id = await running("two").catch(() => "");
  await nc2.faults({ when: "kClusterHibernate", end: "CANCELED" });
  const hibernated = await running("three");
  const cancelled = await nc2.ended(
    await nc2.call("POST", `/clusters/${hibernated}/hibernate`, {}),
  );
  expect([id === "", cancelled.status, await statusOf(hibernated)]).toEqual([
    false,
    "cancelled",
    "hibernation_failed",
  ]);
});

test.each<[string, object, string]>([
  ["no region", { region: undefined }, "data.region is missing."],
  ["another organization", { organization_id: "other" }, "organization_id other is not known."],
  [
    "another cloud's account",
    { cloud_account_id: AZURE },
    `cloud_account_id ${AZURE} is of azure.`,
  ],
  ["two hosts", { capacity: [{ host_type: "x", number_of_hosts: 2 }] }, "3 to 28 hosts"],
  [
    "no capacity",
    { capacity: [] },
    "data.capacity must be a list of { host_type, number_of_hosts }.",
  ],
])("a cluster with %s is refused", async (_what, changes, told) => {
  const refused = await nc2.call("POST", "/clusters/aws", wish("one", changes));
  expect([refused.status, await nc2.clusters()]).toEqual([400, []]);
  expect(refused.data.errors.detail).toContain(told);
});

test("clusters on Azure do not hibernate", async () => {
  const body = wish("one", { cloud_account_id: AZURE, prism_central: {} });
  const task = await nc2.ended(await nc2.call("POST", "/clusters/azure", body));
  const refused = await nc2.call("POST", `/clusters/${task.cluster_id}/hibernate`, {});
  expect([refused.status, refused.data.errors.detail]).toEqual([
    400,
    "Clusters on azure cannot hibernate.",
  ]);
});

test("lists are filtered, sorted and come in pages", async () => {
  for (const name of ["b", "a", "b"]) await running(name);
  const names = async (query: string) =>
    ((await nc2.call("GET", `/clusters?${query}`)).data.data as { name: string }[]).map(
      ({ name }) => name,
    );
  expect(await names("name=b")).toEqual(["b", "b"]);
  expect(await names("order_by=name&order=desc")).toEqual(["b", "b", "a"]);
  expect([await names("limit=2&page=1"), await names("limit=2&page=2")]).toEqual([
    ["b", "a"],
    ["b"],
  ]);
  expect(await names(`organization_id=${ORGANIZATION}&page=9`)).toEqual([]);
  expect((await nc2.call("GET", "/clusters?limit=101")).status).toBe(400);
  const [first] = await nc2.clusters();
  const { data } = await nc2.call("GET", `/tasks?cluster_id=${first.id}&status=done`);
  expect((data.data as { cluster_id: string }[]).map(({ cluster_id: id }) => id)).toEqual([
    first.id,
  ]);
});

test("a description is changed in place", async () => {
  const id = await running("one");
  const changed = await nc2.call("PATCH", `/clusters/${id}`, { data: { description: "ours" } });
  expect([changed.status, changed.data.data.description]).toEqual([200, "ours"]);
  const refused = await nc2.call("PATCH", `/clusters/${id}`, { data: { url_slug: "x" } });
  expect(refused.data.errors.detail).toBe("Changing url_slug is not simulated.");
});

const now = () => Math.floor(Date.now() / 1000);
test.each<[string, string, RegExp]>([
  ["none", "", /^There is no bearer token\.$/],
  ["one that is no JWT", "x.y.z", /kid is no API key/],
  ["another key's id", tokenWith({}, { kid: "other" }), /kid is no API key that is known\.$/],
  ["another secret", tokenWith({}, {}, "other"), /signature verification failed/],
  ["another algorithm", tokenWith({}, { alg: "HS256" }), /"alg" \(Algorithm\) .* not allowed/],
  ["another audience", tokenWith({ aud: "https://other" }), /unexpected "aud" claim value/],
  ["one that ended", tokenWith({ iat: now() - 400, exp: now() - 100 }), /"exp" claim timestamp/],
  ["one of tomorrow", tokenWith({ iat: now() + 86_400, exp: now() + 86_700 }), /"iat" claim/],
  ["one that is too old", tokenWith({ iat: now() - 400, exp: now() + 100 }), /too far in the past/],
  ["one without an end", tokenWith({ exp: undefined }), /missing required "exp" claim/],
])("a token is verified: %s", async (_what, token, told) => {
  const refused = await nc2.call("GET", "/clusters", undefined, token);
  expect([refused.status, Date.parse(String(refused.headers["date"])) > 0]).toEqual([401, true]);
  expect(refused.data.errors.detail).toMatch(told);
});

test("organizations and cloud accounts are those of the seed", async () => {
  const { data } = await nc2.call("GET", "/organizations");
  expect((data.data as Record<string, string>[]).map(({ id, name }) => [id, name])).toEqual([
    [ORGANIZATION, "lab"],
  ]);
  const accounts = await nc2.call("GET", `/organizations/${ORGANIZATION}/cloud-accounts`);
  expect(
    (accounts.data.data as Record<string, string>[]).map((one) => one["cloud_provider"]),
  ).toEqual(["amazon", "azure", "gcp"]);
});

test("what is not simulated is refused by name and counted", async () => {
  const host = await nc2.call("POST", "/clusters/some/condemn-host", {});
  expect([host.status, host.data]).toEqual([
    501,
    { errors: { detail: "POST /api/v2/clusters/some/condemn-host is not simulated." } },
  ]);
  const query = await nc2.call("GET", "/clusters?color=red");
  expect([query.status, query.data.errors.detail]).toEqual([
    501,
    "Query parameter color here is not simulated.",
  ]);
  const about = await nc2.call("GET", "/about", undefined, "");
  expect(about.data.notSimulated).toEqual({ "POST /api/v2/clusters/some/condemn-host": 1 });
  expect(about.data.routes).toContain("POST /clusters/:id/hibernate");
  expect((await nc2.call("GET", "/clusters/none")).status).toBe(404);
});

test("faults are data: statuses, lost answers, and none that mean nothing here", async () => {
  await nc2.faults({ when: "GET /api/v2/clusters", fail: 429, retryAfter: 7, times: 1 });
  const limited = await nc2.call("GET", "/clusters");
  expect([limited.status, limited.headers["retry-after"]]).toEqual([429, "7"]);
  await nc2.faults({ when: "POST /api/v2/clusters/aws", drop: { response: 0 } });
  await expect(nc2.call("POST", "/clusters/aws", wish("lost"))).rejects.toThrow(/hang up/);
  expect((await nc2.clusters()).map(({ name }) => String(name))).toEqual(["lost"]);
  const refused = await nc2.call("PUT", "/debug/faults", [{ when: "GET /api/", lag: 5 }]);
  expect([refused.status, refused.data.errors.detail]).toEqual([
    400,
    "Fault rule 1: lag means nothing here.",
  ]);
});
