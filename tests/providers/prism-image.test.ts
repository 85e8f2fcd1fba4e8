import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageInputs, ImageOutputs } from "../../providers/prism-image/inputs";
import { check, diff } from "../../providers/prism-image/inputs";
import { create, read, remove, update } from "../../providers/prism-image/operations";
import type { Surroundings } from "../../providers/prism/surroundings";
import type { Json } from "../support/prism-central";
import { PrismCentralUnderTest } from "../support/prism-central";

const prism = new PrismCentralUnderTest();
const folder = mkdtempSync(join(tmpdir(), "prism-image-"));
const sourcePath = join(folder, "disk.img");
const content = "the disk";
const contentSha256 = createHash("sha256").update(content).digest("hex");
const V3 = "/api/nutanix/v3/images";

jest.setTimeout(60_000);

const lines: string[] = [];
const here: Surroundings = {
  environment: { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "secret" },
  log: (line) => lines.push(line),
  client: { clock: { sleep: () => new Promise((resolve) => setImmediate(resolve)) } },
};

beforeAll(async () => {
  await prism.start();
  writeFileSync(sourcePath, content);
  for (const value of ["one", "two"])
    await prism.call("POST", "/api/prism/v4.0/config/categories", { body: { key: "lab", value } });
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

const named = async (name: string): Promise<Json[]> => {
  const { data } = await prism.call("POST", `${V3}/list`, { body: { filter: `name==${name}` } });
  return data.entities as Json[];
};

test("create uploads, read finds, update changes in place, remove removes twice", async () => {
  const wish = inputs("life", { description: "first", categories: { lab: "one" } });
  const made = await create(wish, here);
  const there = await read(made.id, made.outs, here);
  const news = { ...wish, description: "second", categories: { lab: "two" } };
  const updated = await update(made.id, made.outs, { news, surroundings: here });
  const [image] = await named("life");
  await remove(made.id, updated.outs, here);
  await remove(made.id, updated.outs, here);
  expect(made).toEqual({
    id: image.metadata.uuid,
    outs: { ...wish, uuid: made.id, sizeBytes: content.length, contentSha256 },
  });
  expect(there).toEqual({ id: made.id, props: made.outs, inputs: wish });
  expect(updated.outs).toEqual({ ...made.outs, ...news });
  const { spec, metadata, status } = image;
  expect([spec.description, metadata.categories, metadata.spec_version, status.state]).toEqual([
    "second",
    { lab: "two" },
    1,
    "COMPLETE",
  ]);
  expect(await read(made.id, updated.outs, here)).toEqual({ id: "" });
});

test("read sees what others changed, but for what the program does not say", async () => {
  const made = await create(inputs("drift", { description: "ours" }), here);
  const { data } = await prism.call("GET", `${V3}/${made.id}`);
  const body = {
    spec: { ...data.spec, description: "theirs" },
    metadata: { ...data.metadata, categories: { lab: "one" } },
  };
  await prism.call("PUT", `${V3}/${made.id}`, { body });
  const there = await read(made.id, made.outs, here);
  expect(there.props).toEqual({ ...made.outs, description: "theirs" });
  expect(there.inputs).toEqual(inputs("drift", { description: "theirs" }));
  expect(diff(there.props!, inputs("drift", { description: "ours" }))).toEqual({
    changes: true,
    replaces: [],
    deleteBeforeReplace: true,
  });
});

test("an image of the same name and content is adopted and described, not made twice", async () => {
  const first = await create(inputs("same"), here);
  const second = await create(inputs("same", { description: "described" }), here);
  const images = await named("same");
  expect([second.id, images.length, images[0].spec.description]).toEqual([
    first.id,
    1,
    "described",
  ]);
  expect(lines).toContain(`Image same is there already: ${first.id}.`);
});

test("what a run that was cut off left behind is made anew", async () => {
  const resources = {
    image_type: "DISK_IMAGE",
    checksum: { checksum_algorithm: "SHA_256", checksum_value: contentSha256 },
  };
  const body = { spec: { name: "rest", resources }, metadata: { kind: "image" } };
  const { data } = await prism.call("POST", V3, { body });
  const made = await create(inputs("rest"), here);
  const images = await named("rest");
  expect(images.map(({ metadata, status }): unknown[] => [metadata.uuid, status.state])).toEqual([
    [made.id, "COMPLETE"],
  ]);
  expect(made.id).not.toBe(data.metadata.uuid);
});

test("an image is placed on the one Prism Element that is named, whatever its case", async () => {
  const made = await create(inputs("placed", { prismElement: "LAB-PE" }), here);
  const [image] = await named("placed");
  const clusters = await prism.call("GET", "/api/clustermgmt/v4.0/config/clusters");
  const { extId } = (clusters.data.data as Json[]).find(({ name }) => name === "lab-pe");
  expect(image.status.resources.current_cluster_reference_list).toEqual([
    { kind: "cluster", uuid: extId },
  ]);
  expect(made.outs.prismElementUuid).toBe(extId);
  const byUuid = inputs("placed", { prismElement: extId });
  expect(diff(made.outs, byUuid)).toEqual({
    changes: false,
    replaces: [],
    deleteBeforeReplace: true,
  });
});

test("an image is taken over by its uuid", async () => {
  const made = await create(inputs("theirs"), here);
  const wish = inputs("theirs", { importUuid: made.id, description: "ours now" });
  const imported = await create(wish, here);
  expect(imported).toEqual({ id: made.id, outs: { ...wish, ...facts(made.outs) } });
  expect(diff(imported.outs, inputs("theirs", { description: "ours now" })).changes).toBe(false);
  await expect(create({ ...wish, name: "another" }, here)).rejects.toThrow(
    `Importing image ${made.id} failed: it has name theirs instead of another. Correct the program, or import another image.`,
  );
  expect((await named("theirs")).length).toBe(1);
});

const facts = ({ uuid, sizeBytes, contentSha256: sha256 }: ImageOutputs) => ({
  uuid,
  sizeBytes,
  contentSha256: sha256,
});

test.each([
  ["an API key", { NUTANIX_API_KEY: "key-1" }, undefined],
  ["the stack's secret", {}, '{"username":"admin","password":"secret"}'],
  ["the stack's API key", {}, '{"apiKey":"key-1"}'],
  [
    "the environment before the stack",
    { NUTANIX_PASSWORD: "secret" },
    '{"username":"admin","password":"old"}',
  ],
])("%s is enough, and nothing of it is kept", async (_case, environment, stackAccess) => {
  const made = await create(inputs("access"), { ...here, environment, stackAccess });
  expect(made.outs).toEqual({ ...inputs("access"), ...facts(made.outs) });
});

describe("diff", () => {
  const same = {
    name: "n",
    sourcePath: "/a",
    imageType: "DISK_IMAGE",
    endpoint: { address: "127.0.0.1", port: 1 },
    replaceTrigger: "1",
  };
  const olds = { ...same, uuid: "u", sizeBytes: 1, contentSha256: "aa" };

  test.each([
    ["nothing", {}, false, [], true],
    ["the file's path", { sourcePath: "/b" }, true, [], true],
    ["trust", { endpoint: { address: "127.0.0.1", port: 1, insecure: true } }, true, [], true],
    ["the description", { description: "d" }, true, [], true],
    ["the categories", { categories: { a: "b" } }, true, [], true],
    ["the trigger", { replaceTrigger: "2" }, true, ["replaceTrigger"], true],
    ["the name", { name: "m" }, true, ["name"], false],
    ["the type", { imageType: "ISO_IMAGE" }, true, ["imageType"], true],
    ["the same hash, written otherwise", { sha256: "AA" }, false, [], true],
    ["the hash", { sha256: "bb" }, true, ["sha256"], true],
    ["the Prism Element", { prismElement: "p" }, true, ["prismElement"], true],
    ["the address", { endpoint: { address: "127.0.0.2", port: 1 } }, true, ["endpoint"], true],
  ])("%s", (_case, news, ...[changes, replaces, deleteBeforeReplace]) => {
    expect(diff(olds, { ...same, ...news })).toEqual({ changes, replaces, deleteBeforeReplace });
  });

  test("what is half-made is made anew", () => {
    expect(diff({ ...olds, sizeBytes: 0 }, same)).toEqual({
      changes: true,
      replaces: ["sourcePath"],
      deleteBeforeReplace: true,
    });
  });
});

test("check names all that can never be, and lets the unknown pass", () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const endpoint = { address: "pc", port: 9440, trustBundle: "/etc/ca.pem" };
  const bad = inputs("a,b", { imageType: "DISK", sha256: "abc", prismElement: "", endpoint });
  expect(check(bad).failures.map(({ reason }) => reason)).toEqual([
    'name is "a,b"; allowed is a text without comma and semicolon.',
    'imageType is "DISK"; allowed is DISK_IMAGE or ISO_IMAGE.',
    'sha256 is "abc"; allowed is a SHA-256: 64 digits and letters a to f.',
    'prismElement is ""; allowed is name or uuid of a Prism Element.',
    "endpoint is something else; allowed is an endpoint whose trustBundle holds certificates in PEM form.",
  ]);
  const good = inputs("a", { sha256: unknown });
  expect(check(good)).toEqual({ inputs: good, failures: [] });
});
