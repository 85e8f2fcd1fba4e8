// The rest of v3 that v4's clients still need: the login (users/me, whose cookie is all that later v3 calls
// carry), tasks and projects.
import { notFound } from "./errors";
import type { Properties } from "./filter-match";
import type { Route } from "./route";
import { param } from "./route";
import type { TaskRow } from "./tasks";
import { uuidFor } from "./uuid";
import { v3Listed } from "./v3-list";
import type { ProjectRow, World } from "./world";

const BASE = "/api/nutanix/v3";

const PROJECT_PROPERTIES: Properties<ProjectRow> = {
  name: (row) => row.name,
  uuid: (row) => row.uuid,
};

export function v3Routes(world: World): Route[] {
  return [
    {
      method: "GET",
      path: `${BASE}/users/me`,
      handle: ({ user }) => ({
        status: 200,
        body: {
          api_version: "3.1",
          metadata: { kind: "user", uuid: uuidFor("user", user) },
          status: { state: "COMPLETE", name: user, resources: {} },
          spec: { resources: {} },
        },
      }),
    },
    {
      method: "GET",
      path: `${BASE}/tasks/:uuid`,
      handle: (call) => {
        const task = world.tasks.table.get(param(call, "uuid"));
        if (!task) throw notFound("task", param(call, "uuid"));
        return { status: 200, body: taskView(task) };
      },
    },
    {
      method: "POST",
      path: `${BASE}/projects/list`,
      handle: (call) =>
        v3Listed(world.projects, call, {
          kind: "project",
          view: projectView,
          properties: PROJECT_PROPERTIES,
        }),
    },
    {
      method: "GET",
      path: `${BASE}/projects/:uuid`,
      handle: (call) => {
        const project = world.projects.get(param(call, "uuid"));
        if (!project) throw notFound("project", param(call, "uuid"));
        return { status: 200, body: projectView(project) };
      },
    },
  ];
}

function projectView({ uuid, name }: ProjectRow): object {
  return {
    api_version: "3.1",
    metadata: { kind: "project", uuid, name, spec_version: 0 },
    spec: { name, resources: {} },
    status: { state: "COMPLETE", name, resources: {} },
  };
}

/** v4's words for a task's status, where v3 has another. */
const STATUS: Partial<Record<TaskRow["status"], string>> = { CANCELED: "ABORTED" };

function taskView(task: TaskRow): object {
  return {
    uuid: task.uuid,
    status: STATUS[task.status] ?? task.status,
    operation_type: task.operation,
    percentage_complete: task.completedTime ? 100 : 0,
    progress_message: task.description,
    ...(task.error && { error_code: task.error.code, error_detail: task.error.message }),
    entity_reference_list: task.entities.map((entity) => ({
      kind: entity.rel.split(":").at(-1),
      uuid: entity.extId,
    })),
    creation_time: task.createdTime,
    start_time: task.startedTime,
    completion_time: task.completedTime,
    last_update_time: task.lastUpdatedTime,
  };
}
