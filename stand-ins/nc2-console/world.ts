// All that this console knows: what the seed gives, and what clients made, in the journal.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../prism-central/clock";
import type { Events } from "../prism-central/events";
import type { Faults } from "../prism-central/faults";
import { Journal } from "../prism-central/journal";
import { Table } from "../prism-central/table";
import { Tasks } from "../prism-central/tasks";
import { type Behaviour, readBehaviour } from "./behaviour";
import type { ClusterSeed, Seed } from "./seed";

export interface ClusterRow {
  id: string;
  name: string;
  description: string | null;
  status: string;
  /** What it was until statusLag after `changedAt`. */
  before?: string;
  changedAt: string;
  createdAt: string;
  organizationId: string;
  cloudAccountId: string;
  region: string;
  capacity: Record<string, unknown>[];
  /** The rest of the request that made it, as it came. */
  request: Record<string, unknown>;
}

export interface World {
  seed: Seed;
  behaviour: Behaviour;
  clock: Clock;
  tasks: Tasks;
  clusters: Table<ClusterRow>;
  close: () => void;
}

export interface WorldOptions {
  dataDir: string;
  seed: Seed;
  clock: Clock;
  faults: Faults;
  events: Events;
}

/** Opens the world kept in a folder, or begins a new one there. */
export function openWorld({ dataDir, seed, clock, faults, events }: WorldOptions): World {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const journal = new Journal(join(dataDir, "journal.ndjson"));
  const world: World = {
    seed,
    behaviour: readBehaviour(seed.behaviour),
    clock,
    tasks: new Tasks({ journal, clock, latency: seed.latency, faults, events }),
    clusters: new Table("clusters", { name: (row: ClusterRow) => [row.name] }, { journal }),
    close: () => journal.close(),
  };
  for (const cluster of seed.clusters)
    if (!world.clusters.get(cluster.id))
      world.clusters.put(cluster.id, seeded(cluster, clock.now()));
  return world;
}

/** Back to the seed. */
export function resetWorld({ clusters, tasks, seed, clock }: World): void {
  tasks.table.clear();
  clusters.clear();
  for (const cluster of seed.clusters) clusters.put(cluster.id, seeded(cluster, clock.now()));
}

/** Changes a cluster's status, if it is there. */
export function setStatus({ clusters, clock }: World, id: string, status: string): void {
  const row = clusters.get(id);
  if (!row || row.status === status) return;
  clusters.put(id, { ...row, status, before: row.status, changedAt: clock.now().toISOString() });
}

/** As clients see it. */
export function statusOf({ status, before, changedAt }: ClusterRow, world: World): string {
  const age = world.clock.now().getTime() - Date.parse(changedAt);
  return before !== undefined && age < world.behaviour.statusLag ? before : status;
}

function seeded(cluster: ClusterSeed, now: Date): ClusterRow {
  const time = now.toISOString();
  return {
    id: cluster.id,
    name: cluster.name,
    description: null,
    status: cluster.status ?? "running",
    changedAt: time,
    createdAt: time,
    organizationId: cluster.organization,
    cloudAccountId: cluster.cloudAccount,
    region: cluster.region,
    capacity: [{ host_type: cluster.hostType, number_of_hosts: cluster.hosts }],
    request: {},
  };
}
