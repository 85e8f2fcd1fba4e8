// Categories: made at once (201, no task), deleted at once, refused while a VM or image carries them.
import { randomUUID } from "node:crypto";
import { page, single, typed } from "./envelope";
import { conflict, invalid, notFound } from "./errors";
import type { Properties } from "./filter-match";
import { checkIfMatch } from "./if-match";
import { listed } from "./listing";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, param, textOf } from "./route";
import { uuidFor } from "./uuid";
import type { CategoryRow, World } from "./world";

const PROPERTIES: Properties<CategoryRow> = {
  key: (row) => row.key,
  value: (row) => row.value,
  extId: (row) => row.extId,
  description: (row) => row.description,
  type: () => "USER",
};

export function categoryRoutes(world: World): Route[] {
  const base = `/api/prism/${V4}/config/categories`;
  return [
    {
      method: "GET",
      path: base,
      query: "list",
      handle: (call) =>
        listed(world.categories, call, {
          view: categoryView,
          properties: PROPERTIES,
          bornAt: (row) => row.createTime,
        }),
    },
    { method: "POST", path: base, once: "optional", handle: (call) => create(world, call) },
    {
      method: "PUT",
      path: `${base}/:extId`,
      once: "optional",
      handle: (call) => update(world, call),
    },
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
        refuseIfInUse(world, call, row);
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
  const given = read(call);
  refuseSecond(world, call, given);
  const extId = randomUUID();
  const row = world.categories.put(extId, {
    extId,
    ...given,
    version: 1,
    createTime: world.now().toISOString(),
    ownerUuid: uuidFor("user", call.user),
  });
  return single(categoryView(row), row.version, 201);
}

// The answer to a change is a list of messages, not the category.
function update(world: World, call: Call): Reply {
  const row = categoryOf(world, call);
  checkIfMatch(call, row);
  const given = read(call);
  if (given.key !== row.key) throw invalid("The key of a category cannot be changed.", "key");
  if (given.value !== row.value) {
    refuseSecond(world, call, given);
    refuseIfInUse(world, call, row);
  }
  world.categories.put(row.extId, { ...row, ...given, version: row.version + 1 });
  return messages("The category was updated.");
}

function messages(message: string): Reply {
  const said = typed("prism.v4.error.AppMessage", { message, severity: "INFO", locale: "en-US" });
  return page([said], 1);
}

function read(call: Call): Pick<CategoryRow, "key" | "value" | "description"> {
  const body = fieldsOf(call.body);
  const key = textOf(body["key"]);
  const value = textOf(body["value"]);
  if (key === undefined || value === undefined) throw invalid("A category needs key and value.");
  const description = textOf(body["description"]);
  return { key, value, ...(description === undefined ? {} : { description }) };
}

function refuseSecond(
  world: World,
  call: Call,
  { key, value }: Pick<CategoryRow, "key" | "value">,
): void {
  if (findCategory(world, key, value))
    throw conflict(
      "CATEGORY_ALREADY_EXISTS",
      `Category ${key}:${value} already exists.`,
      call.behaviour.duplicateCategory,
    );
}

function categoryOf(world: World, call: Call): CategoryRow {
  const extId = param(call, "extId");
  const row = world.categories.get(extId);
  if (!row) throw notFound("category", extId);
  return row;
}

function refuseIfInUse(world: World, call: Call, { extId, key, value }: CategoryRow): void {
  const vms = world.vms.count("categories/extId", extId);
  const images = world.images.count("categories", `${key}:${value}`);
  if (vms + images > 0)
    throw conflict(
      "CATEGORY_IN_USE",
      `Category ${key}:${value} is in use by ${vms + images}.`,
      call.behaviour.categoryInUse,
    );
}

function categoryView(row: CategoryRow): object {
  return typed("prism.v4.config.Category", {
    extId: row.extId,
    key: row.key,
    value: row.value,
    description: row.description,
    type: "USER",
    ownerUuid: row.ownerUuid,
  });
}
