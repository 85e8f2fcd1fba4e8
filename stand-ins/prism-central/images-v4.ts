// v4 images: the same store, as CAPX looks images up. Creating one here needs a URL, a VM's disk or Objects Lite
// as its source, none of which is simulated; local files come by v3.
import { accepted, single, typed } from "./envelope";
import { findCategory } from "./categories";
import { invalid, notSimulated } from "./errors";
import { checkIfMatch, checkIfMatchGiven } from "./if-match";
import type { ImageRow, ImageStore } from "./image-store";
import { locations } from "./images-v3";
import { listed } from "./listing";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, itemsOf, param, textOf } from "./route";
import { extIdOf } from "./tasks";
import type { World } from "./world";

export function imageV4Routes(world: World, store: ImageStore): Route[] {
  const base = `/api/vmm/${V4}/content/images`;
  return [
    {
      method: "GET",
      path: base,
      handle: (call) =>
        listed(world.images, call, {
          view: (row) => view(world, row),
          filterable: ["name", "extId", "type"],
          bornAt: (row) => row.createTime,
        }),
    },
    {
      method: "POST",
      path: base,
      handle: (call) => {
        const source = fieldsOf(fieldsOf(call.body)["source"])["$objectType"];
        throw notSimulated(`An image from ${textOf(source) ?? "no source"}`);
      },
    },
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
    { method: "PUT", path: `${base}/:extId`, once: true, handle: (c) => update(world, store, c) },
    {
      method: "DELETE",
      path: `${base}/:extId`,
      once: true,
      handle: (call) => {
        checkIfMatchGiven(call, store.get(param(call, "extId")));
        return acceptedFor(store.remove(param(call, "extId")));
      },
    },
  ];
}

function update(world: World, store: ImageStore, call: Call): Reply {
  const row = store.get(param(call, "extId"));
  checkIfMatch(call, row);
  const body = fieldsOf(call.body);
  const categories = itemsOf(body["categoryExtIds"]).map((extId) => {
    const category = world.categories.get(String(extId));
    if (!category) throw invalid(`Category ${String(extId)} does not exist.`);
    return [category.key, category.value] as const;
  });
  const updated = store.update(row.extId, {
    name: textOf(body["name"]) ?? row.name,
    description: textOf(body["description"]) ?? "",
    categories: Object.fromEntries(categories),
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
    categoryExtIds,
    clusterLocationExtIds: locations(world, row),
    createTime: row.createTime,
    lastUpdateTime: row.lastUpdateTime,
  });
}
