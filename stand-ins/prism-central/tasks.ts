// Tasks do what a request was accepted for, outside of the request: QUEUED, RUNNING, SUCCEEDED or FAILED. Work is a
// function of the task's kept input, so that what a restart interrupted is taken up again: work is repeatable.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, notFound } from "./errors";
import type { Fault, Faults } from "./faults";
import type { Journal } from "./journal";
import type { Route } from "./route";
import { V4, param } from "./route";
import { single, typed } from "./envelope";
import { listed } from "./listing";
import { Table } from "./table";

export interface Entity {
  extId: string;
  /** Kind as v4 tasks name it, "vmm:ahv:config:vm". */
  rel: string;
  name?: string;
}

export interface TaskRow {
  uuid: string;
  operation: string;
  description: string;
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED";
  /** The first is what the task is about: tasks of one entity run one after the other. */
  entities: Entity[];
  input: unknown;
  user: string;
  clusterExtIds: string[];
  createdTime: string;
  startedTime?: string;
  completedTime?: string;
  lastUpdatedTime: string;
  /** What a fault rule has in store for it. */
  fault?: Pick<Fault, "delay" | "fail" | "hang">;
  error?: { code: string; group: string; message: string };
}

export type Work = (input: never) => void | Promise<void>;

export type NewTask = Pick<TaskRow, "operation" | "entities" | "input" | "user"> &
  Partial<Pick<TaskRow, "description" | "clusterExtIds">>;

/** Operation -> milliseconds between its task's start and its work. */
export type Latency = Record<string, number>;

/** Finished tasks are kept this long (CAPX and reports look back; Prism keeps them for days). */
const RETENTION = 24 * 60 * 60 * 1000;
const PREFIX = "ZXJnb24=:";

export class Tasks {
  readonly table: Table<TaskRow>;
  private readonly latency: Latency;
  private readonly now: () => Date;
  private readonly faults: Faults | undefined;
  private readonly work = new Map<string, Work>();
  private readonly lastOfEntity = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(options: {
    journal: Journal;
    latency: Latency;
    now: () => Date;
    faults?: Faults | undefined;
  }) {
    this.latency = options.latency;
    this.faults = options.faults;
    this.now = options.now;
    const entities = (row: TaskRow) => row.entities.map((entity) => entity.extId);
    this.table = new Table(
      "tasks",
      {
        extId: (row) => [extIdOf(row.uuid)],
        "entitiesAffected/extId": entities,
        status: (row) => [row.status],
        operation: (row) => [row.operation],
      },
      options.journal,
    );
  }

  /** Says what is done for an operation. It may be done again after a restart. */
  register(operation: string, work: Work): void {
    this.work.set(operation, work);
  }

  /** Accepts a task and returns its uuid; the work begins after this turn of the event loop. */
  start(task: NewTask): string {
    this.prune();
    const time = this.now().toISOString();
    const uuid = randomUUID();
    const { delay, fail, hang } = this.faults?.ofTask(task.operation) ?? {};
    this.table.put(uuid, {
      uuid,
      description: task.operation,
      clusterExtIds: [],
      ...task,
      status: "QUEUED",
      createdTime: time,
      lastUpdatedTime: time,
      ...((delay ?? fail ?? hang) === undefined ? {} : { fault: { delay, fail, hang } }),
    });
    this.enqueue(uuid);
    return uuid;
  }

  /** Takes up what an earlier process left unfinished. */
  resume(): void {
    for (const task of this.table.all()) {
      const isHanging = task.startedTime !== undefined && task.fault?.hang !== undefined;
      if (!task.completedTime && !isHanging) this.enqueue(task.uuid);
    }
  }

  /** Leaves unfinished tasks for the next process. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.lastOfEntity.values());
  }

  private enqueue(uuid: string): void {
    const key = this.table.get(uuid)?.entities[0]?.extId ?? uuid;
    const before = this.lastOfEntity.get(key) ?? Promise.resolve();
    const run = before.then(() => this.run(uuid));
    this.lastOfEntity.set(key, run);
    void run.then(() => {
      if (this.lastOfEntity.get(key) === run) this.lastOfEntity.delete(key);
    });
  }

  private async run(uuid: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const task = this.table.get(uuid);
    if (!task || this.isStopping()) return;
    const startedTime = task.startedTime ?? this.now().toISOString();
    this.change(uuid, { status: "RUNNING", startedTime });
    if (task.fault?.hang === "before") return;
    try {
      await this.perform(task);
      if (task.fault?.hang === "after") return;
      this.change(uuid, { status: "SUCCEEDED", completedTime: this.now().toISOString() });
    } catch (error) {
      if (this.isStopping()) return;
      this.change(uuid, {
        status: "FAILED",
        completedTime: this.now().toISOString(),
        error: told(error),
      });
    }
  }

  private async perform({ operation, input, fault }: TaskRow): Promise<void> {
    await this.delay((this.latency[operation] ?? 0) + (fault?.delay ?? 0));
    if (fault?.fail !== undefined) throw new Error(String(fault.fail));
    await this.work.get(operation)?.(input as never);
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async delay(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: this.stopping.signal });
  }

  private change(uuid: string, changes: Partial<TaskRow>): void {
    const row = this.table.get(uuid);
    if (row)
      this.table.put(uuid, { ...row, ...changes, lastUpdatedTime: this.now().toISOString() });
  }

  // Rows are in the order of their creation, so the old ones come first.
  private prune(): void {
    const horizon = new Date(this.now().getTime() - RETENTION).toISOString();
    for (const [, task] of this.table.entries()) {
      if (task.createdTime >= horizon) return;
      if (task.completedTime && task.completedTime < horizon) this.table.delete(task.uuid);
    }
  }
}

/** The id that v4 gives to a task. */
export function extIdOf(uuid: string): string {
  return `${PREFIX}${uuid}`;
}

export function taskRoutes(tasks: Tasks): Route[] {
  const base = `/api/prism/${V4}/config/tasks`;
  return [
    {
      method: "GET",
      path: base,
      handle: (call) =>
        listed(tasks.table, call, {
          view: taskView,
          filterable: ["extId", "status", "operation", "entitiesAffected/extId"],
          bornAt: (row) => row.createdTime,
        }),
    },
    {
      method: "GET",
      path: `${base}/:extId`,
      handle: (call) => {
        const extId = param(call, "extId");
        const [task] = tasks.table.find("extId", extId);
        if (!task) throw notFound("task", extId);
        return single(taskView(task));
      },
    },
  ];
}

function taskView(task: TaskRow): object {
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
    errorMessages: error && [
      typed("prism.v4.error.AppMessage", {
        code: error.code,
        errorGroup: error.group,
        message: error.message,
        severity: "ERROR",
      }),
    ],
    isCancelable: false,
    clusterExtIds: task.clusterExtIds,
    ownedBy: typed("prism.v4.config.OwnerReference", { name: task.user }),
  });
}

function told(error: unknown): { code: string; group: string; message: string } {
  if (error instanceof ApiError) return error.refusal;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "LAB-500", group: "INTERNAL_ERROR", message };
}
