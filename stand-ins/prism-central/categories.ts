// Categories: made at once (201, no task), deleted at once, refused while a VM or image carries them.
import { randomUUID } from "node:crypto";
import { single, typed } from "./envelope";
import { conflict, invalid, notFound } from "./errors";
import { checkIfMatch } from "./if-match";
import { listed } from "./listing";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, param, textOf } from "./route";
import type { CategoryRow, World } from "./world";

export function categoryRoutes(world: World): Route[] {
  const base = `/api/prism/${V4}/config/categories`;
  return [
    {
      method: "GET",
      path: base,
      handle: (call) =>
        listed(world.categories, call, {
          view: categoryView,
          filterable: ["key", "value", "extId", "type"],
          bornAt: (row) => row.createTime,
        }),
    },
    { method: "POST", path: base, once: true, handle: (call) => create(world, call) },
    {
      method: "GET",
      path: `${base}/:extId`,
      handle: (call) => {
        const row = categoryOf(world, call);
        return single(categoryView(row), row.version);
      },
    },
    {
      method: "DELETE",
      path: `${base}/:extId`,
      handle: (call) => {
        const row = categoryOf(world, call);
        checkIfMatch(call, row);
        refuseIfInUse(world, row);
        world.categories.delete(row.extId);
        return { status: 204 };
      },
    },
  ];
}

/** The category of that key and value, if there is one. */
export function findCategory(world: World, key: string, value: string): CategoryRow | undefined {
  return world.categories.find("key:value", `${key}:${value}`)[0];
}

function create(world: World, call: Call): Reply {
  const body = fieldsOf(call.body);
  const key = textOf(body["key"]);
  const value = textOf(body["value"]);
  if (key === undefined || value === undefined) throw invalid("A category needs key and value.");
  if (findCategory(world, key, value))
    throw conflict("CATEGORY_ALREADY_EXISTS", `Category ${key}:${value} already exists.`);
  const extId = randomUUID();
  const description = textOf(body["description"]);
  const row = world.categories.put(extId, {
    extId,
    key,
    value,
    version: 1,
    createTime: world.now().toISOString(),
    ...(description === undefined ? {} : { description }),
  });
  return single(categoryView(row), row.version, 201);
}

function categoryOf(world: World, call: Call): CategoryRow {
  const extId = param(call, "extId");
  const row = world.categories.get(extId);
  if (!row) throw notFound("category", extId);
  return row;
}

function refuseIfInUse(world: World, { extId, key, value }: CategoryRow): void {
  const vms = world.vms.count("categories/extId", extId);
  const images = world.images.count("categories", `${key}:${value}`);
  if (vms + images > 0)
    throw conflict("CATEGORY_IN_USE", `Category ${key}:${value} is in use by ${vms + images}.`);
}

function categoryView(row: CategoryRow): object {
  return typed("prism.v4.config.Category", {
    extId: row.extId,
    key: row.key,
    value: row.value,
    description: row.description,
    type: "USER",
  });
}
