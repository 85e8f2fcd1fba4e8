import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageInputs, Surroundings } from "../../providers/prism-image/operations";
import { create, diff, read, remove, update } from "../../providers/prism-image/operations";
import type { Json } from "../support/prism-central";
import { PrismCentralUnderTest } from "../support/prism-central";

const prism = new PrismCentralUnderTest({
  faults: [{ when: "PUT /api/nutanix/v3/images/", status: 500, skip: 100 }],
});
const folder = mkdtempSync(join(tmpdir(), "prism-image-"));
const sourcePath = join(folder, "disk.img");
const content = "the disk";
const sha256 = createHash("sha256").update(content).digest("hex");
const V3 = "/api/nutanix/v3/images";

const environment = { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "secret" };
const lines: string[] = [];
const here: Surroundings = {
  environment,
  log: (line) => lines.push(line),
  client: { clock: { sleep: () => new Promise((resolve) => setImmediate(resolve)) } },
};

beforeAll(async () => {
  await prism.start();
  writeFileSync(sourcePath, content);
});
afterAll(async () => {
  await prism.remove();
  rmSync(folder, { recursive: true });
});

const inputs = (name: string, changes: Partial<ImageInputs> = {}): ImageInputs => ({
  name,
  sourcePath,
  imageType: "DISK_IMAGE",
  endpoint: { address: "127.0.0.1", port: prism.port, trustBundle: prism.trustBundle },
  ...changes,
});

const named = async (name: string): Promise<Json> =>
  (await prism.call("POST", `${V3}/list`, { body: { filter: `name==${name}` } })).data.entities;

test("create uploads, read finds, update changes in place, remove removes twice", async () => {
  const made = await create(inputs("life"), here);
  const there = await read(made.id, made.outs, here);
  const news = inputs("life", { description: "changed" });
  const updated = await update(made.id, made.outs, { news, surroundings: here });
  const [image] = await named("life");
  await remove(made.id, updated.outs, here);
  await remove(made.id, updated.outs, here);
  const gone = await read(made.id, updated.outs, here);
  expect(made).toEqual({
    id: image.metadata.uuid,
    outs: { ...inputs("life"), uuid: made.id, sizeBytes: content.length, sha256 },
  });
  expect(there).toEqual({ id: made.id, props: made.outs });
  expect([image.spec.description, image.metadata.spec_version, image.status.state]).toEqual([
    "changed",
    1,
    "COMPLETE",
  ]);
  expect(gone.id).toBe("");
});

test("an image of the same name and content is adopted, not made twice", async () => {
  const first = await create(inputs("same"), here);
  const second = await create(inputs("same"), here);
  expect([second.id, (await named("same")).length]).toEqual([first.id, 1]);
});

test("an image of the same name and other content is left alone", async () => {
  const { uuid } = await prism.image("taken", Buffer.from("something else"));
  await expect(create(inputs("taken"), here)).rejects.toThrow(
    `Making image taken failed: Prism Central has that name already (${uuid}), with other content. Delete what is there, or give the image another name.`,
  );
  expect((await named("taken")).length).toBe(1);
});

test("a failed upload leaves nothing behind", async () => {
  const broken = new PrismCentralUnderTest({
    faults: [{ when: "PUT /api/nutanix/v3/images/", status: 500 }],
  });
  try {
    await broken.start();
    const endpoint = { address: "127.0.0.1", port: broken.port, insecure: true };
    await expect(create(inputs("half", { endpoint }), here)).rejects.toThrow(
      /^Uploading image half failed: PUT \/images\/.*\/file at Prism Central .* failed: it answered 500 .* The half-made image was deleted\.$/,
    );
    const { data } = await broken.call("POST", `${V3}/list`, { body: {} });
    expect(data.entities).toEqual([]);
  } finally {
    await broken.remove();
  }
});

test.each([
  [{}, {}, /There are no credentials for Prism Central/],
  [{ ...environment, NUTANIX_PASSWORD: "wrong" }, {}, /answered 401 .* Check NUTANIX_USERNAME/],
  [environment, { sha256: "0".repeat(64) }, /has SHA-256 .*, not 000/],
  [environment, { sourcePath: "/nowhere/disk.img" }, /ENOENT.* Build it first\.$/],
])("%j %j is refused with what to do", async (variables, changes, message) => {
  await expect(
    create(inputs("refused", changes), { ...here, environment: variables }),
  ).rejects.toThrow(message);
  expect(await named("refused")).toEqual([]);
});

test("an unknown CA says so, an API key is enough", async () => {
  const endpoint = { address: "127.0.0.1", port: prism.port };
  await expect(create(inputs("x", { endpoint }), here)).rejects.toThrow(
    /Give its CA as trustBundle, or set insecure\.$/,
  );
  const made = await create(inputs("by-key"), {
    ...here,
    environment: { NUTANIX_API_KEY: "key-1" },
  });
  expect((await named("by-key"))[0].metadata.uuid).toBe(made.id);
});

describe("diff", () => {
  const same = {
    name: "n",
    sourcePath: "/a",
    imageType: "DISK_IMAGE",
    endpoint: { address: "127.0.0.1", port: 1 },
    replaceTrigger: "1",
  };
  const olds = {
    ...same,
    uuid: "u",
    sizeBytes: 1,
    sha256: "aa",
  };

  test.each([
    ["nothing", {}, false, [], true],
    ["the file's path", { sourcePath: "/b" }, true, [], true],
    ["trust", { endpoint: { address: "127.0.0.1", port: 1, insecure: true } }, true, [], true],
    ["the trigger", { replaceTrigger: "2" }, true, ["replaceTrigger"], true],
    ["the name", { name: "m" }, true, ["name"], false],
    ["the hash", { sha256: "bb" }, true, ["sha256"], true],
    ["the address", { endpoint: { address: "127.0.0.2", port: 1 } }, true, ["endpoint"], true],
  ])("%s", (_case, news, ...[changes, replaces, deleteBeforeReplace]) => {
    expect(diff(olds, { ...same, ...news })).toEqual({ changes, replaces, deleteBeforeReplace });
  });
});
