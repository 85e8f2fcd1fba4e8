// What the console's tasks do to clusters, and what becomes of a cluster whose task fails.
import type { TaskRow } from "../prism-central/tasks";
import { type World, setStatus } from "./world";

interface Kind {
  /** Statuses that it may begin in. */
  from: string[];
  /** While it is under way; undefined where the status stays. */
  during?: string;
  done?: string;
  failed?: string;
  /** As `display_name` of the task. */
  shown: string;
}

/** Names as latencies and fault rules write them. */
export const KINDS: Record<string, Kind> = {
  kClusterCreate: {
    from: [],
    during: "creating",
    done: "running",
    failed: "creation_failed",
    shown: "Create cluster",
  },
  kClusterHibernate: {
    from: ["running", "hibernation_failed"],
    during: "hibernating",
    done: "hibernated",
    failed: "hibernation_failed",
    shown: "Hibernate cluster",
  },
  kClusterResume: {
    from: ["hibernated", "resuming_failed"],
    during: "resuming",
    done: "running",
    failed: "resuming_failed",
    shown: "Resume cluster",
  },
  kClusterTerminate: {
    from: [
      ...["creating", "creation_failed", "running", "hibernated", "hibernation_failed"],
      ...["hibernation_stalled", "resuming_failed", "resuming_stalled"],
    ],
    during: "terminating",
    done: "terminated",
    shown: "Terminate cluster",
  },
  kClusterUpdateCapacity: { from: ["running"], shown: "Update cluster capacity" },
};

interface Input {
  id: string;
  capacity?: Record<string, unknown>[];
}

/** Registers the work of each kind. */
export function registerWork(world: World): void {
  for (const [kind, { done }] of Object.entries(KINDS))
    world.tasks.register(kind, ({ id, capacity }: Input) => {
      if (done !== undefined) setStatus(world, id, done);
      const row = world.clusters.get(id);
      if (row && capacity) world.clusters.put(id, { ...row, capacity });
    });
  world.tasks.table.watch((_before, task) => {
    if (task && isBroken(task)) break_(world, task);
  });
}

function isBroken({ status }: TaskRow): boolean {
  return status === "FAILED" || status === "CANCELED";
}

function break_(world: World, { operation, entities }: TaskRow): void {
  const [entity] = entities;
  const { failed, during } = KINDS[operation] ?? {};
  const row = world.clusters.get(entity?.extId ?? "");
  // A task that ended long ago says nothing of a cluster that has moved on.
  if (row && failed !== undefined && row.status === during) setStatus(world, row.id, failed);
}
