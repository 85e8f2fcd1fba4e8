// Makes a machine's VM, once: every try of an attempt has the same request id, and a new attempt begins only when the
// last one's task has ended badly, or has not ended in time and made nothing.

import { bootstrapRefOf } from "./bootstrap-data";
import { createRecordOf, saveCreateRecord } from "./create-record";
import type { CreateRecord } from "./create-record";
import type { MachineScope } from "./machine-reconciler";
import { planVm } from "./plan-vm";
import { TaskError } from "../shared/prism-client";
import type { PrismClient, Task } from "../shared/prism-client";
import { vmBody } from "./vm-body";
import { StillRunning, finished, isOverdue, uuidOf, vmById, vmPath } from "./vms";
import type { Vm } from "./vms";

/** The last attempt has failed, and it is too early for the next one. */
export class Pausing extends StillRunning {}

/** Milliseconds before an attempt: 1 s after the first failure, twice as long after each further one, a minute at most. */
export const pauseBefore = (attempt: number) =>
  attempt === 1 ? 0 : Math.min(1000 * 2 ** (attempt - 2), 60_000);

/** Creates the machine's VM, or finds the one that an earlier call of the same attempt made. */
export async function makeVm(scope: MachineScope, prism: PrismClient): Promise<Vm> {
  const record = await begun(scope);
  if (Date.parse(record.since) + pauseBefore(record.attempt) > Date.now())
    throw new Pausing(`Attempt ${record.attempt} to make a VM comes later.`);
  const task = record.task ?? (await post(scope, prism, record));
  try {
    return await vmOf(prism, await finished(prism, task));
  } catch (error) {
    if (error instanceof StillRunning && !record.task)
      await saveCreateRecord(scope.client, scope.object, { ...record, task });
    if (error instanceof TaskError) return await afterFailure(scope, prism, { record, error });
    throw error;
  }
}

/** VMs that belong to a machine whose VM was never recorded; StillRunning while that cannot be known. */
export async function unrecordedVms(
  { object }: Pick<MachineScope, "object">,
  prism: PrismClient,
): Promise<string[]> {
  const record = createRecordOf(object);
  if (!record) return [];
  const { since, task, abandoned = [] } = record;
  if (task) return [...abandoned, ...(await madeBy(prism, task))];
  if (Date.parse(since) + prism.patience.listLag > Date.now())
    throw new StillRunning(`A VM of ${object.metadata.name} may not be in the list yet.`);
  return abandoned;
}

async function madeBy(prism: PrismClient, extId: string): Promise<string[]> {
  const task = (await prism.get<Task>("prism", `config/tasks/${extId}`))?.value;
  if (task && task.completedTime === undefined && !isOverdue(prism, task))
    throw new StillRunning(`Task ${extId} has not ended yet.`);
  return task ? vmIds(task) : [];
}

async function begun(scope: MachineScope): Promise<CreateRecord> {
  const { client, object } = scope;
  const first = { attempt: 1, since: new Date().toISOString() };
  const also = { spec: bootstrapRefOf(scope) };
  return createRecordOf(object) ?? saveCreateRecord(client, object, first, also);
}

async function post(scope: MachineScope, prism: PrismClient, record: CreateRecord) {
  const body = vmBody(await planVm(scope, prism));
  const requestId = uuidOf(`${scope.object.metadata.uid ?? ""}/create/${record.attempt}`);
  return prism.begin("vmm", vmPath, { method: "POST", body, requestId });
}

async function vmOf(prism: PrismClient, task: Task): Promise<Vm> {
  for (const extId of vmIds(task)) {
    const found = await vmById(prism, extId);
    if (found) return found.value;
  }
  throw new Error(`Creating a VM failed: task ${task.extId} names no VM.`);
}

/** A task given up may have made its VM all the same; if not, the next try is a new attempt. */
async function afterFailure(
  { client, object }: MachineScope,
  prism: PrismClient,
  { record, error }: { record: CreateRecord; error: TaskError },
): Promise<Vm> {
  const isGivenUp = error.task !== undefined && error.task.completedTime === undefined;
  const named = isGivenUp ? vmIds(error.task) : [];
  for (const extId of named) {
    const found = await vmById(prism, extId);
    if (found) return found.value;
  }
  await saveCreateRecord(client, object, {
    attempt: record.attempt + 1,
    since: new Date().toISOString(),
    abandoned: [...(record.abandoned ?? []), ...named],
  });
  throw error;
}

function vmIds(task: Task): string[] {
  const entities = task.entitiesAffected ?? [];
  return entities.flatMap(({ extId, rel }) => (!rel || rel.endsWith(":vm") ? [extId] : []));
}
