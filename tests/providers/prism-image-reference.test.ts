import { diff, create, read, update } from "../../providers/prism-image-reference/operations";
import type { Surroundings } from "../../providers/prism/surroundings";
import { PrismCentralUnderTest } from "../support/prism-central";

const prism = new PrismCentralUnderTest();
const here: Surroundings = {
  environment: { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "secret" },
  log: () => undefined,
  client: { clock: { sleep: () => new Promise((resolve) => setImmediate(resolve)) } },
};
const nowhere = "3f1c7a52-0000-4000-8000-000000000001";
const of = (wanted: { uuid?: string; name?: string }) => ({
  ...wanted,
  endpoint: { address: "127.0.0.1", port: prism.port, trustBundle: prism.trustBundle },
});

/** An image whose tasks have ended. */
async function image(name: string): Promise<string> {
  const { uuid } = await prism.image(name, Buffer.from(`the disk of ${name}`));
  await prism.settledImage(uuid);
  return uuid;
}

beforeAll(() => prism.start());
afterAll(() => prism.remove());

test("an image is found by name and by UUID, and seen to go", async () => {
  const uuid = await image("one");
  const byName = await create(of({ name: "one" }), here);
  const byUuid = await create(of({ uuid }), here);
  expect([byName, byUuid]).toEqual([
    { id: uuid, outs: { ...of({ name: "one" }), uuid } },
    { id: uuid, outs: of({ uuid }) },
  ]);
  expect(await read(uuid, byName.outs, here)).toEqual({ id: uuid, props: byName.outs });
  await prism.call("DELETE", `/api/nutanix/v3/images/${uuid}`);
  for (let tries = 0; tries < 200; tries += 1)
    if ((await read(uuid, byName.outs, here)).id === "") return;
  throw new Error("The image did not go.");
});

test("several images of one name are told apart by UUID", async () => {
  const uuids = [await image("two"), await image("two")];
  await expect(create(of({ name: "two" }), here)).rejects.toThrow(
    new RegExp(
      "^Looking up image two failed: Prism Central has 2 images of that name " +
        `\\((${uuids.join(", ")}|${[...uuids].reverse().join(", ")})\\)\\. Set image\\.uuid to one of them\\.$`,
    ),
  );
});

test.each([
  [
    { name: "none" },
    "Looking up image none failed: Prism Central has no image of that name. Upload it, or set image.file or image.url.",
  ],
  [
    { uuid: nowhere },
    `Looking up image ${nowhere} failed: Prism Central has no image of that UUID. ` +
      "Check image.uuid, and that prismCentral.address is a Prism Central, not a Prism Element.",
  ],
])("%j is not there", async (wanted, message) => {
  await expect(create(of(wanted), here)).rejects.toThrow(message);
});

test("an image without content is not used", async () => {
  const made = await prism.call("POST", "/api/nutanix/v3/images", {
    body: { spec: { name: "empty", resources: { image_type: "DISK_IMAGE" } }, metadata: {} },
  });
  const { uuid } = (made.data as { metadata: { uuid: string } }).metadata;
  await expect(create(of({ uuid }), here)).rejects.toThrow(
    `Using image ${uuid} failed: it is COMPLETE with 0 bytes. Wait until it is whole, or take another one.`,
  );
});

test("another wish looks again; another way to the same Prism Central is only written down", () => {
  const olds = { ...of({ name: "one" }), uuid: nowhere };
  const [same, moved, trusted] = [
    olds.endpoint,
    { ...olds.endpoint, address: "pc" },
    { ...olds.endpoint, trustBundle: "another" },
  ].map((endpoint) => diff(olds, { name: "one", endpoint }));
  expect(same).toEqual({ changes: false, replaces: [] });
  expect([moved, trusted]).toEqual([
    { changes: true, replaces: [] },
    { changes: true, replaces: [] },
  ]);
  expect(diff(olds, of({ name: "two" }))).toEqual({ changes: true, replaces: ["name"] });
  expect(diff(olds, of({ uuid: nowhere }))).toEqual({ changes: false, replaces: [] });
  const news = { name: "one", endpoint: { ...olds.endpoint, trustBundle: "another" } };
  expect(update(olds, news)).toEqual({ outs: { ...news, uuid: nowhere } });
});
