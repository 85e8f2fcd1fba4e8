import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";

const prism = new PrismCentralUnderTest();
beforeAll(() => prism.start());
afterAll(() => prism.remove());

const CATEGORIES = "/api/prism/v4.2/config/categories";

test("a category is made at once, found, and deleted with its ETag", async () => {
  const body = { key: "KubernetesClusterName", value: "c1", description: "Managed by CAPX" };
  const made = await prism.call("POST", CATEGORIES, { body });
  const { extId } = made.data.data;
  const filter = "$filter=key eq 'KubernetesClusterName' and value eq 'c1'";
  const found = await prism.call("GET", `${CATEGORIES}?${filter}`);
  const got = await prism.call("GET", `${CATEGORIES}/${extId}`);
  const headers = { "if-match": String(got.headers["etag"]) };
  const deleted = await prism.call("DELETE", `${CATEGORIES}/${extId}`, { headers });
  const gone = await prism.call("GET", `${CATEGORIES}/${extId}`);
  expect([made.status, deleted.status, gone.status]).toEqual([201, 204, 404]);
  expect(found.data.data).toEqual([
    {
      $objectType: "prism.v4.config.Category",
      $reserved: { $fv: "v4.r2" },
      extId,
      ...body,
      type: "USER",
      ownerUuid: expect.stringMatching(/^[-0-9a-f]{36}$/),
    },
  ]);
});

test("a second one of the same key and value: 409", async () => {
  const body = { key: "team", value: "one" };
  await prism.call("POST", CATEGORIES, { body });
  const { status, data } = await prism.call("POST", CATEGORIES, { body });
  expect([status, data.data.error[0].errorGroup]).toEqual([409, "CATEGORY_ALREADY_EXISTS"]);
});

test("deleting without, with a malformed and with a stale ETag", async () => {
  const { data } = await prism.call("POST", CATEGORIES, { body: { key: "a", value: "b" } });
  const path = `${CATEGORIES}/${data.data.extId}`;
  const answers = await Promise.all([
    prism.call("DELETE", path),
    prism.call("DELETE", path, { headers: { "if-match": "x" } }),
    prism.call("DELETE", path, { headers: { "if-match": "YXBwbGljYXRpb24vanNvbg==:7" } }),
  ]);
  expect(answers.map((answer): Json => [answer.status, answer.data.data.error[0].code])).toEqual([
    [428, "PLAT-10004"],
    [412, "PLAT-10005"],
    [412, "VMM-30303"],
  ]);
});
