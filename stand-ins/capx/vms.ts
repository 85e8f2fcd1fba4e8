// Virtual machines in Prism Central: find, tag, power on, delete. Nobody waits for a task for ever: others get their
// turn, and what takes too long is looked at again and tried again.

import { createHash } from "node:crypto";
import { runningTasks } from "./prism-lookup";
import { detachVolumeGroups } from "./volume-groups";
import { PrismError, TaskError, quoted } from "../shared/prism-client";
import type { Entity, PrismClient, Task } from "../shared/prism-client";

export const vmPath = "ahv/config/vms";

interface Ipv4 {
  ipv4Config?: { ipAddress?: { value: string } };
  ipv4Info?: { learnedIpAddresses?: { value: string }[] };
}

export interface Vm {
  extId: string;
  name: string;
  powerState?: string;
  customAttributes?: string[];
  disks?: { backingInfo?: { $objectType?: string; volumeGroupExtId?: string } }[];
  nics?: { networkInfo?: Ipv4; nicNetworkInfo?: Ipv4 }[];
}

/** Something in Prism Central is still going on. */
export class StillRunning extends Error {}

/** A UUID that is the same for the same text, in the form of a version 5 one. */
export function uuidOf(text: string): string {
  const hex = createHash("sha1").update(text).digest("hex");
  const variant = ((parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join("-");
}

export async function vmById(prism: PrismClient, extId: string): Promise<Entity<Vm> | undefined> {
  return prism.get<Vm>("vmm", `${vmPath}/${extId}`);
}

/** The VM of that name, if there is exactly one; an error if there are more. */
export async function vmByName(prism: PrismClient, name: string): Promise<Vm | undefined> {
  const rows = await prism.list<Vm>("vmm", vmPath, `name eq ${quoted(name)}`);
  if (rows.length > 1) throw new Error(`Found more than one (${rows.length}) VM named ${name}.`);
  return rows[0];
}

/** Adds the custom attribute by which Nutanix's cloud provider knows a VM, unless it has one. */
export async function ensureProviderAttribute(prism: PrismClient, vm: Vm): Promise<void> {
  const has = (vm.customAttributes ?? []).some((text) => text.startsWith("providerid:"));
  if (has) return;
  const body = { customAttributes: [`providerid:${vm.extId}`] };
  await act(prism, vm.extId, "add-custom-attributes", body);
}

/** Powers a VM on unless it is, and reads it again. */
export async function ensurePoweredOn(prism: PrismClient, vm: Vm): Promise<Vm> {
  if (vm.powerState === "ON") return vm;
  await act(prism, vm.extId, "power-on");
  const found = await vmById(prism, vm.extId);
  if (!found) throw new Error(`VM ${vm.extId} vanished while it was powered on.`);
  return found.value;
}

/** Deletes a VM unless it is gone; StillRunning while something else is done to it. */
export async function deleteVm(prism: PrismClient, extId: string): Promise<void> {
  for (const key of [...prism.pending.keys()])
    if (key.startsWith(`${extId}/`)) prism.pending.delete(key);
  const found = await vmById(prism, extId);
  if (!found) return;
  const tasks = await prism.list<Task>("prism", "config/tasks", runningTasks(extId));
  const [running] = tasks.filter((task) => !isOverdue(prism, task));
  if (running) throw new StillRunning(`Task ${running.extId} is still at VM ${extId}.`);
  const detaching = await detachVolumeGroups(prism, found.value);
  if (detaching > 0) throw new StillRunning(`${detaching} volume groups leave VM ${extId}.`);
  const call = { method: "DELETE" as const, etag: found.etag };
  await finished(prism, await prism.begin("vmm", `${vmPath}/${extId}`, call));
  if (await vmById(prism, extId)) throw new StillRunning(`VM ${extId} is not gone yet.`);
}

/** The addresses of a VM as a Machine shows them: as configured, else as learned, then its name. */
export function addressesOf(vm: Vm): { type: string; address: string }[] {
  const found = (vm.nics ?? []).flatMap(({ networkInfo, nicNetworkInfo }) => {
    const modern = ipv4Of(nicNetworkInfo);
    return modern.length > 0 ? modern : ipv4Of(networkInfo);
  });
  if (found.length === 0) return [];
  const internal = found.map((address) => ({ type: "InternalIP", address }));
  return [...internal, { type: "Hostname", address: vm.name }];
}

function ipv4Of(info: Ipv4 | undefined): string[] {
  const configured = info?.ipv4Config?.ipAddress?.value;
  if (configured) return [configured];
  return (info?.ipv4Info?.learnedIpAddresses ?? []).map(({ value }) => value);
}

/** A VM action, waited for if it has begun already. */
async function act(prism: PrismClient, extId: string, action: string, body?: object) {
  const key = `${extId}/${action}`;
  const task = prism.pending.get(key) ?? (await beginAction(prism, extId, { action, body }));
  prism.pending.set(key, task);
  try {
    await finished(prism, task);
    prism.pending.delete(key);
  } catch (error) {
    if (error instanceof TaskError) prism.pending.delete(key);
    throw error;
  }
}

/** Begins an action under the VM's newest ETag; a VM changed in between is read again, three times at most. */
async function beginAction(
  prism: PrismClient,
  extId: string,
  { action, body }: { action: string; body?: object | undefined },
): Promise<string> {
  for (let tries = 1; ; tries++) {
    const found = await vmById(prism, extId);
    if (!found) throw new Error(`VM ${extId} vanished before ${action}.`);
    const call = { method: "POST" as const, etag: found.etag, body };
    try {
      return await prism.begin("vmm", `${vmPath}/${extId}/$actions/${action}`, call);
    } catch (error) {
      const stale = error instanceof PrismError && error.status === 412;
      if (!stale || tries === 3) throw error;
    }
  }
}

/** A task's end; TaskError when it is a bad one or takes too long, StillRunning when others should go first. */
export async function finished(prism: PrismClient, taskId: string): Promise<Task> {
  const task = await prism.finish(taskId);
  if (task.status === "SUCCEEDED") return task;
  if (!isOverdue(prism, task)) throw new StillRunning(`Task ${taskId} has not ended yet.`);
  const seconds = prism.patience.task / 1000;
  throw new TaskError(taskId, `has not ended within ${seconds} s and is given up`, task);
}

/** A task that nobody waits for any more. Its age is by both clocks: Prism Central's and this one's. */
export function isOverdue(prism: PrismClient, { createdTime }: Task): boolean {
  return createdTime !== undefined && Date.now() - Date.parse(createdTime) > prism.patience.task;
}
