import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";
import { SomeVms } from "./some-vms";

const prism = new PrismCentralUnderTest();
const vms = new SomeVms(prism);
const V3 = "/api/nutanix/v3/images";
const V4 = "/api/vmm/v4.2/content/images";
const content = "a disk from elsewhere";
const sha256 = createHash("sha256").update(content).digest("hex");
let elsewhere: Server;
let address: string;

beforeAll(async () => {
  await prism.start();
  await vms.lookAround();
  elsewhere = createServer((request, answer) => {
    if (request.url === "/moved") answer.writeHead(302, { location: "/disk" }).end();
    else if (request.url === "/away")
      answer.writeHead(302, { location: "http://192.0.2.1/" }).end();
    else if (request.url === "/disk") answer.end(content);
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => elsewhere.close(resolve));
  await prism.remove();
});

async function fromV3(resources: object): Promise<Json> {
  const body = {
    spec: { name: "fetched", resources: { image_type: "DISK_IMAGE", ...resources } },
    metadata: { kind: "image" },
  };
  return prism.call("POST", V3, { body });
}

const settled = async (made: Json): Promise<Json> => {
  const { status } = await prism.settledImage(String(made.data.metadata.uuid));
  return [status.state, status.resources.size_bytes, status.message_list?.[0].message];
};

test("v3 source_uri: http with a redirect, a file, and its checksum", async () => {
  const file = join(prism.dataDir, "disk.raw");
  writeFileSync(file, content);
  const checksum = { checksum_algorithm: "SHA_256", checksum_value: sha256 };
  const [http, local] = [
    await fromV3({ source_uri: `${address}/moved`, checksum }),
    await fromV3({ source_uri: pathToFileURL(file).href }),
  ];
  expect([await settled(http), await settled(local)]).toEqual([
    ["COMPLETE", content.length, undefined],
    ["COMPLETE", content.length, undefined],
  ]);
});

test("a source that fails leaves an image in ERROR that says why", async () => {
  const wrong = { checksum_algorithm: "SHA_256", checksum_value: "0".repeat(64) };
  const ways = [
    { source_uri: `${address}/none` },
    { source_uri: `${address}/away` },
    { source_uri: `${address}/disk`, checksum: wrong },
  ];
  const endings: Json[] = [];
  for (const way of ways) endings.push(await settled(await fromV3(way)));
  expect(endings).toEqual([
    ["ERROR", undefined, `Fetching ${address}/none failed: it answered 404.`],
    [
      "ERROR",
      undefined,
      "'http://192.0.2.1/' is not on this machine, and nothing else is fetched from.",
    ],
    [
      "ERROR",
      undefined,
      `Checksum mismatch: expected SHA_256 ${"0".repeat(64)}, received ${sha256}.`,
    ],
  ]);
});

test.each([
  ["http://192.0.2.1/disk", "is not on this machine, and nothing else is fetched from."],
  ["file://host/disk", "is not on this machine, and nothing else is fetched from."],
  ["nfs://127.0.0.1/disk", "is no http, https or file address."],
])("%s is never dialled", async (url, message) => {
  const answer = await fromV3({ source_uri: url });
  expect([answer.status, answer.data.message_list[0].message]).toEqual([
    422,
    `'${url}' ${message}`,
  ]);
});

test("v4: from an address, and from the disk of a VM that was made of it", async () => {
  const create = async (name: string, source: object): Promise<Json> => {
    const body = { $objectType: "vmm.v4.content.Image", name, type: "DISK_IMAGE", source };
    return prism.task(await prism.call("POST", V4, { body }));
  };
  const url = { $objectType: "vmm.v4.content.UrlSource", url: `${address}/disk` };
  const image: string = (await create("first", url)).entitiesAffected[0].extId;
  const dataSource = {
    reference: { $objectType: "vmm.v4.ahv.config.ImageReference", imageExtId: image },
  };
  const vm = await vms.make("cloned", { disks: [{ backingInfo: { dataSource } }] });
  const disk: string = (await vms.get(vm)).disks[0].extId;
  const copy = await create("second", { $objectType: "vmm.v4.content.VmDiskSource", extId: disk });
  const copied: string = copy.entitiesAffected[0].extId;
  const { data } = await prism.call("GET", `${V4}/${copied}`);
  expect([copy.status, data.data.sizeBytes, data.data.checksum.hexDigest]).toEqual([
    "SUCCEEDED",
    content.length,
    sha256,
  ]);
});

test("v3 lists: filters, order, and what is refused", async () => {
  for (const name of ["b-one", "a-two", "c-one"]) await prism.image(name, Buffer.from(name));
  const names = async (body: object): Promise<Json> => {
    const { status, data } = await prism.call("POST", `${V3}/list`, { body });
    if (status !== 200) return [status, data.message_list[0].message];
    return (data.entities as Json[]).map((entity): Json => entity.spec.name);
  };
  const order = { sort_attribute: "name", sort_order: "DESCENDING" };
  expect([
    await names({ kind: "image", filter: "name==.*-one", ...order }),
    await names({ filter: "name==a-two;image_type==DISK_IMAGE" }),
    await names({ filter: "name==a-two,name==b-one", length: 1, offset: 1, ...order }),
    await names({ filter: "name!=.*e.*;name==a.*" }),
    await names({ filter: "color==red" }),
    await names({ filter: "name~red" }),
    await names({ kind: "vm" }),
  ]).toEqual([
    ["c-one", "b-one"],
    ["a-two"],
    ["a-two"],
    ["a-two"],
    [422, "$filter cannot use color; it can use name, uuid, image_type, state."],
    [422, 'The filter is not understood at "name~red".'],
    [422, 'kind is "vm"; here it is "image".'],
  ]);
});
