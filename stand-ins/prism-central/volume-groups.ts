// Volume groups: made, listed, read, deleted, attached to VMs and detached from them. An attached one is among the VM's
// disks; CAPX detaches them before it deletes a machine's VM.
import { randomUUID } from "node:crypto";
import { accepted, page, single, typed } from "./envelope";
import { failed, invalid, notFound } from "./errors";
import type { Properties } from "./filter-match";
import { listed } from "./listing";
import type { Call, Reply, Route } from "./route";
import { V4, fieldsOf, itemsOf, param, textOf } from "./route";
import { extIdOf } from "./tasks";
import { VM_REL } from "./vm";
import type { DiskRow, VmRow } from "./vm";
import type { VolumeGroupRow } from "./volume-group";
import { VOLUME_GROUP_REL } from "./volume-group";
import type { World } from "./world";

const BASE = `/api/volumes/${V4}/config/volume-groups`;

const PROPERTIES: Properties<VolumeGroupRow> = {
  name: (row) => row.name,
  extId: (row) => row.extId,
  clusterReference: (row) => row.clusterExtId,
};

interface Attachment {
  extId: string;
  vmExtId: string;
  index?: number;
}

export function volumeGroupRoutes(world: World): Route[] {
  world.tasks.register("kVolumeGroupCreate", (row: VolumeGroupRow) => {
    world.volumeGroups.put(row.extId, row);
  });
  world.tasks.register("kVolumeGroupDelete", (extId: string) => world.volumeGroups.delete(extId));
  world.tasks.register("kVolumeGroupAttach", (input: Attachment) => attach(world, input));
  world.tasks.register("kVolumeGroupDetach", (input: Attachment) => detach(world, input));
  return [
    {
      method: "GET",
      path: BASE,
      query: "list",
      handle: (call) =>
        listed(world.volumeGroups, call, {
          view,
          properties: PROPERTIES,
          bornAt: (row) => row.createTime,
        }),
    },
    { method: "POST", path: BASE, once: "optional", handle: (call) => create(world, call) },
    {
      method: "GET",
      path: `${BASE}/:extId`,
      handle: (call) => {
        const group = groupOf(world, call);
        return single(view(group), group.version);
      },
    },
    {
      method: "DELETE",
      path: `${BASE}/:extId`,
      once: "optional",
      handle: (call) => {
        const group = groupOf(world, call);
        if (group.attachments.length > 0)
          throw invalid(`Volume group ${group.name} is attached to VMs: detach it first.`);
        return start(world, call, { operation: "kVolumeGroupDelete", group, input: group.extId });
      },
    },
    {
      method: "GET",
      path: `${BASE}/:extId/vm-attachments`,
      query: ["$page", "$limit"],
      handle: (call) => {
        const { attachments } = groupOf(world, call);
        const views = attachments.map(({ vmExtId, index }) =>
          typed("volumes.v4.config.VmAttachment", { extId: vmExtId, index }),
        );
        return page(Number(call.query["$page"] ?? 0) === 0 ? views : [], attachments.length);
      },
    },
    action(world, "attach-vm", "kVolumeGroupAttach"),
    action(world, "detach-vm", "kVolumeGroupDetach"),
  ];
}

function action(world: World, name: string, operation: string): Route {
  return {
    method: "POST",
    path: `${BASE}/:extId/$actions/${name}`,
    once: "optional",
    handle: (call) => {
      const group = groupOf(world, call);
      const body = fieldsOf(call.body);
      const vmExtId = textOf(body["extId"]);
      if (vmExtId === undefined) throw invalid("The VM's extId is missing.", "extId");
      const index = body["index"] === undefined ? {} : { index: Number(body["index"]) };
      const input = { extId: group.extId, vmExtId, ...index };
      return start(world, call, { operation, group, input, vmExtId });
    },
  };
}

function create(world: World, call: Call): Reply {
  const body = fieldsOf(call.body);
  const name = textOf(body["name"]);
  const clusterExtId = textOf(body["clusterReference"]);
  if (name === undefined || clusterExtId === undefined)
    throw invalid("A volume group needs name and clusterReference.");
  if (world.clusters.get(clusterExtId)?.kind !== "AOS")
    throw invalid(`Cluster ${clusterExtId} is no Prism Element.`, "clusterReference");
  const sizes = itemsOf(body["disks"]).map((disk) => Number(fieldsOf(disk)["diskSizeBytes"] ?? 0));
  const description = textOf(body["description"]);
  const group: VolumeGroupRow = {
    ...{ extId: randomUUID(), version: 1, name, clusterExtId },
    ...(description === undefined ? {} : { description }),
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    attachments: [],
    createTime: world.now().toISOString(),
  };
  return start(world, call, { operation: "kVolumeGroupCreate", group, input: group });
}

function start(
  world: World,
  call: Call,
  task: { operation: string; group: VolumeGroupRow; input: unknown; vmExtId?: string },
): Reply {
  const { operation, group, input, vmExtId } = task;
  const vm = vmExtId === undefined ? [] : [{ extId: vmExtId, rel: VM_REL }];
  const uuid = world.tasks.start({
    operation,
    entities: [{ extId: group.extId, rel: VOLUME_GROUP_REL, name: group.name }, ...vm],
    clusterExtIds: [group.clusterExtId],
    input,
    user: call.user,
  });
  return accepted(extIdOf(uuid));
}

function attach(world: World, { extId, vmExtId, index }: Attachment): void {
  const { group, vm } = bothOf(world, extId, vmExtId);
  if (group.attachments.some((attachment) => attachment.vmExtId === vmExtId)) return;
  const scsi = vm.disks.filter(({ busType }) => busType === "SCSI").map((disk) => disk.index);
  const place = index ?? Math.max(-1, ...scsi) + 1;
  const disk: DiskRow = {
    ...{ extId: randomUUID(), busType: "SCSI", index: place, sizeBytes: 0 },
    volumeGroupExtId: extId,
  };
  const attachment = { vmExtId, index: place, diskExtId: disk.extId };
  world.volumeGroups.put(extId, {
    ...group,
    version: group.version + 1,
    attachments: [...group.attachments, attachment],
  });
  putDisks(world, vm, [...vm.disks, disk]);
}

function detach(world: World, { extId, vmExtId }: Attachment): void {
  const { group, vm } = bothOf(world, extId, vmExtId);
  const attachments = group.attachments.filter((item) => item.vmExtId !== vmExtId);
  if (attachments.length === group.attachments.length)
    throw failed(
      "LAB-404",
      "VM_ATTACHMENT_NOT_FOUND",
      `Volume group ${group.name} is not attached to VM ${vmExtId}.`,
    );
  world.volumeGroups.put(extId, { ...group, attachments, version: group.version + 1 });
  putDisks(
    world,
    vm,
    vm.disks.filter((disk) => disk.volumeGroupExtId !== extId),
  );
}

function putDisks(world: World, vm: VmRow, disks: DiskRow[]): void {
  world.vms.put(vm.extId, { ...vm, disks, version: vm.version + 1 });
}

function bothOf(world: World, extId: string, vmExtId: string) {
  const group = world.volumeGroups.get(extId);
  const vm = world.vms.get(vmExtId);
  if (!group) throw notFound("volume group", extId);
  if (!vm) throw notFound("VM", vmExtId);
  return { group, vm };
}

function groupOf(world: World, call: Call): VolumeGroupRow {
  const extId = param(call, "extId");
  const group = world.volumeGroups.get(extId);
  if (!group) throw notFound("volume group", extId);
  return group;
}

function view(row: VolumeGroupRow): object {
  return typed("volumes.v4.config.VolumeGroup", {
    extId: row.extId,
    name: row.name,
    description: row.description,
    clusterReference: row.clusterExtId,
    sharingStatus: row.attachments.length > 1 ? "SHARED" : "NOT_SHARED",
    usageType: "USER",
    attachmentType: row.attachments.length > 0 ? "DIRECT" : "NONE",
    isHidden: false,
  });
}
