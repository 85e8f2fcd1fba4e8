// When a node that is not needed may go: how long it has not been needed, and whether the cluster rests after a
// change. Times are milliseconds; a group may have options of its own by annotation.

import { millisecondsOf } from "./durations";
import type { Flags } from "./flags";
import type { MachineDeployment } from "./objects";

const optionPrefix = "cluster.x-k8s.io/autoscaling-options-";

export interface GroupOptions {
  unneededTime: number;
  unreadyTime: number;
  utilizationThreshold: number;
  provisionTime: number;
}

/** A group's options: its annotations, else the flags. */
export function optionsOf({ metadata }: MachineDeployment, flags: Flags): GroupOptions {
  const given = (name: string) => metadata.annotations?.[optionPrefix + name];
  const time = (name: string, otherwise: number) => {
    const text = given(name);
    return text === undefined ? otherwise : millisecondsOf(text);
  };
  return {
    unneededTime: time("scaledownunneededtime", flags["scale-down-unneeded-time"]),
    unreadyTime: time("scaledownunreadytime", flags["scale-down-unready-time"]),
    provisionTime: time("maxnodeprovisiontime", flags["max-node-provision-time"]),
    utilizationThreshold: Number(
      given("scaledownutilizationthreshold") ?? flags["scale-down-utilization-threshold"],
    ),
  };
}

/** When something last happened. Long ago at the start: a new autoscaler does not rest first. */
export interface LastChanges {
  add: number;
  remove: number;
  failure: number;
}

/** How long scaling down still rests; 0 or less when it does not. */
export function restLeft(last: LastChanges, flags: Flags, now: number): number {
  return Math.max(
    last.add + flags["scale-down-delay-after-add"] - now,
    last.remove + flags["scale-down-delay-after-delete"] - now,
    last.failure + flags["scale-down-delay-after-failure"] - now,
  );
}

/** Remembers since when each node has not been needed. */
export class Unneeded {
  private readonly since = new Map<string, number>();

  /** Takes note of the nodes that are not needed now; forgets all others. */
  update(names: readonly string[], now: number): void {
    for (const name of [...this.since.keys()]) if (!names.includes(name)) this.since.delete(name);
    for (const name of names) if (!this.since.has(name)) this.since.set(name, now);
  }

  /** How much longer a node has to stay; 0 or less when it may go, Infinity when it is needed. */
  left(name: string, needed: number, now: number): number {
    const since = this.since.get(name);
    return since === undefined ? Infinity : since + needed - now;
  }

  get size(): number {
    return this.since.size;
  }
}
