// Nodes on their way out: tainted, drained, marked, and their group made smaller. Empty nodes go together, others
// one at a time; what fails is put back as it was.

import type { Cluster, NodeGroup } from "./cluster";
import type { Surroundings } from "./autoscaler";
import type { Machine, Node, Pod } from "./objects";
import type { Verdict } from "./scale-down";
import type { Targets } from "./targets";
import type { LastChanges } from "./timers";

interface Removal {
  node: Node;
  machine: Machine;
  group: NodeGroup;
  toMove: Pod[];
}

export class Removals {
  private readonly around: Surroundings;
  private readonly last: LastChanges;
  private readonly targets: Targets;
  private readonly underWay = new Map<string, Promise<void>>();
  private draining = 0;

  constructor(around: Surroundings, last: LastChanges, targets: Targets) {
    this.around = around;
    this.last = last;
    this.targets = targets;
  }

  /** Whether a node is being removed, its group not made smaller yet. */
  has(node: string): boolean {
    return this.underWay.has(node);
  }

  async settle(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  /** Starts as many removals as bounds allow. */
  begin(cluster: Cluster, due: readonly Verdict[]): void {
    const { flags } = this.around;
    const room = new Map(cluster.groups.map((group) => [group.id, this.roomOf(group, cluster)]));
    for (const { node, toMove } of [...due].sort((a, b) => a.toMove.length - b.toMove.length)) {
      const found = cluster.machineOf(node);
      if (!found || this.underWay.size >= flags["max-scale-down-parallelism"]) continue;
      const left = room.get(found.group.id) ?? 0;
      const drains = toMove.length > 0;
      if (left <= 0 || (drains && this.draining >= flags["max-drain-parallelism"])) continue;
      room.set(found.group.id, left - 1);
      this.start({ node, toMove, ...found });
    }
  }

  private roomOf(group: NodeGroup, cluster: Cluster): number {
    if (group.deployment.spec.paused) return 0;
    const leaving = cluster.nodesOf(group).filter(({ metadata }) => this.has(metadata.name));
    return group.target - group.min - leaving.length;
  }

  private start(removal: Removal): void {
    const { name } = removal.node.metadata;
    const drains = removal.toMove.length > 0;
    if (drains) this.draining++;
    const work = this.remove(removal).finally(() => {
      if (drains) this.draining--;
      this.underWay.delete(name);
    });
    this.underWay.set(name, work);
  }

  private async remove(removal: Removal): Promise<void> {
    const { actuator, recorder, metrics, now } = this.around;
    const { node, machine, group, toMove } = removal;
    const { name, uid } = node.metadata;
    const empty = toMove.length === 0;
    const about = { kind: "Node", metadata: { name, uid } };
    try {
      await actuator.taint(node);
      const message = "marked the node as toBeDeleted/unschedulable";
      await recorder.event(about, { reason: "ScaleDown", message });
      await this.refuseNewcomers(removal);
      await actuator.drain(toMove);
      await actuator.markMachine(machine);
      const { after } = await actuator.resize(group, -1);
      this.targets.set(group.id, after);
      this.last.remove = now();
      metrics.add(
        `cluster_autoscaler_scaled_down_nodes_total{reason="${empty ? "empty" : "underutilized"}"}`,
      );
      await recorder.general({
        reason: empty ? "ScaleDownEmpty" : "ScaleDown",
        message: `Scale-down: ${empty ? "empty node" : "node"} ${name} removed${empty ? "" : " with drain"}`,
      });
    } catch (error) {
      this.last.failure = now();
      const message = `failed to delete node: ${String(error)}`;
      await recorder.event(about, { reason: "ScaleDownFailed", message, warning: true });
      await actuator.markMachine(machine, false).catch(() => undefined);
      await actuator.untaint(node).catch(() => undefined);
    }
  }

  /** The scheduler may have been faster than the taint. */
  private async refuseNewcomers({ node, toMove }: Removal): Promise<void> {
    const known = new Set(toMove.map(({ metadata }) => metadata.uid));
    const there = await this.around.actuator.movablePodsOn(node);
    const newcomer = there.find(({ metadata }) => !known.has(metadata.uid));
    if (newcomer) throw new Error(`pod ${newcomer.metadata.name} has come to it meanwhile`);
  }
}
