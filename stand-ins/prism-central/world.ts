// All that this Prism Central knows: what the seed gives, in memory, and what clients made, in the journal.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Hypervisor } from "../hypervisor/types";
import { Clock } from "./clock";
import type { Events } from "./events";
import type { Faults } from "./faults";
import type { ImageRow } from "./image-store";
import { Journal } from "./journal";
import type { Seed } from "./seed";
import { seedCategories, seeded, seedVolumeGroups } from "./seeding";
import { Table } from "./table";
import { Tasks } from "./tasks";
import type { VmRow } from "./vm";
import type { VolumeGroupRow } from "./volume-group";

export interface ClusterRow {
  extId: string;
  name: string;
  version: string;
  kind: "PRISM_CENTRAL" | "AOS";
  isAvailable: boolean;
  maxVms?: number;
}

export interface HostRow {
  extId: string;
  name: string;
  clusterExtId: string;
  memorySizeBytes: number;
  threads: number;
}

export interface ContainerRow {
  extId: string;
  name: string;
  clusterExtId: string;
  clusterName: string;
  capacityBytes?: number;
}

export interface GpuRow {
  extId: string;
  clusterExtId: string;
  name: string;
  deviceId: number;
  vendor: string;
  type: "PASSTHROUGH_COMPUTE" | "PASSTHROUGH_GRAPHICS" | "VIRTUAL";
  /** Of a virtual one, how many VMs may have a share; of a physical one 1. */
  count: number;
  frameBufferBytes: number;
}

export interface SubnetRow {
  extId: string;
  name: string;
  type: "VLAN" | "OVERLAY";
  clusterExtId?: string;
  networkId: number;
  network: string;
  prefixLength: number;
  gateway: string;
  pools: { start: string; end: string }[];
  isManaged: boolean;
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
  /** Of the user who made it. */
  ownerUuid?: string;
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
  clock: Clock;
  now: () => Date;
  hypervisor: Hypervisor;
  tasks: Tasks;
  clusters: Table<ClusterRow>;
  hosts: Table<HostRow>;
  containers: Table<ContainerRow>;
  gpus: Table<GpuRow>;
  subnets: Table<SubnetRow>;
  projects: Table<ProjectRow>;
  categories: Table<CategoryRow>;
  images: Table<ImageRow>;
  vms: Table<VmRow>;
  volumeGroups: Table<VolumeGroupRow>;
  answers: Table<AnswerRow>;
  close: () => void;
}

export interface WorldOptions {
  dataDir: string;
  seed: Seed;
  hypervisor: Hypervisor;
  now: () => Date;
  /** What may befall tasks. @default nothing */
  faults?: Faults;
  events?: Events;
  /** @default one that goes as `now` does */
  clock?: Clock;
}

/** Opens the world kept in a folder, or begins a new one there. */
export function openWorld({ dataDir, seed, hypervisor, ...options }: WorldOptions): World {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const journal = new Journal(join(dataDir, "journal.ndjson"));
  const clock = options.clock ?? new Clock(options.now);
  const { faults, events } = options;
  const world: World = {
    dataDir,
    clock,
    now: clock.now,
    hypervisor,
    tasks: new Tasks({ journal, clock, latency: seed.latency, faults, events }),
    ...seeded(seed),
    ...made(journal),
    close: () => journal.close(),
  };
  seedCategories(world, seed);
  seedVolumeGroups(world, seed);
  return world;
}

type Made = Pick<World, "categories" | "images" | "vms" | "volumeGroups" | "answers">;

/** The tables of what clients make. */
function made(journal: Journal): Made {
  return {
    categories: new Table(
      "categories",
      {
        key: (row: CategoryRow) => [row.key],
        value: (row: CategoryRow) => [row.value],
        "key:value": (row: CategoryRow) => [`${row.key}:${row.value}`],
        extId: (row: CategoryRow) => [row.extId],
      },
      { journal, sorted: ["key"] },
    ),
    images: new Table(
      "images",
      {
        name: (row: ImageRow) => [row.name],
        extId: (row: ImageRow) => [row.extId],
        type: (row: ImageRow) => [row.imageType],
        categories: (row: ImageRow) => Object.entries(row.categories).map((pair) => pair.join(":")),
      },
      { journal, sorted: ["name"] },
    ),
    vms: new Table(
      "vms",
      {
        name: (row: VmRow) => [row.name],
        extId: (row: VmRow) => [row.extId],
        powerState: (row: VmRow) => [row.powerState],
        "cluster/extId": (row: VmRow) => [row.clusterExtId],
        "host/extId": (row: VmRow) => [row.hostExtId],
        "categories/extId": (row: VmRow) => row.categories,
        customAttributes: (row: VmRow) => row.customAttributes,
        "disks/extId": (row: VmRow) => row.disks.map(({ extId }) => extId),
      },
      { journal, sorted: ["name"] },
    ),
    volumeGroups: new Table(
      "volumeGroups",
      {
        name: (row: VolumeGroupRow) => [row.name],
        extId: (row: VolumeGroupRow) => [row.extId],
        clusterReference: (row: VolumeGroupRow) => [row.clusterExtId],
        "attachments/extId": (row: VolumeGroupRow) => row.attachments.map(({ vmExtId }) => vmExtId),
      },
      { journal, sorted: ["name"] },
    ),
    answers: new Table("answers", {}, { journal }),
  };
}
