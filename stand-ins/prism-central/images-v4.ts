// v4 images: the same store as v3's, as CAPX looks images up. New ones come from an address, a VM's disk, or Objects
// Lite, which is not simulated; local files come by v3.
import { accepted, single, typed } from "./envelope";
import { findCategory } from "./categories";
import { invalid, notSimulated } from "./errors";
import type { Properties } from "./filter-match";
import { checkIfMatch, checkIfMatchGiven } from "./if-match";
import type { ImageSource } from "./image-source";
import { checkUrl } from "./image-source";
import type { Checksum, ImageRow, ImageStore, ImageType } from "./image-store";
import { locations } from "./images-v3";
import { listed } from "./listing";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, itemsOf, param, textOf } from "./route";
import { extIdOf } from "./tasks";
import { uuidFor } from "./uuid";
import type { World } from "./world";

const TYPES: readonly unknown[] = ["DISK_IMAGE", "ISO_IMAGE"];

const PROPERTIES: Properties<ImageRow> = {
  name: (row) => row.name,
  extId: (row) => row.extId,
  type: (row) => row.imageType,
  description: (row) => row.description,
  sizeBytes: (row) => row.content?.sizeBytes ?? 0,
  createTime: (row) => row.createTime,
  lastUpdateTime: (row) => row.lastUpdateTime,
};

export function imageV4Routes(world: World, store: ImageStore): Route[] {
  const base = `/api/vmm/${V4}/content/images`;
  return [
    {
      method: "GET",
      path: base,
      query: "list",
      handle: (call) =>
        listed(world.images, call, {
          view: (row) => view(world, row),
          properties: PROPERTIES,
          bornAt: (row) => row.createTime,
        }),
    },
    { method: "POST", path: base, once: "required", handle: (c) => create(world, store, c) },
    {
      method: "GET",
      path: `${base}/:extId`,
      handle: (call) => {
        const row = store.get(param(call, "extId"));
        return single(view(world, row), row.version);
      },
    },
    {
      method: "GET",
      path: `${base}/:extId/file`,
      handle: (call) => ({
        status: 200,
        body: store.read(param(call, "extId")),
        headers: { "content-type": "application/octet-stream" },
      }),
    },
    {
      method: "PUT",
      path: `${base}/:extId`,
      once: "required",
      handle: (call) => update(world, store, call),
    },
    {
      method: "DELETE",
      path: `${base}/:extId`,
      once: "optional",
      handle: (call) => {
        checkIfMatchGiven(call, store.get(param(call, "extId")));
        return acceptedFor(store.remove(param(call, "extId")));
      },
    },
  ];
}

function create(world: World, store: ImageStore, call: Call): Reply {
  const body = fieldsOf(call.body);
  const name = textOf(body["name"]);
  if (name === undefined) throw invalid("An image needs name.", "name");
  if (!TYPES.includes(body["type"])) throw invalid("type must be DISK_IMAGE or ISO_IMAGE.", "type");
  const description = textOf(body["description"]);
  const expected = checksum(fieldsOf(body["checksum"]));
  const row = store.create({
    name,
    imageType: body["type"] as ImageType,
    source: source(fieldsOf(body["source"])),
    categories: categories(world, body["categoryExtIds"]),
    placement: placement(world, body["clusterLocationExtIds"]),
    user: call.user,
    ...(description === undefined ? {} : { description }),
    ...(expected ? { expected } : {}),
  });
  return acceptedFor(row);
}

function source(given: Record<string, unknown>): ImageSource {
  const type = textOf(given["$objectType"])?.split(".").at(-1);
  if (type === undefined) throw invalid("An image needs a source with its $objectType.", "source");
  if (type === "UrlSource") return urlSource(given);
  if (type !== "VmDiskSource") throw notSimulated(`An image from ${type}`);
  const extId = textOf(given["extId"]);
  if (extId === undefined) throw invalid("source needs the disk's extId.", "source.extId");
  return { kind: "vmDisk", extId };
}

function urlSource(given: Record<string, unknown>): ImageSource {
  const auth = fieldsOf(given["basicAuth"]);
  const username = textOf(auth["username"]);
  const password = textOf(auth["password"]);
  return {
    kind: "url",
    url: checkUrl(String(given["url"])),
    isInsecure: given["shouldAllowInsecureUrl"] === true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

function checksum(given: Record<string, unknown>): Checksum | undefined {
  const type = textOf(given["$objectType"])?.split(".").at(-1);
  if (type === undefined) return undefined;
  const algorithm = { ImageSha1Checksum: "SHA_1", ImageSha256Checksum: "SHA_256" } as const;
  if (!(type in algorithm)) throw invalid(`${type} is no checksum.`, "checksum");
  return {
    algorithm: algorithm[type as keyof typeof algorithm],
    value: String(given["hexDigest"]),
  };
}

function categories(world: World, extIds: unknown): Record<string, string> {
  const pairs = itemsOf(extIds).map((extId) => {
    const category = world.categories.get(String(extId));
    if (!category) throw invalid(`Category ${String(extId)} does not exist.`, "categoryExtIds");
    return [category.key, category.value] as const;
  });
  return Object.fromEntries(pairs);
}

function placement(world: World, extIds: unknown): string[] {
  return itemsOf(extIds).map((extId) => {
    if (world.clusters.get(String(extId))?.kind !== "AOS")
      throw invalid(`Cluster ${String(extId)} does not exist.`, "clusterLocationExtIds");
    return String(extId);
  });
}

function update(world: World, store: ImageStore, call: Call): Reply {
  const row = store.get(param(call, "extId"));
  checkIfMatch(call, row);
  const body = fieldsOf(call.body);
  if (body["type"] !== undefined && body["type"] !== row.imageType)
    throw invalid("The type of an image cannot be changed.", "type");
  const updated = store.update(row.extId, {
    name: textOf(body["name"]) ?? row.name,
    description: textOf(body["description"]) ?? "",
    categories: categories(world, body["categoryExtIds"]),
  });
  return acceptedFor(updated);
}

function acceptedFor(row: ImageRow): Reply {
  return accepted(extIdOf(row.taskUuids.at(-1) ?? ""));
}

function view(world: World, row: ImageRow): object {
  const categoryExtIds = Object.entries(row.categories).flatMap(
    ([key, value]) => findCategory(world, key, value)?.extId ?? [],
  );
  return typed("vmm.v4.content.Image", {
    extId: row.extId,
    name: row.name,
    description: row.description,
    type: row.imageType,
    sizeBytes: row.content?.sizeBytes ?? 0,
    ...(row.content && {
      checksum: typed("vmm.v4.content.ImageSha256Checksum", { hexDigest: row.content.sha256 }),
    }),
    ...(row.source && { source: sourceView(row.source) }),
    categoryExtIds,
    clusterLocationExtIds: locations(world, row),
    ownerExtId: uuidFor("user", row.user),
    createTime: row.createTime,
    lastUpdateTime: row.lastUpdateTime,
  });
}

function sourceView(given: ImageSource): object {
  if (given.kind === "vmDisk") return typed("vmm.v4.content.VmDiskSource", { extId: given.extId });
  const { url, isInsecure = false } = given;
  return typed("vmm.v4.content.UrlSource", { url, shouldAllowInsecureUrl: isInsecure });
}
