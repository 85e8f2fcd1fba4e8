// Virtual machines in Prism Central: find, create, tag, power on, delete. A create carries a request id made from
// the NutanixMachine's uid and the number of the attempt, so repeating it can never make a second VM.

import { createHash } from "node:crypto";
import { runningTasks } from "./prism-lookup";
import { PrismError, quoted } from "./prism-client";
import type { Entity, PrismClient, Task } from "./prism-client";

const vmPath = "ahv/config/vms";

interface Ipv4 {
  ipv4Config?: { ipAddress?: { value: string } };
  ipv4Info?: { learnedIpAddresses?: { value: string }[] };
}

export interface Vm {
  extId: string;
  name: string;
  powerState?: string;
  customAttributes?: string[];
  nics?: { networkInfo?: Ipv4; nicNetworkInfo?: Ipv4 }[];
}

/** How long one reconcile waits for a task before it lets others go first. */
const patience = 60_000;

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

/** Creates a VM, or finds the one that an earlier call with the same request id made. */
export async function createVm(prism: PrismClient, body: object, requestId: string): Promise<Vm> {
  const taskId = await prism.begin("vmm", vmPath, { method: "POST", body, requestId });
  const task = await finished(prism, taskId);
  for (const { extId } of task.entitiesAffected ?? []) {
    const found = await vmById(prism, extId);
    if (found) return found.value;
  }
  throw new Error(`Creating a VM failed: task ${taskId} names no VM.`);
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

/** Moves the deletion of a VM on; true when it is gone. */
export async function deleteVm(prism: PrismClient, extId: string): Promise<boolean> {
  const found = await vmById(prism, extId);
  if (!found) return true;
  const tasks = await prism.list<Task>("prism", "config/tasks", runningTasks(extId));
  if (tasks.length > 0) return false;
  const call = { method: "DELETE" as const, etag: found.etag };
  await finished(prism, await prism.begin("vmm", `${vmPath}/${extId}`, call));
  return (await vmById(prism, extId)) === undefined;
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

/** A VM action under the VM's newest ETag; a VM changed in between is read again, three times at most. */
async function act(prism: PrismClient, extId: string, action: string, body?: object) {
  for (let tries = 1; ; tries++) {
    const found = await vmById(prism, extId);
    if (!found) throw new Error(`VM ${extId} vanished before ${action}.`);
    const call = { method: "POST" as const, etag: found.etag, body };
    try {
      const path = `${vmPath}/${extId}/$actions/${action}`;
      await finished(prism, await prism.begin("vmm", path, call));
      return;
    } catch (error) {
      const stale = error instanceof PrismError && error.status === 412;
      if (!stale || tries === 3) throw error;
    }
  }
}

async function finished(prism: PrismClient, taskId: string): Promise<Task> {
  const task = await prism.finish(taskId, patience);
  if (!task) throw new StillRunning(`Task ${taskId} has not ended yet.`);
  return task;
}
