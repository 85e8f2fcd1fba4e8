// What is fetched, checked, kept and pinned, over HTTP on loopback and from files.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { readManifests } from "../../components/cluster-api/manifests";
import { fetchAll } from "../../lab/fetch";
import { stackConfig } from "../../lab/stack-values";

const CAPX = "kind: Namespace\n";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let folder: string;
let server: Server;
let address: string;
const asked: string[] = [];
const before = process.env["LAB_CACHE"];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "fetch-"));
  process.env["LAB_CACHE"] = path.join(folder, "cache");
  asked.length = 0;
  server = createServer((request, reply) => {
    asked.push(request.url ?? "");
    if (request.url === "/moved") reply.writeHead(302, { location: "/capx.yaml" }).end();
    else if (request.url === "/capx.yaml") reply.end(CAPX);
    else reply.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env["LAB_CACHE"];
  else process.env["LAB_CACHE"] = before;
});

/** A checkout with one stack, whose infrastructure is what `lines` say. */
function checkout(...lines: string[]): string {
  const text = [
    "# The stack's own words.",
    "config:",
    "  nutanix-serverless-lab:prismCentral: { address: pc.lab.test }",
    "  nutanix-serverless-lab:clusterApi:",
    "    infrastructure:",
    ...lines.map((line) => `      ${line}`),
    "  nutanix-serverless-lab:image: { name: node }",
    "  nutanix-serverless-lab:workloadCluster:",
    "    endpoint: { host: 10.0.0.9 }",
    "    prismElement: pe # where it is",
    "    subnet: vms",
    "",
  ].join("\n");
  writeFileSync(path.join(folder, "Pulumi.test.yaml"), text);
  return text;
}

const fetched = (pin = false) => fetchAll(folder, "test", { pin });
const source = () => stackConfig(folder, "test").clusterApi.sources.infrastructure;
const cached = () => {
  const cache = path.join(folder, "cache", "fetched");
  return existsSync(cache) ? readdirSync(cache) : [];
};

test("what has the pinned SHA-256 is kept, asked for once, and read from then on", async () => {
  const sum = sha256(CAPX);
  checkout(`url: ${address}/moved`, `sha256: ${sum}`);
  const file = path.join(folder, "cache", "fetched", sum);
  const item = {
    key: "clusterApi.infrastructure",
    url: `${address}/moved`,
    sha256: sum,
    path: file,
  };
  expect(await fetched()).toEqual([{ ...item, how: "fetched", pinned: false }]);
  expect(await fetched()).toEqual([{ ...item, how: "in the cache", pinned: false }]);
  expect(asked).toEqual(["/moved", "/capx.yaml"]);
  expect(readManifests(source(), "test")).toEqual([{ path: file, text: CAPX }]);
});

test("a broken file in the cache is fetched again", async () => {
  checkout(`url: ${address}/capx.yaml`, `sha256: ${sha256(CAPX)}`);
  const [{ path: file } = { path: "" }] = await fetched();
  writeFileSync(file, "half");
  expect((await fetched()).map(({ how }) => how)).toEqual(["fetched"]);
  expect(readFileSync(file, "utf8")).toBe(CAPX);
});

test("something else than what is pinned is refused and not kept", async () => {
  checkout(`url: ${address}/capx.yaml`, `sha256: ${sha256("other")}`);
  await expect(fetched()).rejects.toThrow(
    `Fetching ${address}/capx.yaml failed: its SHA-256 is ${sha256(CAPX)}, but clusterApi.infrastructure.sha256 is ` +
      `${sha256("other")}. Nothing was kept.`,
  );
  expect(cached()).toEqual([]);
});

test("what is not pinned is kept only by who pins it; the file's comments stay", async () => {
  const original = checkout(`url: ${address}/capx.yaml`);
  const sum = sha256(CAPX);
  await expect(fetched()).rejects.toThrow(
    `clusterApi.infrastructure.sha256 is not given, and what is not pinned is not kept. Compare ${sum} with`,
  );
  expect(cached()).toEqual([]);
  expect((await fetched(true)).map(({ how, pinned }) => [how, pinned])).toEqual([
    ["fetched", true],
  ]);
  expect(cached()).toEqual([sum]);
  const url = `      url: ${address}/capx.yaml\n`;
  expect(readFileSync(path.join(folder, "Pulumi.test.yaml"), "utf8")).toBe(
    original.replace(url, `${url}      sha256: ${sum}\n`),
  );
});

test("a file of this machine is taken like an address", async () => {
  const file = path.join(folder, "capx.yaml");
  writeFileSync(file, CAPX);
  checkout(`url: ${pathToFileURL(file).href}`, `sha256: ${sha256(CAPX)}`);
  expect((await fetched()).map(({ how }) => how)).toEqual(["fetched"]);
});

test.each([
  ["/none", /failed: HTTP 404\. Look at the address/],
  [":1/", /failed: .*(ECONNREFUSED|Invalid URL).*\. Look at the address/],
])("an address that has nothing says so: %s", async (rest, sentence) => {
  checkout(`url: ${rest.startsWith(":") ? `http://127.0.0.1${rest}x` : address + rest}`);
  await expect(fetched(true)).rejects.toThrow(sentence);
});

test("a stack that is not there names those that are", async () => {
  checkout("url: file:///none");
  await expect(fetchAll(folder, "other", { pin: false })).rejects.toThrow(
    "Reading the settings of stack other failed: there is no Pulumi.other.yaml. Choose one of test, or write",
  );
});
