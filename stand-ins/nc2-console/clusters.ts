// Clusters: listed, read, described, made, hibernated, resumed, changed in capacity and terminated.
import { randomUUID } from "node:crypto";
import { fieldsOf, itemsOf, textOf } from "../prism-central/route";
import { badRequest, notThere } from "./refusal";
import type { Call, Reply, Route } from "./route";
import { page } from "./page";
import { newCluster } from "./requests";
import { taskView } from "./tasks";
import { KINDS } from "./work";
import { type ClusterRow, setStatus, statusOf, type World } from "./world";

export function clusterRoutes(world: World): Route[] {
  return [
    {
      method: "GET",
      path: "/clusters",
      query: ["active", "limit", "name", "order", "order_by", "organization_id", "page"],
      handle: (call) => list(world, call),
    },
    {
      method: "GET",
      path: "/clusters/:id",
      handle: (call) => ok(clusterView(clusterOf(world, call), world)),
    },
    { method: "PATCH", path: "/clusters/:id", handle: (call) => describe(world, call) },
    ...["aws", "azure", "gcp"].map((cloud): Route => {
      const handle = (call: Call) => create(world, call, cloud);
      return { method: "POST", path: `/clusters/${cloud}`, handle };
    }),
    action(world, "hibernate", "kClusterHibernate"),
    action(world, "resume", "kClusterResume"),
    action(world, "terminate", "kClusterTerminate"),
    {
      method: "POST",
      path: "/clusters/:id/update-capacity",
      handle: (call) => {
        const capacity = itemsOf(fieldsOf(call.body)["data"]).map(fieldsOf);
        if (capacity.length === 0) throw badRequest("data is no list of capacities.");
        return begin(world, call, "kClusterUpdateCapacity", { capacity });
      },
    },
  ];
}

/** Terminated ones are left out where the console forgets them. */
function visible({ clusters, behaviour }: World): ClusterRow[] {
  const all = clusters.all();
  return behaviour.forgetsTerminated ? all.filter(({ status }) => status !== "terminated") : all;
}

function clusterOf(world: World, call: Call): ClusterRow {
  const id = call.params["id"] ?? "";
  const row = visible(world).find((one) => one.id === id);
  if (!row) throw notThere("cluster", id);
  return row;
}

function list(world: World, { query }: Call): Reply {
  const { name, organization_id: organization, active, order, order_by: by } = query;
  const found = visible(world).filter(
    (row) =>
      (name === undefined || row.name === name) &&
      (organization === undefined || row.organizationId === organization) &&
      (active !== "true" || row.status !== "terminated"),
  );
  const key = (row: ClusterRow) => (by === "name" ? row.name : row.createdAt);
  found.sort((a, b) => (key(a) < key(b) ? -1 : 1) * (order === "desc" ? -1 : 1));
  return ok(page(found, query).map((row) => clusterView(row, world)));
}

function describe(world: World, call: Call): Reply {
  const row = clusterOf(world, call);
  const data = fieldsOf(fieldsOf(call.body)["data"]);
  const other = Object.keys(data).find((name) => name !== "description");
  if (other !== undefined) throw badRequest(`Changing ${other} is not simulated.`);
  const description = textOf(data["description"]);
  if (description === undefined) throw badRequest("data.description is no text.");
  if (row.status === "creating" && !world.behaviour.describesWhileCreating)
    throw badRequest("The cluster is being created.");
  return ok(clusterView(world.clusters.put(row.id, { ...row, description }), world));
}

function create(world: World, call: Call, cloud: string): Reply {
  const wished = newCluster(world, fieldsOf(fieldsOf(call.body)["data"]), cloud);
  const now = world.clock.now().toISOString();
  const row: ClusterRow = {
    ...wished,
    id: randomUUID(),
    description: null,
    status: "creating",
    changedAt: now,
    createdAt: now,
  };
  world.clusters.put(row.id, row);
  return started(world, call, "kClusterCreate", { id: row.id });
}

function action(world: World, name: string, kind: string): Route {
  const path = `/clusters/:id/${name}`;
  return { method: "POST", path, handle: (call) => begin(world, call, kind, {}) };
}

function begin(world: World, call: Call, kind: string, input: object): Reply {
  const row = clusterOf(world, call);
  const { from = [], during } = KINDS[kind] ?? {};
  if (!from.includes(row.status))
    throw badRequest(`The cluster is ${row.status}; it must be ${from.join(" or ")}.`);
  const provider = world.seed.cloudAccounts.find(({ id }) => id === row.cloudAccountId)?.provider;
  if (kind === "kClusterHibernate" && provider !== "amazon")
    throw badRequest(`Clusters on ${provider ?? "an unknown cloud"} cannot hibernate.`);
  if (during !== undefined) setStatus(world, row.id, during);
  return started(world, call, kind, { id: row.id, ...input });
}

function started(world: World, { user }: Call, kind: string, input: { id: string }): Reply {
  const entities = [{ extId: input.id, rel: "cluster" }];
  const uuid = world.tasks.start({ operation: kind, entities, input, user });
  const task = world.tasks.table.get(uuid);
  return {
    status: world.behaviour.accepted,
    body: { data: task ? taskView(task, world) : {} },
    headers: { location: `/tasks/${uuid}` },
  };
}

function clusterView(row: ClusterRow, world: World): object {
  const status = statusOf(row, world);
  return {
    ...row.request,
    id: row.id,
    name: row.name,
    description: row.description,
    status,
    active: status !== "terminated",
    created_at: row.createdAt,
    organization_id: row.organizationId,
    cloud_account_id: row.cloudAccountId,
    region: row.region,
    capacity: row.capacity,
    hosts: { data: status === "running" ? hostsOf(row) : [] },
  };
}

function hostsOf({ capacity }: ClusterRow): object[] {
  return capacity.flatMap((group, at) =>
    Array.from({ length: Number(group["number_of_hosts"] ?? group["nodes_count"]) }, (_, host) => ({
      name: `host-${at + 1}-${host + 1}`,
      type: group["host_type"] ?? group["instance_type"],
      state: "running",
    })),
  );
}

const ok = (data: object): Reply => ({ status: 200, body: { data } });
