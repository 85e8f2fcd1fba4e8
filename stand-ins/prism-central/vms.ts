// VMs: made, read, powered, marked, changed and deleted. Everything that changes one is accepted with 202 and done by a
// task; each accepted change moves the ETag on, so that of two clients with one ETag the second gets 412.
import { randomUUID } from "node:crypto";
import { accepted, page, single } from "./envelope";
import { invalid, notFound, vmNotFound } from "./errors";
import { checkIfMatch } from "./if-match";
import { listed } from "./listing";
import { RateLimit } from "./rate-limit";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, itemsOf, param } from "./route";
import type { Entity } from "./tasks";
import { extIdOf } from "./tasks";
import { VM_REL } from "./vm";
import type { VmRow } from "./vm";
import { extIdIn, required } from "./vm-fields";
import { readVmRequest, readVmUpdate } from "./vm-request";
import { VM_PROPERTIES, nicView, vmView } from "./vm-view";
import type { VmUpdate } from "./vm-work";
import type { World } from "./world";

const BASE = `/api/vmm/${V4}/ahv/config/vms`;

export interface VmRoutesOptions {
  vmCreatesPerSecond: number;
  /** Ids that the next VMs get, the first first. */
  nextIds: string[];
}

export function vmRoutes(world: World, options: VmRoutesOptions): Route[] {
  const limit = new RateLimit(options.vmCreatesPerSecond, world.now);
  return [
    ...reading(world),
    {
      method: "POST",
      path: BASE,
      once: "required",
      handle: (call) => {
        limit.take(call.user);
        return create(world, call, options.nextIds);
      },
    },
    {
      method: "PUT",
      path: `${BASE}/:extId`,
      once: "required",
      handle: (call) => {
        const vm = vmOf(world, call);
        const changes = readVmUpdate(call.body, vmView(vm, world.now()));
        return update(world, call, { extId: vm.extId, changes });
      },
    },
    {
      method: "DELETE",
      path: `${BASE}/:extId`,
      once: "required",
      handle: (call) => change(world, call, "kVmDelete"),
    },
    action(world, "power-on", "kVmPowerOn"),
    action(world, "power-off", "kVmPowerOff"),
    action(world, "power-cycle", "kVmPowerCycle"),
    action(world, "reset", "kVmReset"),
    list(world, "add-custom-attributes", (call) => ({ add: attributes(call) })),
    list(world, "remove-custom-attributes", (call) => ({ remove: attributes(call) })),
    list(world, "associate-categories", (call) => ({ associate: categories(call) })),
    list(world, "disassociate-categories", (call) => ({ disassociate: categories(call) })),
  ];
}

function reading(world: World): Route[] {
  return [
    {
      method: "GET",
      path: BASE,
      query: "list",
      handle: (call) =>
        listed(world.vms, call, {
          view: (row) => vmView(row, world.now()),
          properties: VM_PROPERTIES,
          bornAt: (row) => row.createTime,
        }),
    },
    {
      method: "GET",
      path: `${BASE}/:extId`,
      handle: (call) => {
        const vm = vmOf(world, call);
        return single(vmView(vm, world.now()), vm.version);
      },
    },
    {
      method: "GET",
      path: `${BASE}/:extId/nics`,
      query: ["$page", "$limit"],
      handle: (call) => {
        const { nics } = vmOf(world, call);
        const views = nics.map((nic) => nicView(nic, world.now()));
        return page(Number(call.query["$page"] ?? 0) === 0 ? views : [], nics.length);
      },
    },
    {
      method: "GET",
      path: `${BASE}/:extId/nics/:nicExtId`,
      handle: (call) => {
        const vm = vmOf(world, call);
        const nic = vm.nics.find(({ extId }) => extId === param(call, "nicExtId"));
        if (!nic) throw notFound("NIC", param(call, "nicExtId"));
        return single(nicView(nic, world.now()), vm.version);
      },
    },
  ];
}

function create(world: World, call: Call, nextIds: string[]): Reply {
  const vm = readVmRequest(call.body, nextIds[0] ?? randomUUID());
  nextIds.shift();
  const uuid = world.tasks.start({
    operation: "kVmCreate",
    description: "Create VM",
    entities: entitiesOf(vm),
    clusterExtIds: [vm.clusterExtId],
    input: vm,
    user: call.user,
  });
  if (call.behaviour.showsVmAtOnce) {
    const time = world.now().toISOString();
    world.vms.put(vm.extId, { ...vm, createTime: time, updateTime: time });
  }
  return accepted(extIdOf(uuid));
}

function action(world: World, name: string, operation: string): Route {
  return {
    method: "POST",
    path: `${BASE}/:extId/$actions/${name}`,
    once: "required",
    handle: (call) => change(world, call, operation),
  };
}

/** An action that adds to, or takes from, one of a VM's lists. */
function list(world: World, name: string, read: (call: Call) => Omit<VmUpdate, "extId">): Route {
  return {
    ...action(world, name, "kVmUpdate"),
    handle: (call) => {
      const { extId } = vmOf(world, call);
      return update(world, call, { extId, ...read(call) });
    },
  };
}

function attributes(call: Call): string[] {
  const given = itemsOf(fieldsOf(call.body)["customAttributes"]).map(String);
  if (given.length === 0) throw invalid("customAttributes are missing.", "customAttributes");
  return given;
}

function categories(call: Call): string[] {
  const given = itemsOf(fieldsOf(call.body)["categories"]).map((item) =>
    required(extIdIn(item), "categories[].extId"),
  );
  if (given.length === 0) throw invalid("categories are missing.", "categories");
  return given;
}

function update(world: World, call: Call, input: VmUpdate): Reply {
  return change(world, call, "kVmUpdate", input);
}

function change(world: World, call: Call, operation: string, input?: VmUpdate): Reply {
  const vm = vmOf(world, call);
  checkIfMatch(call, vm);
  world.vms.put(vm.extId, { ...vm, version: vm.version + 1 });
  const uuid = world.tasks.start({
    operation,
    entities: [{ extId: vm.extId, rel: VM_REL, name: vm.name }],
    clusterExtIds: [vm.clusterExtId],
    input: input ?? vm.extId,
    user: call.user,
  });
  return accepted(extIdOf(uuid));
}

// Prism names a new VM's disks, CD-ROMs and NICs beside it; the VM comes first.
function entitiesOf(vm: Pick<VmRow, "extId" | "name" | "disks" | "cdRoms" | "nics">): Entity[] {
  return [
    { extId: vm.extId, rel: VM_REL, name: vm.name },
    ...vm.disks.map(({ extId }) => ({ extId, rel: `${VM_REL}:disk` })),
    ...(vm.cdRoms ?? []).map(({ extId }) => ({ extId, rel: `${VM_REL}:cdrom` })),
    ...vm.nics.map(({ extId }) => ({ extId, rel: `${VM_REL}:nic` })),
  ];
}

function vmOf(world: World, call: Call): VmRow {
  const extId = param(call, "extId");
  const vm = world.vms.get(extId);
  if (!vm) throw vmNotFound(extId);
  return vm;
}
