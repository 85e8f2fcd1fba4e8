// Changes to the two clusters: the size of a group, the taint of a node, evictions, the mark on a machine.

import { KubeError, pathOf } from "../shared/kube-client";
import type { KubeClient } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import type { NodeGroup } from "./cluster";
import { deleteAnnotation, isFinished } from "./cluster";
import type { Flags } from "./flags";
import { toBeDeletedTaint } from "./node-template";
import { machineDeployments, machines, nodes, pods } from "./objects";
import type { Machine, Node, Pod, Taint } from "./objects";
import { isDaemon, isMirror } from "./scale-down";

interface Scale {
  spec: { replicas?: number };
}

export interface Clients {
  workload: KubeClient;
  management: KubeClient;
}

export class Actuator {
  private readonly clients: Clients;
  private readonly flags: Flags;
  private readonly podStore: KubeStore<Pod>;
  private readonly resizing = new Map<string, Promise<unknown>>();

  constructor(clients: Clients, flags: Flags, podStore: KubeStore<Pod>) {
    this.clients = clients;
    this.flags = flags;
    this.podStore = podStore;
  }

  /** Adds to a group's replicas, within its bounds and one call after the other; before and after. */
  async resize(group: NodeGroup, by: number): Promise<{ before: number; after: number }> {
    const earlier = this.resizing.get(group.id) ?? Promise.resolve();
    const mine = earlier.catch(() => undefined).then(() => this.resizeNow(group, by));
    this.resizing.set(group.id, mine);
    return mine;
  }

  private async resizeNow(group: NodeGroup, by: number) {
    const { management } = this.clients;
    const path = pathOf(machineDeployments, group.deployment.metadata, "scale");
    const before = ((await management.call("GET", path)) as Scale).spec.replicas ?? 0;
    const after = Math.min(before + by, group.max);
    if (after < group.min)
      throw new Error(`${group.id} would get ${after} nodes, less than its minimum ${group.min}.`);
    await management.call("PATCH", path, { spec: { replicas: after } });
    return { before, after };
  }

  /** Marks a machine as the one to go when its group shrinks. */
  async markMachine(machine: Machine, marked = true): Promise<void> {
    for (let tries = 1; ; tries++) {
      const found = await this.clients.management.get(machines, machine.metadata);
      if (!found) return;
      const mark = Object.entries({ [deleteAnnotation]: new Date().toISOString() });
      const others = Object.entries(found.metadata.annotations ?? {}).filter(
        ([key]) => key !== deleteAnnotation,
      );
      const annotations = Object.fromEntries(marked ? [...others, ...mark] : others);
      const metadata = { ...found.metadata, annotations };
      try {
        await this.clients.management.replace(machines, { ...found, metadata });
        return;
      } catch (error) {
        if (!isConflict(error) || tries === 5) throw error;
      }
    }
  }

  /** Keeps new pods off a node that is to be deleted. */
  async taint(node: Node): Promise<void> {
    const value = String(Math.floor(Date.now() / 1000));
    const taint = { key: toBeDeletedTaint, value, effect: "NoSchedule" };
    await this.changeTaints(node, (taints) => [...taints, taint]);
  }

  /** Lets pods onto a node again. */
  async untaint(node: Node): Promise<void> {
    await this.changeTaints(node, (taints) => taints);
  }

  private async changeTaints(node: Node, change: (others: Taint[]) => Taint[]): Promise<void> {
    const { workload } = this.clients;
    for (let tries = 1; ; tries++) {
      const found = await workload.get(nodes, { name: node.metadata.name });
      if (!found) return;
      const others = (found.spec.taints ?? []).filter(({ key }) => key !== toBeDeletedTaint);
      const taints = change(others);
      const cordon = this.flags["cordon-node-before-terminating"] && {
        unschedulable: taints.length > others.length,
      };
      const { resourceVersion } = found.metadata;
      const patch = { metadata: { resourceVersion }, spec: { taints, ...cordon } };
      try {
        await workload.patch(nodes, { name: node.metadata.name }, patch);
        return;
      } catch (error) {
        if (!isConflict(error) || tries === 5) throw error;
      }
    }
  }

  /** Evicts pods and waits until they are gone. Throws when one will not go in time. */
  async drain(leaving: readonly Pod[]): Promise<void> {
    await Promise.all(leaving.map((pod) => this.evict(pod)));
    const end = Date.now() + this.flags["max-graceful-termination-sec"] * 1000;
    for (const pod of leaving) await this.gone(pod, end);
  }

  /** Pods on a node, as the API server says now, that a drain would have to move. */
  async movablePodsOn({ metadata }: Node): Promise<Pod[]> {
    const fieldSelector = `spec.nodeName=${metadata.name}`;
    const { items } = await this.clients.workload.list(pods, undefined, { fieldSelector });
    return items.filter((pod) => !isFinished(pod) && !isDaemon(pod) && !isMirror(pod));
  }

  private async evict({ metadata: { name, namespace } }: Pod): Promise<void> {
    const end = Date.now() + this.flags["max-pod-eviction-time"];
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    for (;;) {
      try {
        await this.clients.workload.call(
          "POST",
          pathOf(pods, { name, namespace }, "eviction"),
          body,
        );
        return;
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return;
        if (!isBusy(error) || Date.now() > end) throw error;
        await pause(1000);
      }
    }
  }

  private async gone({ metadata }: Pod, end: number): Promise<void> {
    while (this.podStore.get(metadata)?.metadata.uid === metadata.uid) {
      if (Date.now() > end)
        throw new Error(`Pod ${metadata.namespace ?? ""}/${metadata.name} did not end in time.`);
      await pause(50);
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}

/** A disruption budget says "not now" with 429. */
function isBusy(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 429 || error.status >= 500);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
