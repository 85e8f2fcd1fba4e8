// All that this Prism Central knows: what the seed gives, in memory, and what clients made, in the journal.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Hypervisor } from "../hypervisor/types";
import type { Faults } from "./faults";
import { Journal } from "./journal";
import type { Seed } from "./seed";
import { uuidFor } from "./seed";
import { Table } from "./table";
import { Tasks } from "./tasks";
import type { VmRow } from "./vm";
import type { ImageRow } from "./image-store";

export interface ClusterRow {
  extId: string;
  name: string;
  version: string;
  kind: "PRISM_CENTRAL" | "AOS";
}

export interface HostRow {
  extId: string;
  name: string;
  clusterExtId: string;
}

export interface ContainerRow {
  extId: string;
  name: string;
  clusterExtId: string;
  clusterName: string;
}

export interface SubnetRow {
  extId: string;
  name: string;
  clusterExtId: string;
  networkId: number;
  network: string;
  prefixLength: number;
  gateway: string;
  pool: { start: string; end: string };
}

export interface ProjectRow {
  uuid: string;
  name: string;
}

export interface CategoryRow {
  extId: string;
  key: string;
  value: string;
  description?: string;
  version: number;
  createTime?: string;
}

/** The first answer to a request id, for whoever repeats it. */
export interface AnswerRow {
  time: string;
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

export interface World {
  dataDir: string;
  now: () => Date;
  hypervisor: Hypervisor;
  tasks: Tasks;
  clusters: Table<ClusterRow>;
  hosts: Table<HostRow>;
  containers: Table<ContainerRow>;
  subnets: Table<SubnetRow>;
  projects: Table<ProjectRow>;
  categories: Table<CategoryRow>;
  images: Table<ImageRow>;
  vms: Table<VmRow>;
  answers: Table<AnswerRow>;
  /** Subnet -> the address it leased last. */
  lastLeases: Map<string, string>;
  close: () => void;
}

export interface WorldOptions {
  dataDir: string;
  seed: Seed;
  hypervisor: Hypervisor;
  now: () => Date;
  /** What may befall tasks. @default nothing */
  faults?: Faults;
}

/** Opens the world kept in a folder, or begins a new one there. */
export function openWorld({ dataDir, seed, hypervisor, now, faults }: WorldOptions): World {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const journal = new Journal(join(dataDir, "journal.ndjson"));
  return {
    dataDir,
    now,
    hypervisor,
    tasks: new Tasks({ journal, now, latency: seed.latency, faults }),
    ...seeded(seed),
    categories: new Table(
      "categories",
      {
        key: (row: CategoryRow) => [row.key],
        value: (row: CategoryRow) => [row.value],
        "key:value": (row: CategoryRow) => [`${row.key}:${row.value}`],
        extId: (row: CategoryRow) => [row.extId],
      },
      journal,
    ),
    images: new Table(
      "images",
      {
        name: (row: ImageRow) => [row.name],
        extId: (row: ImageRow) => [row.extId],
        type: (row: ImageRow) => [row.imageType],
        categories: (row: ImageRow) => Object.entries(row.categories).map((pair) => pair.join(":")),
      },
      journal,
    ),
    vms: new Table(
      "vms",
      {
        name: (row: VmRow) => [row.name],
        extId: (row: VmRow) => [row.extId],
        powerState: (row: VmRow) => [row.powerState],
        "cluster/extId": (row: VmRow) => [row.clusterExtId],
        "categories/extId": (row: VmRow) => row.categories,
        "nics/ipAddress": (row: VmRow) => row.nics.map((nic) => nic.ipAddress),
      },
      journal,
    ),
    answers: new Table("answers", {}, journal),
    lastLeases: new Map(),
    close: () => journal.close(),
  };
}

type Seeded = Pick<World, "clusters" | "hosts" | "containers" | "subnets" | "projects">;

function seeded(seed: Seed): Seeded {
  const world: Seeded = {
    clusters: new Table("clusters", { name: (row) => [row.name] }),
    hosts: new Table("hosts", {}),
    containers: new Table("containers", { name: (row) => [row.name] }),
    subnets: new Table("subnets", { name: (row) => [row.name] }),
    projects: new Table("projects", { name: (row) => [row.name] }),
  };
  const pc = { ...seed.prismCentral, kind: "PRISM_CENTRAL" as const };
  const elements = seed.clusters.map((cluster) => ({ ...cluster, kind: "AOS" as const }));
  for (const { name, version, kind } of [...elements, pc]) {
    const extId = uuidFor("cluster", name);
    world.clusters.put(extId, { extId, name, version, kind });
  }
  for (const cluster of seed.clusters) seedCluster(world, cluster);
  for (const { cluster, ...subnet } of seed.subnets) {
    const [row] = world.clusters.find("name", cluster);
    if (!row) throw new Error(`Subnet ${subnet.name} of the seed names no cluster: "${cluster}".`);
    const extId = uuidFor("subnet", subnet.name);
    world.subnets.put(extId, { ...subnet, extId, clusterExtId: row.extId });
  }
  for (const { name } of seed.projects) {
    const uuid = uuidFor("project", name);
    world.projects.put(uuid, { uuid, name });
  }
  return world;
}

function seedCluster(world: Seeded, cluster: Seed["clusters"][number]): void {
  const clusterExtId = uuidFor("cluster", cluster.name);
  for (const name of cluster.hosts) {
    const extId = uuidFor("host", name);
    world.hosts.put(extId, { extId, name, clusterExtId });
  }
  for (const name of cluster.storageContainers) {
    const extId = uuidFor("container", cluster.name, name);
    world.containers.put(extId, { extId, name, clusterExtId, clusterName: cluster.name });
  }
}
