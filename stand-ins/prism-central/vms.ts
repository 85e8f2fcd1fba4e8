// VMs: made, read, powered, marked and deleted. Everything that changes one is accepted with 202 and done by a
// task; each accepted change moves the ETag on, so that of two clients with one ETag the second gets 412.
import { accepted, single } from "./envelope";
import { invalid, vmNotFound } from "./errors";
import { checkIfMatch } from "./if-match";
import { listed } from "./listing";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, itemsOf, param } from "./route";
import type { Entity } from "./tasks";
import { extIdOf } from "./tasks";
import { VM_FILTERABLE, VM_REL, vmView } from "./vm";
import type { VmRow } from "./vm";
import { readVmRequest } from "./vm-request";
import type { World } from "./world";

const BASE = `/api/vmm/${V4}/ahv/config/vms`;

export function vmRoutes(world: World): Route[] {
  return [
    {
      method: "GET",
      path: BASE,
      handle: (call) =>
        listed(world.vms, call, {
          view: vmView,
          filterable: VM_FILTERABLE,
          bornAt: (row) => row.createTime,
        }),
    },
    { method: "POST", path: BASE, once: true, handle: (call) => create(world, call) },
    {
      method: "GET",
      path: `${BASE}/:extId`,
      handle: (call) => {
        const vm = vmOf(world, call);
        return single(vmView(vm), vm.version);
      },
    },
    {
      method: "DELETE",
      path: `${BASE}/:extId`,
      once: true,
      handle: (call) => change(world, call, "kVmDelete"),
    },
    action(world, "power-on", "kVmPowerOn"),
    action(world, "power-off", "kVmPowerOff"),
    action(world, "reset", "kVmReset"),
    {
      ...action(world, "add-custom-attributes", "kVmUpdate"),
      handle: (call) => {
        const { extId } = vmOf(world, call);
        const customAttributes = itemsOf(fieldsOf(call.body)["customAttributes"]).map(String);
        if (customAttributes.length === 0) throw invalid("customAttributes are missing.");
        return change(world, call, "kVmUpdate", { extId, customAttributes });
      },
    },
  ];
}

function create(world: World, call: Call): Reply {
  const vm = readVmRequest(call.body);
  const uuid = world.tasks.start({
    operation: "kVmCreate",
    entities: entitiesOf(vm),
    clusterExtIds: [vm.clusterExtId],
    input: vm,
    user: call.user,
  });
  return accepted(extIdOf(uuid));
}

function action(world: World, name: string, operation: string): Route {
  return {
    method: "POST",
    path: `${BASE}/:extId/$actions/${name}`,
    once: true,
    handle: (call) => change(world, call, operation),
  };
}

function change(world: World, call: Call, operation: string, input?: unknown): Reply {
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

// Prism names a new VM's disks and NICs beside it; the VM comes first.
function entitiesOf(vm: Pick<VmRow, "extId" | "name" | "disks" | "nics">): Entity[] {
  return [
    { extId: vm.extId, rel: VM_REL, name: vm.name },
    ...vm.disks.map(({ extId }) => ({ extId, rel: `${VM_REL}:disk` })),
    ...vm.nics.map(({ extId }) => ({ extId, rel: `${VM_REL}:nic` })),
  ];
}

function vmOf(world: World, call: Call): VmRow {
  const extId = param(call, "extId");
  const vm = world.vms.get(extId);
  if (!vm) throw vmNotFound(extId);
  return vm;
}
