// Tasks as v4 shows them: listed with filters (CAPX asks for an entity's running ones), read by id, cancelled.
import { single, typed } from "./envelope";
import { notFound } from "./errors";
import type { Properties } from "./filter-match";
import { listed } from "./listing";
import type { Call, Route } from "./route";
import { V4, param } from "./route";
import { select } from "./select";
import type { TaskRow, Tasks } from "./tasks";
import { extIdOf } from "./tasks";
import { uuidFor } from "./uuid";

const BASE = `/api/prism/${V4}/config/tasks`;

const PROPERTIES: Properties<TaskRow> = {
  extId: (row) => extIdOf(row.uuid),
  status: (row) => row.status,
  operation: (row) => row.operation,
  createdTime: (row) => row.createdTime,
  startedTime: (row) => row.startedTime,
  completedTime: (row) => row.completedTime,
  lastUpdatedTime: (row) => row.lastUpdatedTime,
  "ownedBy/name": (row) => row.user,
  entitiesAffected: { itemsOf: (row) => row.entities, properties: ["extId", "rel", "name"] },
  clusterExtIds: { itemsOf: (row) => row.clusterExtIds, properties: [] },
};

export function taskRoutes(tasks: Tasks): Route[] {
  return [
    {
      method: "GET",
      path: BASE,
      query: "list",
      handle: (call) =>
        listed(tasks.table, call, {
          view: (row) => taskView(row, tasks),
          properties: PROPERTIES,
          bornAt: (row) => row.createdTime,
        }),
    },
    {
      method: "GET",
      path: `${BASE}/:extId`,
      query: ["$select"],
      handle: (call) => {
        const task = taskOf(tasks, call);
        const [view = {}] = select([taskView(task, tasks)], call.query["$select"]);
        return single(view);
      },
    },
    {
      method: "POST",
      path: `${BASE}/:extId/$actions/cancel`,
      once: "optional",
      handle: (call) => {
        tasks.cancel(taskOf(tasks, call));
        return single(
          typed("prism.v4.error.AppMessage", {
            code: "LAB-200",
            errorGroup: "TASK_CANCEL",
            message: "The task was cancelled.",
            severity: "INFO",
          }),
        );
      },
    },
  ];
}

function taskOf(tasks: Tasks, call: Call): TaskRow {
  const extId = param(call, "extId");
  const [task] = tasks.table.find("extId", extId);
  if (!task) throw notFound("task", extId);
  return task;
}

function taskView(task: TaskRow, tasks: Tasks): object {
  const { error } = task;
  return typed("prism.v4.config.Task", {
    extId: extIdOf(task.uuid),
    status: task.status,
    operation: task.operation,
    operationDescription: task.description,
    progressPercentage: task.completedTime ? 100 : 0,
    createdTime: task.createdTime,
    startedTime: task.startedTime,
    completedTime: task.completedTime,
    lastUpdatedTime: task.lastUpdatedTime,
    entitiesAffected: task.entities.map((entity) =>
      typed("prism.v4.config.EntityReference", entity),
    ),
    numberOfEntitiesAffected: task.entities.length,
    numberOfSubtasks: 0,
    errorMessages: error && [
      typed("prism.v4.error.AppMessage", {
        code: error.code,
        errorGroup: error.group,
        message: error.message,
        severity: "ERROR",
        locale: "en_US",
      }),
    ],
    isBackgroundTask: false,
    isCancelable: tasks.isCancelable(task),
    clusterExtIds: task.clusterExtIds,
    ownedBy: typed("prism.v4.config.OwnerReference", {
      extId: uuidFor("user", task.user),
      name: task.user,
    }),
  });
}
