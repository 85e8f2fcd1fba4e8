import { PrismCentralUnderTest } from "../../support/prism-central";

const prism = new PrismCentralUnderTest();
beforeAll(() => prism.start());
afterAll(() => prism.remove());

const ME = "/api/nutanix/v3/users/me";

test("a login gives a cookie that is enough for later v3 calls", async () => {
  const login = await prism.call("GET", ME);
  const cookie = String(login.headers["set-cookie"]).split(";")[0]!;
  const later = await prism.call("GET", ME, { headers: { authorization: "", cookie } });
  expect([login.status, cookie.split("=")[0], later.status, later.data.status.name]).toEqual([
    200,
    "NTNX_IGW_SESSION",
    200,
    "admin",
  ]);
});

test("v4 answers set no cookie", async () => {
  const { headers } = await prism.call("GET", "/api/vmm/v4.2/ahv/config/vms");
  expect(headers["set-cookie"]).toBeUndefined();
});

test("an API key is as good as a password", async () => {
  const headers = { authorization: "", "x-ntnx-api-key": "key-1" };
  const { data } = await prism.call("GET", ME, { headers });
  expect(data.status.name).toBe("robot");
});

test.each([
  ["no credentials", { authorization: "" }],
  ["a wrong password", { authorization: `Basic ${Buffer.from("admin:x").toString("base64")}` }],
  ["a wrong key", { authorization: "", "x-ntnx-api-key": "key-2" }],
  ["a stale cookie", { authorization: "", cookie: "NTNX_IGW_SESSION=gone" }],
])("%s: 401", async (_case, headers) => {
  const v3 = await prism.call("GET", ME, { headers });
  const v4 = await prism.call("GET", "/api/vmm/v4.2/ahv/config/vms", { headers });
  expect([v3.status, v4.status]).toEqual([401, 401]);
  expect(v3.data).toEqual({
    state: "ERROR",
    code: 401,
    message_list: [
      {
        reason: "AUTHENTICATION_REQUIRED",
        message: "Authentication required.",
        details: 'Basic realm="Intent Gateway Login Required"',
      },
    ],
    api_version: "3.1",
  });
});

test("each namespace says which version it speaks, without credentials", async () => {
  const { data } = await prism.call("OPTIONS", "/api/vmm/unversioned/info", {
    headers: { authorization: "" },
  });
  expect(data).toEqual({ data: "v4.2" });
});

test("what is not simulated answers 501 with its name, and is counted", async () => {
  const answer = await prism.call("POST", "/api/nutanix/v3/subnets?x=1", { body: {} });
  const about = await prism.call("GET", "/about");
  expect([answer.status, answer.data.message_list[0].message]).toEqual([
    501,
    "POST /api/nutanix/v3/subnets is not simulated.",
  ]);
  expect(about.data.notSimulated).toEqual({ "POST /api/nutanix/v3/subnets": 1 });
});
