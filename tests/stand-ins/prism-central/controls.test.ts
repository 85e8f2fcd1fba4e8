import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";
import { announcement } from "../../../stand-ins/prism-central/announcement";
import { checkSeed } from "../../../stand-ins/prism-central/seed-check";
import { SomeVms, VMS } from "./some-vms";

const prism = new PrismCentralUnderTest();
const vms = new SomeVms(prism);
beforeAll(async () => {
  await prism.start();
  await vms.lookAround();
});
afterAll(() => prism.remove());

test("events tell requests and tasks in their order; stats count them", async () => {
  const { data: before } = await prism.call("GET", "/debug/events");
  const after: number = (before.events as Json[]).at(-1).number;
  await vms.make("seen");
  const { data } = await prism.call("GET", `/debug/events?after=${after}&limit=4`);
  expect(
    (data.events as Json[]).map(({ kind, what, status }): Json => [kind, what, status]),
  ).toEqual([
    ["task", "kVmCreate", "QUEUED"],
    ["request", `POST ${VMS}`, "202"],
    ["task", "kVmCreate", "RUNNING"],
    ["task", "kVmCreate", "SUCCEEDED"],
  ]);
  const { routes } = (await prism.call("GET", "/debug/stats")).data;
  expect(routes["POST /api/vmm/:version/ahv/config/vms"]).toEqual({
    requests: 1,
    statuses: { "202": 1 },
    meanMilliseconds: expect.any(Number),
    maxMilliseconds: expect.any(Number),
  });
});

test("the next VMs get the ids that were asked for", async () => {
  const id = "11111111-2222-4333-8444-555555555555";
  await prism.call("PUT", "/debug/next-vm-ids", { body: [id] });
  const wrong = await prism.call("PUT", "/debug/next-vm-ids", { body: ["x"] });
  const made = [await vms.make("first"), await vms.make("second")];
  expect([wrong.status, made[0], made[1] === id]).toEqual([400, id, false]);
});

test("a task that waits can be cancelled, one that has ended cannot", async () => {
  await prism.call("PUT", "/debug/faults", { body: [{ when: "kVmCreate", delay: 60_000 }] });
  const asked = await prism.call("POST", VMS, { body: vms.body("never") });
  await prism.call("DELETE", "/debug/faults");
  const path = `/api/prism/v4.2/config/tasks/${asked.data.data.extId as string}`;
  const cancel = async () => (await prism.call("POST", `${path}/$actions/cancel`)).status;
  const statuses = [await cancel(), await cancel()];
  const task = await prism.task(asked);
  expect([statuses, task.status, task.isCancelable]).toEqual([[200, 400], "CANCELED", false]);
  const found = await prism.call("GET", `${VMS}?$filter=name eq 'never'`);
  expect(found.data.metadata.totalAvailableResults).toBe(0);
});

test("a reset leaves the seed's world", async () => {
  await prism.image("gone", Buffer.from("bytes"));
  await prism.call("POST", "/api/prism/v4.2/config/categories", { body: { key: "a", value: "b" } });
  expect((await prism.call("POST", "/debug/reset")).status).toBe(200);
  const { data } = await prism.call("GET", "/about");
  expect(data.counts).toEqual({
    categories: 0,
    clusters: 2,
    hosts: 3,
    images: 0,
    subnets: 2,
    tasks: 0,
    vms: 0,
    volumeGroups: 0,
  });
});

test("what the command says: a line for programs, lines for a shell", () => {
  const server = { url: "https://127.0.0.1:9440", port: 9440, caFile: "/data/ca.crt" };
  const seed = { users: [{ name: "admin", password: "it's" }], apiKeys: [] };
  expect(announcement("json", server, seed)).toBe(
    '{"ready":true,"url":"https://127.0.0.1:9440","ca":"/data/ca.crt"}\n',
  );
  expect(announcement("env", server, seed)).toBe(
    [
      "export NUTANIX_ENDPOINT=127.0.0.1",
      "export NUTANIX_PORT=9440",
      "export NUTANIX_USERNAME=admin",
      "export NUTANIX_PASSWORD='it'\\''s'",
      "export PRISM_CENTRAL_URL=https://127.0.0.1:9440",
      "export PRISM_CENTRAL_CA=/data/ca.crt",
      `export PRISM_CENTRAL_PID=${process.pid}`,
      "",
    ].join("\n"),
  );
});

test.each([
  [{ cluster: [] }, /^cluster is unknown; known are users, apiKeys, prismCentral, clusters, /],
  [{ projects: {} }, "projects is {}; it must be a list."],
  [{ subnets: [{ name: "x" }] }, "subnets[0].networkId is missing."],
  [{ users: [{ name: "x", password: 1 }] }, "users[0].password is 1; it must be text."],
  [
    {
      clusters: [
        {
          ...{ name: "pe", version: "7", hosts: [], storageContainers: [] },
          gpus: [{ name: "g", deviceId: 1, type: "FAST" }],
        },
      ],
    },
    'clusters[0].gpus[0].type is "FAST"; it must be PASSTHROUGH_COMPUTE or PASSTHROUGH_GRAPHICS or VIRTUAL.',
  ],
])("a wrong seed %j", (given, message) => {
  expect(() => checkSeed(given)).toThrow(message);
});
