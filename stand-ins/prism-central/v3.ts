// The rest of v3 that v4's clients still need: the login (users/me, whose cookie is all that later v3 calls
// carry), tasks and projects.
import { notFound, notSimulated } from "./errors";
import type { Route } from "./route";
import { fieldsOf, param, textOf } from "./route";
import type { TaskRow } from "./tasks";
import type { ProjectRow, World } from "./world";
import { uuidFor } from "./seed";

const BASE = "/api/nutanix/v3";

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
      handle: (call) => {
        const body = fieldsOf(call.body);
        if (textOf(body["filter"]) !== undefined) throw notSimulated("A filter of v3 projects");
        const offset = Number(body["offset"] ?? 0);
        const all = world.projects.all();
        const entities = all.slice(offset, offset + Number(body["length"] ?? 20)).map(projectView);
        const metadata = {
          kind: "project",
          total_matches: all.length,
          length: entities.length,
          offset,
        };
        return { status: 200, body: { api_version: "3.1", metadata, entities } };
      },
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

function taskView(task: TaskRow): object {
  return {
    uuid: task.uuid,
    status: task.status,
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
