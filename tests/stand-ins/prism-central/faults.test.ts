import { Agent } from "node:https";
import axios from "axios";
import type { FaultRule } from "../../../stand-ins/prism-central/fault-rules";
import { readFaultRules } from "../../../stand-ins/prism-central/fault-rules";
import { Faults } from "../../../stand-ins/prism-central/faults";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";

const VMS = "/api/vmm/v4.2/ahv/config/vms";
const CATEGORIES = "/api/prism/v4.2/config/categories";
const ME = "/api/nutanix/v3/users/me";

const prism = new PrismCentralUnderTest();
let cluster: { extId: string };
beforeAll(async () => {
  await prism.start();
  const clusters = await prism.call("GET", "/api/clustermgmt/v4.2/config/clusters");
  cluster = { extId: clusters.data.data[0].extId };
});
afterAll(() => prism.remove());
afterEach(() => prism.call("DELETE", "/debug/faults"));

const rules = (...body: FaultRule[]) => prism.call("PUT", "/debug/faults", { body });
const createVm = (name: string) =>
  prism.call("POST", VMS, { body: { name, memorySizeBytes: 2 ** 30, cluster } });
const names = (answer: Json): string[] =>
  ((answer.data.data ?? []) as Json[]).map(({ name }) => String(name));
const codeOf = (error: unknown) => (error as { code?: string }).code;

test("429 says how long to wait and what the limit is", async () => {
  await rules({ when: "GET /api/vmm/*/ahv/config/vms$", fail: 429, retryAfter: 2, times: 1 });
  const { status, headers, data } = await prism.call("GET", VMS);
  expect([status, data.data.error[0].errorGroup]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
  expect(headers).toMatchObject({
    "retry-after": "2",
    "x-ratelimit-limit": "40",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "2",
  });
  expect((await prism.call("GET", VMS)).status).toBe(200);
});

test("an answer that is lost: the change was made all the same", async () => {
  const headers = { "ntnx-request-id": "11111111-1111-4111-8111-111111111111" };
  const body = { key: "lost", value: "answer" };
  for (const bytes of [0, 10]) {
    await rules({ when: `POST ${CATEGORIES}`, drop: { response: bytes }, times: 1 });
    const lost = await prism.call("POST", CATEGORIES, { headers, body }).catch(codeOf);
    expect(["ECONNRESET", "ERR_BAD_RESPONSE"]).toContain(lost);
  }
  expect((await prism.call("POST", CATEGORIES, { headers, body })).status).toBe(201);
  const found = await prism.call("GET", `${CATEGORIES}?$filter=key eq 'lost'`);
  expect(found.data.metadata.totalAvailableResults).toBe(1);
});

test("a request that is cut off: nothing was made", async () => {
  for (const bytes of [0, 5, 1000]) {
    await rules({ when: `POST ${CATEGORIES}`, drop: { request: bytes } });
    const body = { key: "cut", value: "request" };
    expect(await prism.call("POST", CATEGORIES, { body }).catch(codeOf)).toBe("ECONNRESET");
  }
  const found = await prism.call("GET", `${CATEGORIES}?$filter=key eq 'cut'`);
  expect(found.data.metadata.totalAvailableResults).toBe(0);
});

test("an upload that is cut off can be made again", async () => {
  await rules({ when: "PUT /api/nutanix/v3/images/", drop: { request: 70_000 }, times: 1 });
  const made = await prism.call("POST", "/api/nutanix/v3/images", {
    body: {
      spec: { name: "cut", resources: { image_type: "DISK_IMAGE" } },
      metadata: { kind: "image" },
    },
  });
  const uuid: string = made.data.metadata.uuid;
  const file = `/api/nutanix/v3/images/${uuid}/file`;
  const upload = {
    body: Buffer.alloc(200_000, 1),
    headers: { "content-type": "application/octet-stream" },
  };
  const lost = await prism.call("PUT", file, upload).catch(codeOf);
  expect(["ECONNRESET", "EPIPE"]).toContain(lost);
  const seen = await prism.settledImage(uuid);
  expect([seen.status.state, seen.status.message_list[0].message]).toEqual([
    "ERROR",
    "The upload was cut off.",
  ]);
  expect((await prism.call("PUT", file, upload)).status).toBe(200);
  const { status } = await prism.settledImage(uuid);
  expect([status.state, status.resources.size_bytes]).toEqual(["COMPLETE", 200_000]);
});

test("a slow body comes whole, and late", async () => {
  const { data: fast } = await prism.call("GET", ME);
  const bytes = Buffer.byteLength(JSON.stringify(fast));
  await rules({ when: `GET ${ME}`, slow: { response: bytes * 10 } });
  const start = performance.now();
  const { data } = await prism.call("GET", ME);
  expect(data).toEqual(fast);
  expect(performance.now() - start).toBeGreaterThan(50);
});

test("a delay before the request is looked at", async () => {
  await rules({ when: `GET ${ME}`, delay: 60 }, { when: "* /api/", delay: 20 });
  const start = performance.now();
  expect((await prism.call("GET", ME)).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(78);
});

test("a task that fails, one that hangs before its work, one that hangs after it", async () => {
  await rules(
    { when: "kVmCreate", fail: "No space left.", times: 1 },
    { when: "kVmCreate", hang: "before", skip: 1, times: 1 },
    { when: "k*", hang: "after", skip: 2, times: 1 },
  );
  const failed = await prism.task(await createVm("fails"));
  expect([failed.status, failed.errorMessages[0].message]).toEqual(["FAILED", "No space left."]);
  const hanging = [await createVm("never made"), await createVm("made")];
  await prism.task(await createVm("next"));
  const found = await prism.call("GET", VMS);
  expect(names(found)).toEqual(["made", "next"]);
  const statuses = await Promise.all(
    hanging.map(({ data }) =>
      prism.call("GET", `/api/prism/v4.2/config/tasks/${data.data.extId as string}`),
    ),
  );
  expect(statuses.map(({ data }) => data.data.status as string)).toEqual(["RUNNING", "RUNNING"]);
});

test("a session that ends", async () => {
  const login = await prism.call("GET", ME);
  const cookie = String(login.headers["set-cookie"]).split(";")[0]!;
  const later = { headers: { authorization: "", cookie } };
  expect((await prism.call("GET", ME, later)).status).toBe(200);
  await rules({ when: `GET ${ME}`, endSessions: true, times: 1 });
  expect((await prism.call("GET", ME, later)).status).toBe(401);
});

test("a list that lags does not show what is young; the entity itself can be read", async () => {
  await rules({ when: `GET ${VMS}$`, lag: 60_000 });
  const task = await prism.task(await createVm("young"));
  expect(names(await prism.call("GET", `${VMS}?$filter=name eq 'young'`))).toEqual([]);
  expect((await prism.call("GET", `${VMS}/${task.entitiesAffected[0].extId}`)).status).toBe(200);
  await rules({ when: `GET ${VMS}$`, lag: 0 });
  expect(names(await prism.call("GET", `${VMS}?$filter=name eq 'young'`))).toEqual(["young"]);
});

test("rules are counted, are shown in /about, and need credentials", async () => {
  const set = await rules({ when: `GET ${VMS}`, fail: 500, every: 2 });
  expect(set.data).toEqual({
    faults: [{ when: `GET ${VMS}`, fail: 500, every: 2, seen: 0, hit: 0 }],
  });
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await prism.call("GET", VMS)).status);
  expect(statuses).toEqual([200, 500, 200, 500]);
  const { data } = await prism.call("GET", "/about");
  expect(data.faults).toEqual([{ when: `GET ${VMS}`, fail: 500, every: 2, seen: 4, hit: 2 }]);
  const stranger = { headers: { authorization: "" }, body: [] };
  expect((await prism.call("PUT", "/debug/faults", stranger)).status).toBe(401);
});

test("the same seed draws the same faults; about as many as were asked for", () => {
  const drawn = () => {
    const faults = new Faults([{ when: "* /api/", fail: 429, probability: 0.1 }]);
    return Array.from({ length: 1000 }, () => !!faults.ofRequest({ method: "GET", path: "/api/" }));
  };
  expect(drawn()).toEqual(drawn());
  const hits = drawn().filter(Boolean).length;
  expect([hits > 70, hits < 130]).toEqual([true, true]);
});

test.each([
  [
    { when: "GET vms" },
    'when is "GET vms"; it must be like "POST /api/vmm/", "* /api/" or "kVmCreate".',
  ],
  [{ when: "kVmCreate", fail: 500 }, "fail is 500; it must be the error's message."],
  [{ when: "* /api/", fail: 200 }, "fail is 200; it must be a status from 400 to 599."],
  [
    { when: "kVmCreate", status: 500 },
    '"status" is unknown here; known are when, skip, times, every, probability, randomSeed, delay, fail, hang, end.',
  ],
  [
    { when: "* /api/", drop: 5 },
    "drop is 5; it must be { request: bytes } or { response: bytes }.",
  ],
])("a wrong rule %j", (rule, message) => {
  expect(() => readFaultRules([rule])).toThrow(`Fault rule 1: ${message}`);
});

test("a reset connection leaves the client able to go on", async () => {
  await rules({ when: `GET ${ME}`, drop: { response: 0 }, times: 1 });
  const httpsAgent = new Agent({ ca: prism.trustBundle, keepAlive: true });
  const ask = () =>
    axios.get(`${prism.server!.url}${ME}`, {
      httpsAgent,
      proxy: false,
      auth: { username: "admin", password: "secret" },
    });
  expect(await ask().catch(codeOf)).toBe("ECONNRESET");
  expect((await ask()).status).toBe(200);
  httpsAgent.destroy();
});
