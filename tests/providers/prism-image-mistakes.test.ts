// What people get wrong: one clear sentence each, with what to do, and nothing is left behind.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageInputs } from "../../providers/prism-image/inputs";
import { create, update } from "../../providers/prism-image/operations";
import { unreachable } from "../../providers/prism/errors";
import type { Surroundings } from "../../providers/prism/surroundings";
import { PrismCentralUnderTest } from "../support/prism-central";
import { Gateway } from "./gateway";

const prism = new PrismCentralUnderTest();
const folder = mkdtempSync(join(tmpdir(), "prism-image-mistakes-"));
const sourcePath = join(folder, "disk.img");
const content = "the disk";
const sha256 = createHash("sha256").update(content).digest("hex");
const V3 = "/api/nutanix/v3/images";
const UUID = "[0-9a-f-]{36}";

jest.setTimeout(60_000);

const here: Surroundings = {
  environment: { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "secret" },
  log: () => undefined,
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
afterEach(async () => {
  const { data } = await prism.call("POST", `${V3}/list`, { body: {} });
  const names = (data.entities as { spec: { name: string } }[]).map(({ spec }) => spec.name);
  expect(names.filter((name) => !name.startsWith("taken"))).toEqual([]);
});

const inputs = (changes: Partial<ImageInputs> = {}): ImageInputs => ({
  name: "refused",
  sourcePath,
  imageType: "DISK_IMAGE",
  endpoint: { address: "127.0.0.1", port: prism.port, trustBundle: prism.trustBundle },
  ...changes,
});

const refusalOf = (changes: Partial<ImageInputs>, surroundings = here) =>
  create(inputs(changes), surroundings).then(
    () => "nothing was refused",
    (error: unknown) => (error as Error).message.replace(/:\d+ failed/, ":PORT failed"),
  );

const LIST = "POST /images/list at Prism Central https://127.0.0.1:PORT failed: ";

test.each<[string, Surroundings["environment"], string]>([
  [
    "no credentials",
    {},
    "There are no credentials for Prism Central. Set NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, in the environment of pulumi, or give the stack a password: pulumi config set --secret --path prismCentral.password",
  ],
  [
    "a wrong password",
    { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "wrong-one" },
    `${LIST}it answered 401 (Authentication required.). Check NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, in the environment, or prismCentral.username and prismCentral.password of the stack.`,
  ],
])("%s", async (_case, environment, message) => {
  expect(await refusalOf({}, { ...here, environment })).toBe(message);
});

test("credentials of the stack that are no group are not quoted", async () => {
  const surroundings = { ...here, environment: {}, stackAccess: "hunter2" };
  expect(await refusalOf({}, surroundings)).toBe(
    "Reading the stack's credentials failed: prismCentral is no group of keys. Correct it in the stack's file.",
  );
});

test("a wrong host: unknown, deaf, without TLS, of other names", async () => {
  const deaf = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const { port } = deaf.address() as AddressInfo;
  const trust = { trustBundle: prism.trustBundle };
  const plain = await refusalOf({ endpoint: { address: "127.0.0.1", port, ...trust } });
  await new Promise((resolve) => deaf.close(resolve));
  const nobody = await refusalOf({ endpoint: { address: "127.0.0.1", port, ...trust } });
  const gateway = new Gateway(prism);
  const elsewhere = { address: "127.0.0.2", port: await gateway.start("127.0.0.2"), ...trust };
  const other = await refusalOf({ endpoint: elsewhere });
  await gateway.stop();
  expect(plain).toMatch(/That port does not speak TLS: check address and port\.$/);
  expect(nobody).toMatch(/ECONNREFUSED .*\. Nothing listens there: check address and port\.$/);
  expect(other).toMatch(
    /The certificate is for other names: use one of them as address, or set insecure\.$/,
  );
  const cause = Object.assign(new Error("getaddrinfo ENOTFOUND pc"), { code: "ENOTFOUND" });
  expect(unreachable("GET /x", cause).message).toBe(
    "GET /x failed: getaddrinfo ENOTFOUND pc. No such host is known: check address.",
  );
});

test("a certificate that nobody vouches for, unless the stack says insecure", async () => {
  const endpoint = { address: "127.0.0.1", port: prism.port };
  expect(await refusalOf({ endpoint })).toMatch(
    /certificate.* Give its CA as trustBundle, or set insecure\.$/,
  );
  const wrong = inputs({ endpoint: { ...endpoint, insecure: true }, sha256: "0".repeat(64) });
  await expect(create(wrong, here)).rejects.toThrow(/has SHA-256/);
});

test("a file that is missing, empty, or another one", async () => {
  const empty = join(folder, "empty.img");
  writeFileSync(empty, "");
  expect(await refusalOf({ sourcePath: "/nowhere/disk.img" })).toBe(
    "Reading the image file /nowhere/disk.img failed: ENOENT: no such file or directory, stat '/nowhere/disk.img'. Build it first, or correct its path.",
  );
  expect(await refusalOf({ sourcePath: empty })).toBe(
    `Making image refused failed: ${empty} is empty. Build it anew.`,
  );
  const other = "0".repeat(64);
  expect(await refusalOf({ sha256: other })).toBe(
    `Making image refused failed: the file ${sourcePath} has SHA-256 ${sha256}, not ${other}. Fetch it anew, or correct sha256.`,
  );
});

test("a name that is taken: by another image, and twice", async () => {
  const { uuid } = await prism.image("taken", Buffer.from("something else"));
  expect(await refusalOf({ name: "taken" })).toBe(
    `Making image taken failed: Prism Central has that name already (${uuid}), with other content. Delete what is there, or give the image another name.`,
  );
  await prism.image("taken", Buffer.from("something else again"));
  expect(await refusalOf({ name: "taken" })).toMatch(
    new RegExp(
      `^Making image taken failed: Prism Central has 2 images of that name \\(${UUID}, ${UUID}\\)\\. Delete them, or give this image another name\\.$`,
    ),
  );
});

test("a Prism Element that is none: Prism Central itself is none either", async () => {
  expect(await refusalOf({ prismElement: "lab-pc" })).toMatch(
    new RegExp(
      `^Finding the Prism Element lab-pc failed: 0 fit\\. Use a name or, where names are not unique, a uuid of lab-pe \\(${UUID}\\)\\.$`,
    ),
  );
});

test("a category that does not exist", async () => {
  expect(await refusalOf({ categories: { no: "such" } })).toBe(
    "POST /images at Prism Central https://127.0.0.1:PORT failed: it answered 422 (Category no:such does not exist.).",
  );
});

test("an image that somebody deleted cannot be changed", async () => {
  const uuid = "3f1c7a52-0000-4000-8000-000000000001";
  const olds = { ...inputs(), uuid, sizeBytes: 8, contentSha256: sha256 };
  const news = inputs({ description: "new" });
  await expect(update(uuid, olds, { news, surroundings: here })).rejects.toThrow(
    `Changing image refused failed: Prism Central has no image ${uuid} any more. Run pulumi refresh, then pulumi up.`,
  );
});
