// Tasks as the console shows them.
import { uuidFor } from "../prism-central/uuid";
import type { TaskRow } from "../prism-central/tasks";
import { notThere } from "./refusal";
import type { Call, Reply, Route } from "./route";
import { KINDS } from "./work";
import type { World } from "./world";

const STATUSES: Record<TaskRow["status"], string> = {
  QUEUED: "not_started",
  RUNNING: "running",
  SUCCEEDED: "done",
  FAILED: "failed",
  CANCELED: "cancelled",
  // The reference has nothing that comes nearer.
  SUSPENDED: "running",
};

export function taskRoutes(world: World): Route[] {
  return [
    {
      method: "GET",
      path: "/tasks",
      query: ["cluster_id", "from", "order", "organization_id", "status", "to"],
      handle: (call) => list(world, call),
    },
    {
      method: "GET",
      path: "/tasks/:id",
      handle: ({ params }) => {
        const task = world.tasks.table.get(params["id"] ?? "");
        if (!task) throw notThere("task", params["id"] ?? "");
        return { status: 200, body: { data: taskView(task, world) } };
      },
    },
  ];
}

function list(world: World, { query }: Call): Reply {
  const found = world.tasks.table.all().filter((task) => fits(task, query, world));
  if (query["order"] === "desc") found.reverse();
  return { status: 200, body: { data: found.map((task) => taskView(task, world)) } };
}

function fits(task: TaskRow, query: Call["query"], world: World): boolean {
  const id = task.entities[0]?.extId ?? "";
  const { from = "", to = "~" } = query;
  const facts: [string, string | undefined][] = [
    ["cluster_id", id],
    ["organization_id", world.clusters.get(id)?.organizationId],
    ["status", STATUSES[task.status]],
  ];
  const isMeant = facts.every(([name, is]) => query[name] === undefined || query[name] === is);
  return isMeant && task.createdTime > from && task.createdTime < to;
}

export function taskView(task: TaskRow, world: World): object {
  const { uuid, operation, status, entities, user, createdTime, error } = task;
  const cluster = world.clusters.get(entities[0]?.extId ?? "");
  return {
    id: uuid,
    cluster_id: cluster && isNamed(task, world) ? cluster.id : null,
    organization_id: cluster?.organizationId ?? null,
    customer_id: uuidFor("customer", "lab"),
    display_name: KINDS[operation]?.shown ?? operation,
    kind: operation,
    status: STATUSES[status],
    status_details: error ? { description: error.message } : null,
    initiated_by_id: uuidFor("user", user),
    created_at: createdTime,
    updated_at: task.lastUpdatedTime,
    ...endOf(task),
  };
}

function endOf({ createdTime, completedTime }: TaskRow): object {
  if (completedTime === undefined) return { ended_at: null, duration: null };
  const milliseconds = Date.parse(completedTime) - Date.parse(createdTime);
  return { ended_at: completedTime, duration: Math.round(milliseconds / 1000) };
}

function isNamed({ operation, createdTime }: TaskRow, { clock, behaviour }: World): boolean {
  const age = clock.now().getTime() - Date.parse(createdTime);
  return operation !== "kClusterCreate" || age >= behaviour.clusterIdDelay;
}
