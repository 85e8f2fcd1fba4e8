// What the task of a new VM does: looks up what the request refers to, sees whether there is room, clones the boot disk.
// A reference that leads nowhere fails the task; a live Prism Central was reported to do so, with these codes.
import { failed } from "./errors";
import type { DiskRow, VmRow } from "./vm";
import type { VmRequest } from "./vm-request";
import type { VmWork } from "./vm-work";
import type { World } from "./world";

export async function createVm(work: VmWork, request: VmRequest): Promise<void> {
  const { world, capacity, guests } = work;
  try {
    const vm = checked(world, request);
    if (world.vms.get(vm.extId) === undefined || work.behaviour.showsVmAtOnce) capacity.admit(vm);
    await guests.cloneBootDisk(vm);
    world.vms.put(vm.extId, { ...vm, version: world.vms.get(vm.extId)?.version ?? 1 });
  } catch (error) {
    world.vms.delete(request.extId);
    throw error;
  }
}

function checked(world: World, request: VmRequest): VmRow {
  checkCluster(world, request);
  for (const extId of request.categories)
    if (!world.categories.get(extId))
      throw failed("LAB-404", "CATEGORY_NOT_FOUND", `The category ${extId} does not exist.`);
  if (request.projectExtId !== undefined && !world.projects.get(request.projectExtId))
    throw failed(
      "LAB-404",
      "PROJECT_NOT_FOUND",
      `The project ${request.projectExtId} does not exist.`,
    );
  const nics = request.nics.map((nic) => ({
    ...nic,
    prefixLength: subnetOf(world, request, nic.subnetExtId).prefixLength,
  }));
  const contents = request.disks.map((disk) => imageContent(world, disk.imageExtId));
  for (const { imageExtId } of request.cdRoms ?? []) imageContent(world, imageExtId);
  const bootSha256 = contents[0]?.sha256;
  const time = world.now().toISOString();
  return {
    ...request,
    disks: request.disks.map((disk, at) => ({
      ...disk,
      containerExtId: containerOf(world, request, disk),
      sizeBytes: Math.max(disk.sizeBytes, contents[at]?.sizeBytes ?? 0),
    })),
    nics,
    createTime: time,
    updateTime: time,
    ...(bootSha256 === undefined ? {} : { bootSha256 }),
  };
}

function checkCluster(world: World, { clusterExtId }: VmRequest): void {
  const cluster = world.clusters.get(clusterExtId);
  if (!cluster)
    throw failed("VMM-30106", "CLUSTER_NOT_FOUND", `The cluster ${clusterExtId} does not exist.`);
  if (cluster.kind !== "AOS")
    throw failed(
      "VMM-30106",
      "CLUSTER_NOT_FOUND",
      `Cluster ${clusterExtId} is no Prism Element: it runs no VMs.`,
    );
  if (!cluster.isAvailable)
    throw failed(
      "LAB-503",
      "CLUSTER_UNAVAILABLE",
      `Prism Element ${cluster.name} is not available.`,
    );
}

function subnetOf(world: World, { clusterExtId }: VmRequest, subnetExtId: string) {
  const subnet = world.subnets.get(subnetExtId);
  if (!subnet)
    throw failed("VMM-30604", "SUBNET_NOT_FOUND", `The subnet ${subnetExtId} does not exist.`);
  if (subnet.clusterExtId !== undefined && subnet.clusterExtId !== clusterExtId)
    throw failed(
      "VMM-30604",
      "SUBNET_NOT_FOUND",
      `Subnet ${subnet.name} (${subnetExtId}) is not on the VM's Prism Element.`,
    );
  return subnet;
}

// A disk that names no storage container is in the Prism Element's first one.
function containerOf(world: World, { clusterExtId }: VmRequest, disk: DiskRow): string | undefined {
  const own = world.containers.find("clusterExtId", clusterExtId);
  if (disk.containerExtId === undefined) return own[0]?.extId;
  if (own.some(({ extId }) => extId === disk.containerExtId)) return disk.containerExtId;
  throw failed(
    "LAB-404",
    "STORAGE_CONTAINER_NOT_FOUND",
    `The storage container ${disk.containerExtId} does not exist on the VM's Prism Element.`,
  );
}

function imageContent(world: World, imageExtId: string | undefined) {
  if (imageExtId === undefined) return undefined;
  const image = world.images.get(imageExtId);
  if (!image) throw failed("VMM-31201", "IMAGE_NOT_FOUND", `Image ${imageExtId} does not exist.`);
  if (!image.content)
    throw failed(
      "LAB-409",
      "IMAGE_HAS_NO_CONTENT",
      `Image ${image.name} (${imageExtId}) has no content.`,
    );
  return image.content;
}
