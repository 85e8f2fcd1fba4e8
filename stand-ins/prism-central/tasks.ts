// Tasks do what a request was accepted for, outside of the request: QUEUED, RUNNING, SUCCEEDED or FAILED. Work is a
// function of the task's kept input, so that what a restart interrupted is taken up again: work is repeatable.
import { randomUUID } from "node:crypto";
import type { Clock } from "./clock";
import { ApiError, invalid } from "./errors";
import type { Events } from "./events";
import type { Fault, Faults } from "./faults";
import type { Journal } from "./journal";
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
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED" | "SUSPENDED";
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
  fault?: Pick<Fault, "delay" | "fail" | "hang" | "end">;
  error?: { code: string; group: string; message: string };
}

export type Work = (input: never) => void | Promise<void>;

export type NewTask = Pick<TaskRow, "operation" | "entities" | "input" | "user"> &
  Partial<Pick<TaskRow, "description" | "clusterExtIds">>;

/** Operation -> milliseconds between its task's start and its work; `[from, to]` for any time between. */
export type Latency = Record<string, number | [number, number]>;

/** Finished tasks are kept this long (CAPX and reports look back; Prism keeps them for days). */
const RETENTION = 24 * 60 * 60 * 1000;
const PREFIX = "ZXJnb24=:";

export interface TasksOptions {
  journal: Journal;
  latency: Latency;
  clock: Clock;
  events?: Events | undefined;
  faults?: Faults | undefined;
}

export class Tasks {
  readonly table: Table<TaskRow>;
  private readonly latency: Latency;
  private readonly clock: Clock;
  private readonly events: Events | undefined;
  private readonly faults: Faults | undefined;
  private readonly work = new Map<string, Work>();
  private readonly lastOfEntity = new Map<string, Promise<void>>();
  private readonly waiting = new Map<string, AbortController>();
  private readonly stopping = new AbortController();

  constructor(options: TasksOptions) {
    this.latency = options.latency;
    this.faults = options.faults;
    this.clock = options.clock;
    this.events = options.events;
    const entities = (row: TaskRow) => row.entities.map((entity) => entity.extId);
    this.table = new Table(
      "tasks",
      {
        extId: (row) => [extIdOf(row.uuid)],
        "entitiesAffected/extId": entities,
        status: (row) => [row.status],
        operation: (row) => [row.operation],
      },
      { journal: options.journal },
    );
  }

  /** Says what is done for an operation. It may be done again after a restart. */
  register(operation: string, work: Work): void {
    this.work.set(operation, work);
  }

  /** Accepts a task and returns its uuid; the work begins after this turn of the event loop. */
  start(task: NewTask): string {
    this.prune();
    const time = this.time();
    const uuid = randomUUID();
    const { delay, fail, hang, end } = this.faults?.ofTask(task.operation) ?? {};
    this.put({
      uuid,
      description: task.operation,
      clusterExtIds: [],
      ...task,
      status: "QUEUED",
      createdTime: time,
      lastUpdatedTime: time,
      ...((delay ?? fail ?? hang ?? end) === undefined
        ? {}
        : { fault: { delay, fail, hang, end } }),
    });
    this.enqueue(uuid);
    return uuid;
  }

  /** Takes up what an earlier process left unfinished. */
  resume(): void {
    for (const task of this.table.all()) {
      const isHanging = task.startedTime !== undefined && task.fault?.hang !== undefined;
      if (!isOver(task) && !isHanging) this.enqueue(task.uuid);
    }
  }

  /** Cancels a task whose work has not begun; throws a 400 for another. */
  cancel(task: TaskRow): void {
    if (!this.isCancelable(task)) throw invalid("The task cannot be cancelled any more.");
    this.end(task.uuid, "CANCELED");
    this.waiting.get(task.uuid)?.abort();
  }

  isCancelable(task: TaskRow): boolean {
    const isHanging = task.fault?.hang === "before";
    return task.status === "QUEUED" || isHanging || this.waiting.has(task.uuid);
  }

  /** Leaves unfinished tasks for the next process. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const wait of this.waiting.values()) wait.abort();
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
    if (!task || this.isStopping() || isOver(task)) return;
    const hang = task.fault?.hang;
    this.change(uuid, { status: "RUNNING", startedTime: task.startedTime ?? this.time() });
    if (hang === "before") return;
    try {
      await this.perform(task);
      if (hang !== "after") this.end(uuid, "SUCCEEDED");
    } catch (error) {
      if (!this.isStopping()) this.end(uuid, "FAILED", told(error));
    }
  }

  private async perform({ uuid, operation, input, fault }: TaskRow): Promise<void> {
    await this.delay(uuid, this.latencyOf(operation) + (fault?.delay ?? 0));
    if (isOver(this.table.get(uuid))) return;
    if (fault?.end !== undefined) {
      this.end(uuid, fault.end);
      return;
    }
    if (fault?.fail !== undefined) throw new Error(String(fault.fail));
    await this.work.get(operation)?.(input as never);
  }

  private latencyOf(operation: string): number {
    const latency = this.latency[operation] ?? 0;
    if (typeof latency === "number") return latency;
    return Math.round(latency[0] + Math.random() * (latency[1] - latency[0]));
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async delay(uuid: string, milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    const ending = new AbortController();
    this.waiting.set(uuid, ending);
    try {
      await this.clock.sleep(milliseconds, ending.signal);
    } catch (error) {
      if (this.isStopping()) throw error;
    } finally {
      this.waiting.delete(uuid);
    }
  }

  // What has ended stays as it ended.
  private end(uuid: string, status: TaskRow["status"], error?: TaskRow["error"]): void {
    if (isOver(this.table.get(uuid))) return;
    const completed = status === "SUSPENDED" ? {} : { completedTime: this.time() };
    this.change(uuid, { status, ...completed, ...(error && { error }) });
  }

  private change(uuid: string, changes: Partial<TaskRow>): void {
    const row = this.table.get(uuid);
    if (row) this.put({ ...row, ...changes, lastUpdatedTime: this.time() });
  }

  private put(task: TaskRow): void {
    this.table.put(task.uuid, task);
    this.events?.add({
      kind: "task",
      what: task.operation,
      status: task.status,
      task: extIdOf(task.uuid),
      entity: task.entities[0]?.extId,
      ...(task.error && { error: task.error.message }),
    });
  }

  private time(): string {
    return this.clock.now().toISOString();
  }

  // Rows are in the order of their creation, so the old ones come first.
  private prune(): void {
    const horizon = new Date(this.clock.now().getTime() - RETENTION).toISOString();
    for (const [, task] of this.table.entries()) {
      if (task.createdTime >= horizon) return;
      if (task.completedTime && task.completedTime < horizon) this.table.delete(task.uuid);
    }
  }
}

function isOver(task: TaskRow | undefined): boolean {
  return task?.completedTime !== undefined || task?.status === "SUSPENDED";
}

/** The id that v4 gives to a task. */
export function extIdOf(uuid: string): string {
  return `${PREFIX}${uuid}`;
}

function told(error: unknown): { code: string; group: string; message: string } {
  if (error instanceof ApiError) return error.refusal;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "LAB-500", group: "INTERNAL_ERROR", message };
}
