import { randomUUID } from "node:crypto";
import type { Behaviour } from "../../../stand-ins/prism-central/behaviour";
import { readBehaviour } from "../../../stand-ins/prism-central/behaviour";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";
import { SomeVms, VMS } from "./some-vms";

const CATEGORIES = "/api/prism/v4.2/config/categories";

/** A Prism Central of that behaviour, for one test. */
async function behaving(
  behaviour: Partial<Behaviour>,
  test: (prism: PrismCentralUnderTest, vms: SomeVms) => Promise<void>,
): Promise<void> {
  const prism = new PrismCentralUnderTest({ behaviour });
  try {
    await prism.start();
    const vms = new SomeVms(prism);
    await vms.lookAround();
    await test(prism, vms);
  } finally {
    await prism.remove();
  }
}

const told = (answer: Json): unknown[] => [answer.status, answer.data.data.error[0].code];

test("a request id: missing, malformed, repeated while the first is under way", () =>
  behaving({}, async (prism, vms) => {
    const create = (id: string) =>
      prism.call("POST", VMS, { body: vms.body("once"), headers: { "ntnx-request-id": id } });
    const id = randomUUID();
    const answers = await Promise.all([create(id), create(id), create(id)]);
    const ids = answers.map(({ data }): Json => data.data.extId);
    expect([told(await create("")), told(await create("not-a-uuid")), new Set(ids).size]).toEqual([
      [400, "VMM-30400"],
      [400, "VMM-30401"],
      1,
    ]);
    await prism.task(answers[0]);
    expect((await prism.call("GET", VMS)).data.metadata.totalAvailableResults).toBe(1);
    const headers = { "ntnx-request-id": "" };
    const body = { key: "a", value: "b" };
    expect((await prism.call("POST", CATEGORIES, { body, headers })).status).toBe(201);
  }));

test("statuses that no public source settles are the seed's", () =>
  behaving(
    { missingIfMatch: 412, duplicateCategory: 400, requestIdRequired: false, capsLimit: true },
    async (prism, vms) => {
      const extId = await vms.make("one");
      const none = { "ntnx-request-id": "" };
      const path = `${VMS}/${extId}/$actions/power-on`;
      expect(told(await prism.call("POST", path, { headers: none }))).toEqual([412, "PLAT-10004"]);
      const body = { key: "a", value: "b" };
      await prism.call("POST", CATEGORIES, { body });
      expect((await prism.call("POST", CATEGORIES, { body })).status).toBe(400);
      expect((await prism.call("GET", `${VMS}?$limit=1000`)).status).toBe(200);
      const asked = await prism.call("POST", VMS, { body: vms.body("two"), headers: none });
      expect(asked.status).toBe(202);
    },
  ));

test("a VM that is seen at once, whose address is seen later, in lists that lag", () =>
  behaving({ showsVmAtOnce: true, addressDelay: 5000, listLag: 3000 }, async (prism, vms) => {
    const advance = (milliseconds: number) =>
      prism.call("POST", "/debug/clock", { body: { advance: milliseconds } });
    await prism.call("PUT", "/debug/faults", { body: [{ when: "kVmCreate", delay: 60_000 }] });
    const asked = await prism.call("POST", VMS, { body: vms.body("early", {}, ["lab-vms"]) });
    const path = `/api/prism/v4.2/config/tasks/${asked.data.data.extId as string}`;
    const { data } = await prism.call("GET", path);
    const extId: string = data.data.entitiesAffected[0].extId;
    const listed = async (): Promise<Json> =>
      (await prism.call("GET", VMS)).data.metadata.totalAvailableResults;
    expect([(await vms.get(extId)).powerState, await listed()]).toEqual(["OFF", 0]);
    await advance(61_000);
    await prism.task(asked);
    expect(await listed()).toBe(0);
    await advance(3001);
    expect(await listed()).toBe(1);
    await vms.act(extId, "power-on");
    const network = async (): Promise<Json> => (await vms.get(extId)).nics[0].nicNetworkInfo;
    expect((await network()).ipv4Info).toBeUndefined();
    await advance(5001);
    expect((await network()).ipv4Config.ipAddress.value).toBe("198.18.0.50");
  }));

test("a session ends after its seconds", () =>
  behaving({ sessionSeconds: 60 }, async (prism) => {
    const me = "/api/nutanix/v3/users/me";
    const login = await prism.call("GET", me);
    const cookie = String(login.headers["set-cookie"]).split(";")[0]!;
    const later = () => prism.call("GET", me, { headers: { authorization: "", cookie } });
    const statuses = [(await later()).status];
    await prism.call("POST", "/debug/clock", { body: { advance: 61_000 } });
    statuses.push((await later()).status);
    expect(statuses).toEqual([200, 401]);
  }));

test("a limit of requests tells how many are left, answers 429 beyond, and refills", () =>
  behaving({ requestsPerSecond: 50, vmCreatesPerSecond: 1 }, async (prism, vms) => {
    const first = await prism.call("GET", VMS);
    expect(first.headers).toMatchObject({
      "x-ratelimit-limit": "50",
      "x-ratelimit-reset": "1",
      "x-api-ratelimit-refresh-period-seconds": "1",
    });
    const create = () => prism.call("POST", VMS, { body: vms.body("x") });
    const answers = [await create(), await create()];
    expect(answers.map(({ status }) => status)).toEqual([202, 429]);
    expect(answers[1]!.headers).toMatchObject({ "retry-after": "1", "x-ratelimit-remaining": "0" });
    expect(answers[1]!.data.data.error[0].errorGroup).toBe("RATE_LIMIT_EXCEEDED");
    await prism.call("POST", "/debug/clock", { body: { advance: 1000 } });
    expect((await create()).status).toBe(202);
  }));

test("an ETag that is out of date once, and tasks that end oddly", () =>
  behaving({}, async (prism, vms) => {
    const extId = await vms.make("odd");
    const one = `GET ${VMS.replace("v4.2", "*")}/*`;
    await prism.call("PUT", "/debug/faults", {
      body: [
        { when: one, staleEtag: true, times: 1 },
        { when: "kVmPowerOn", end: "CANCELED", times: 1 },
        { when: "kVmPowerOn", end: "SUSPENDED", skip: 1, times: 1 },
        { when: "kVmPowerOn", end: "FAILED", skip: 2, times: 1 },
      ],
    });
    const stale = await vms.ask(extId, "power-on");
    expect(told(stale)).toEqual([412, "VMM-30303"]);
    const canceled = await vms.act(extId, "power-on");
    const suspended = await vms.ask(extId, "power-on");
    const failed = await vms.act(extId, "power-on");
    const path = `/api/prism/v4.2/config/tasks/${suspended.data.data.extId as string}`;
    const { status, completedTime } = (await prism.call("GET", path)).data.data;
    expect([canceled.status, status, completedTime, failed.status, failed.errorMessages]).toEqual([
      "CANCELED",
      "SUSPENDED",
      undefined,
      "FAILED",
      undefined,
    ]);
    expect(await vms.act(extId, "power-on")).toMatchObject({ status: "SUCCEEDED" });
  }));

test.each([
  [{ missingIfMatch: "x" }, 'missingIfMatch is "x"; it must be a number.'],
  [{ lag: 5 }, /^"lag" is unknown; known are apiVersion, missingIfMatch, /],
])("a wrong behaviour %j", (given, message) => {
  expect(() => readBehaviour(given)).toThrow(message);
});
