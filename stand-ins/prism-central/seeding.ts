// The seed's part of the world. What only the seed has lives in memory and is made anew each time; categories and
// volume groups, which clients may change, are put into the journal once.
import type { ClusterSeed, GpuSeed, Seed, SubnetSeed } from "./seed";
import { Table } from "./table";
import { uuidFor } from "./uuid";
import type { World } from "./world";

type Seeded = Pick<World, "clusters" | "hosts" | "containers" | "gpus" | "subnets" | "projects">;

const GIB = 2 ** 30;
const HOST = { memoryGiB: 2048, threads: 128 };

/** The tables of what only the seed has. Throws when it names a cluster that it does not have. */
export function seeded(seed: Seed): Seeded {
  const world: Seeded = {
    clusters: new Table("clusters", { name: (row) => [row.name], extId: (row) => [row.extId] }),
    hosts: new Table("hosts", {
      hostName: (row) => [row.name],
      "cluster/uuid": (row) => [row.clusterExtId],
    }),
    containers: new Table("containers", {
      name: (row) => [row.name],
      clusterExtId: (row) => [row.clusterExtId],
      containerExtId: (row) => [row.extId],
    }),
    gpus: new Table("gpus", {
      name: (row) => [row.name],
      physical: (row) => [row.type === "VIRTUAL" ? undefined : row.clusterExtId],
      virtual: (row) => [row.type === "VIRTUAL" ? row.clusterExtId : undefined],
    }),
    subnets: new Table("subnets", {
      name: (row) => [row.name],
      extId: (row) => [row.extId],
      clusterReference: (row) => [row.clusterExtId],
    }),
    projects: new Table("projects", { name: (row) => [row.name] }),
  };
  for (const cluster of seed.clusters) addCluster(world, cluster);
  addPrismCentral(world, seed);
  for (const subnet of seed.subnets) addSubnet(world, subnet);
  for (const { name } of seed.projects) {
    const uuid = uuidFor("project", name);
    world.projects.put(uuid, { uuid, name });
  }
  return world;
}

function addPrismCentral({ clusters }: Seeded, { prismCentral: { name, version } }: Seed): void {
  // A Prism Element may have the same name.
  const isTaken = clusters.find("name", name).length > 0;
  const extId = isTaken ? uuidFor("prism central", name) : uuidFor("cluster", name);
  clusters.put(extId, { extId, name, version, kind: "PRISM_CENTRAL", isAvailable: true });
}

/** Names are not unique: the second of a name has an id of its own, the same at each start. */
function idOf(kind: string, name: string, before: number): string {
  return before === 0 ? uuidFor(kind, name) : uuidFor(kind, name, String(before + 1));
}

function addCluster(world: Seeded, seed: ClusterSeed): void {
  const clusterExtId = idOf("cluster", seed.name, world.clusters.find("name", seed.name).length);
  const { name, version, isAvailable = true, maxVms } = seed;
  world.clusters.put(clusterExtId, {
    ...{ extId: clusterExtId, name, version, kind: "AOS", isAvailable },
    ...(maxVms === undefined ? {} : { maxVms }),
  });
  for (const host of seed.hosts.map((host) => (typeof host === "string" ? { name: host } : host))) {
    const extId = uuidFor("host", host.name);
    const { memoryGiB, threads } = { ...HOST, ...host };
    const memorySizeBytes = memoryGiB * GIB;
    world.hosts.put(extId, { extId, name: host.name, clusterExtId, memorySizeBytes, threads });
  }
  for (const given of seed.storageContainers) {
    const container = typeof given === "string" ? { name: given } : given;
    const extId = uuidFor("container", seed.name, container.name);
    const capacity =
      container.capacityGiB === undefined ? {} : { capacityBytes: container.capacityGiB * GIB };
    world.containers.put(extId, {
      ...{ extId, name: container.name, clusterExtId, clusterName: seed.name },
      ...capacity,
    });
  }
  for (const gpu of seed.gpus ?? []) addGpus(world, clusterExtId, gpu);
}

// A physical GPU has a profile of its own, of a virtual one the profile says how many shares there are.
function addGpus(world: Seeded, clusterExtId: string, gpu: GpuSeed): void {
  const { name, deviceId, type, vendor = "kNvidia", count = 1, frameBufferGiB = 16 } = gpu;
  const devices = type === "VIRTUAL" ? 1 : count;
  for (let device = 1; device <= devices; device += 1) {
    const extId = uuidFor("gpu", clusterExtId, name, String(device));
    world.gpus.put(extId, {
      ...{ extId, clusterExtId, name, deviceId, vendor, type },
      count: type === "VIRTUAL" ? count : 1,
      frameBufferBytes: frameBufferGiB * GIB,
    });
  }
}

function addSubnet(world: Seeded, { cluster, pool, ...subnet }: SubnetSeed): void {
  const { type = "VLAN", isManaged = true } = subnet;
  const row = cluster === undefined ? undefined : world.clusters.find("name", cluster)[0];
  if (!row && (type === "VLAN" || cluster !== undefined))
    throw new Error(`Subnet ${subnet.name} of the seed names no cluster: "${cluster ?? ""}".`);
  const extId = idOf("subnet", subnet.name, world.subnets.find("name", subnet.name).length);
  const pools = Array.isArray(pool) ? pool : [pool];
  const owner = row ? { clusterExtId: row.extId } : {};
  world.subnets.put(extId, { ...subnet, type, isManaged, extId, pools, ...owner });
}

/** The seed's categories, as far as they are not there yet. */
export function seedCategories({ categories }: World, seed: Seed): void {
  for (const { key, value, description } of seed.categories) {
    if (categories.count("key:value", `${key}:${value}`) > 0) continue;
    const extId = uuidFor("category", key, value);
    const told = description === undefined ? {} : { description };
    categories.put(extId, { extId, key, value, version: 1, ...told });
  }
}

/** The seed's volume groups, as far as they are not there yet. */
export function seedVolumeGroups({ clusters, volumeGroups }: World, seed: Seed): void {
  for (const { name, cluster, sizeGiB = 10 } of seed.volumeGroups) {
    const [row] = clusters.find("name", cluster);
    if (!row) throw new Error(`Volume group ${name} of the seed names no cluster: "${cluster}".`);
    const extId = uuidFor("volume group", name);
    if (volumeGroups.get(extId)) continue;
    const sizeBytes = sizeGiB * GIB;
    const rest = { version: 1, attachments: [], createTime: new Date(0).toISOString() };
    volumeGroups.put(extId, { extId, name, clusterExtId: row.extId, sizeBytes, ...rest });
  }
}
