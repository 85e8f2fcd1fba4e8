// v3 images: create, upload the bytes, read, list, change, delete. This is how a local file gets into Prism
// Central: v4 has no upload of raw bytes.
import type { ChecksumAlgorithm, Checksum, ImageRow, ImageStore, ImageType } from "./image-store";
import { conflict, invalid, notSimulated, unprocessable } from "./errors";
import { findCategory } from "./categories";
import type { Properties } from "./filter-match";
import type { ImageSource } from "./image-source";
import { checkUrl } from "./image-source";
import type { Call, Reply, Route } from "./route";
import { fieldsOf, header, itemsOf, param, textOf } from "./route";
import { v3Listed } from "./v3-list";
import type { World } from "./world";

const BASE = "/api/nutanix/v3/images";
const IMAGE_TYPES: readonly unknown[] = ["DISK_IMAGE", "ISO_IMAGE"];
const ALGORITHMS: readonly unknown[] = ["SHA_1", "SHA_256"];

const PROPERTIES: Properties<ImageRow> = {
  name: (row) => row.name,
  uuid: (row) => row.extId,
  image_type: (row) => row.imageType,
  state: (row) => row.state,
};

export function imageV3Routes(world: World, store: ImageStore): Route[] {
  return [
    { method: "POST", path: BASE, handle: (call) => create(world, store, call) },
    {
      method: "POST",
      path: `${BASE}/list`,
      handle: (call) =>
        v3Listed(world.images, call, {
          kind: "image",
          view: (row) => view(world, row),
          properties: PROPERTIES,
          bornAt: (row) => row.createTime,
        }),
    },
    {
      method: "GET",
      path: `${BASE}/:uuid`,
      handle: (call) => ({ status: 200, body: view(world, store.get(param(call, "uuid"))) }),
    },
    { method: "PUT", path: `${BASE}/:uuid`, handle: (call) => update(world, store, call) },
    {
      method: "DELETE",
      path: `${BASE}/:uuid`,
      handle: (call) => {
        const row = store.remove(param(call, "uuid"));
        const status = { state: row.state, execution_context: { task_uuid: row.taskUuids.at(-1) } };
        const metadata = { kind: "image" };
        return { status: 202, body: { status, spec: "", metadata, api_version: "3.1" } };
      },
    },
    {
      method: "PUT",
      path: `${BASE}/:uuid/file`,
      handle: async (call) => {
        await store.receive(param(call, "uuid"), call.stream, headerChecksum(call));
        return { status: 200, body: {} };
      },
    },
    {
      method: "GET",
      path: `${BASE}/:uuid/file`,
      handle: (call) => ({
        status: 200,
        body: store.read(param(call, "uuid")),
        headers: { "content-type": "application/octet-stream" },
      }),
    },
  ];
}

function create(world: World, store: ImageStore, call: Call): Reply {
  const body = fieldsOf(call.body);
  const spec = fieldsOf(body["spec"]);
  const resources = fieldsOf(spec["resources"]);
  if (!("metadata" in body)) throw unprocessable("'metadata' is a required property");
  const name = textOf(spec["name"]);
  if (name === undefined) throw unprocessable("'name' is a required property");
  const source = sourceOf(resources);
  const description = textOf(spec["description"]);
  const expected = specChecksum(resources["checksum"]);
  const row = store.create({
    name,
    imageType: imageType(resources["image_type"]),
    categories: categories(world, body["metadata"]),
    placement: placement(world, resources["initial_placement_ref_list"]),
    user: call.user,
    ...(source ? { source } : {}),
    ...(description === undefined ? {} : { description }),
    ...(expected ? { expected } : {}),
  });
  const answer = view(world, row);
  // The answer to a create has one task as a string; later reads have the list.
  const status = { ...answer.status, execution_context: { task_uuid: row.taskUuids[0] } };
  return { status: 202, body: { ...answer, status } };
}

function update(world: World, store: ImageStore, call: Call): Reply {
  const body = fieldsOf(call.body);
  const spec = fieldsOf(body["spec"]);
  const metadata = fieldsOf(body["metadata"]);
  const row = store.get(param(call, "uuid"));
  if (metadata["spec_version"] !== row.version)
    throw conflict("CONCURRENT_REQUESTS_NOT_ALLOWED", "Edit conflict: please retry change.");
  const type = fieldsOf(spec["resources"])["image_type"];
  if (type !== undefined && type !== row.imageType)
    throw unprocessable("The type of an image cannot be changed.");
  const updated = store.update(row.extId, {
    name: textOf(spec["name"]) ?? row.name,
    description: textOf(spec["description"]) ?? "",
    categories: categories(world, metadata),
  });
  return { status: 202, body: view(world, updated) };
}

function sourceOf(resources: Record<string, unknown>): ImageSource | undefined {
  const url = textOf(resources["source_uri"]);
  const reference = fieldsOf(resources["data_source_reference"]);
  const extId = textOf(reference["uuid"]);
  if (url !== undefined) return { kind: "url", url: checkUrl(url) };
  if (extId === undefined) return undefined;
  if (reference["kind"] !== "vm_disk")
    throw notSimulated(`An image from a ${String(reference["kind"])}`);
  return { kind: "vmDisk", extId };
}

function placement(world: World, list: unknown): string[] {
  return itemsOf(list).map((item) => {
    const uuid = String(fieldsOf(item)["uuid"]);
    if (world.clusters.get(uuid)?.kind !== "AOS")
      throw unprocessable(`The cluster ${uuid} of initial_placement_ref_list does not exist.`);
    return uuid;
  });
}

/** An image as v3 shows it. */
function view(world: World, row: ImageRow) {
  const resources = {
    image_type: row.imageType,
    ...(row.source?.kind === "url" && { source_uri: row.source.url }),
    ...(row.source?.kind === "vmDisk" && {
      data_source_reference: { kind: "vm_disk", uuid: row.source.extId },
    }),
    ...(row.expected && {
      checksum: {
        checksum_algorithm: row.expected.algorithm,
        checksum_value: row.expected.value,
      },
    }),
  };
  return {
    api_version: "3.1",
    metadata: {
      kind: "image",
      uuid: row.extId,
      name: row.name,
      spec_version: row.version,
      categories: row.categories,
      creation_time: row.createTime,
      last_update_time: row.lastUpdateTime,
    },
    spec: { name: row.name, description: row.description, resources },
    status: {
      state: row.state,
      name: row.name,
      description: row.description,
      ...(row.message !== undefined && {
        message_list: [{ reason: "IMAGE_ERROR", message: row.message }],
      }),
      resources: { ...resources, ...contentView(world, row) },
      execution_context: { task_uuid: row.taskUuids },
    },
  };
}

function contentView(world: World, row: ImageRow): object {
  if (!row.content) return {};
  return {
    size_bytes: row.content.sizeBytes,
    retrieval_uri_list: [`${BASE}/${row.extId}/file`],
    current_cluster_reference_list: locations(world, row).map((uuid) => ({
      kind: "cluster",
      uuid,
    })),
  };
}

/** The clusters that have the image. */
export function locations(world: World, row: ImageRow): string[] {
  if (!row.content) return [];
  if (row.placement.length > 0) return row.placement;
  const elements = world.clusters.all().filter((cluster) => cluster.kind === "AOS");
  return elements.map((cluster) => cluster.extId);
}

function imageType(value: unknown): ImageType {
  if (!IMAGE_TYPES.includes(value)) throw unprocessable(`'${String(value)}' is no image_type`);
  return value as ImageType;
}

function categories(world: World, metadata: unknown): Record<string, string> {
  const given = fieldsOf(fieldsOf(metadata)["categories"]) as Record<string, string>;
  const missing = Object.entries(given).find(([key, value]) => !findCategory(world, key, value));
  if (missing) throw unprocessable(`Category ${missing.join(":")} does not exist.`);
  return given;
}

function specChecksum(value: unknown): Checksum | undefined {
  if (value === undefined) return undefined;
  const fields = fieldsOf(value);
  return checksum(fields["checksum_algorithm"], fields["checksum_value"]);
}

function headerChecksum(call: Call): Checksum | undefined {
  const type = header(call, "x-nutanix-checksum-type");
  const bytes = header(call, "x-nutanix-checksum-bytes");
  if (type === undefined && bytes === undefined) return undefined;
  if (type === undefined || bytes === undefined)
    throw invalid("X-Nutanix-Checksum-Type and X-Nutanix-Checksum-Bytes belong together.");
  return checksum(type, bytes);
}

function checksum(algorithm: unknown, value: unknown): Checksum {
  if (!ALGORITHMS.includes(algorithm))
    throw unprocessable(`'${String(algorithm)}' is no checksum algorithm`);
  return { algorithm: algorithm as ChecksumAlgorithm, value: String(value) };
}
