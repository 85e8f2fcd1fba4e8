// Keeps the API server's view of this node's pods true: statuses, mirror pods, deletions.
import { isDeepStrictEqual } from "node:util";
import { KubeError, pathOf } from "../shared/kube-client";
import type { KubeClient } from "../shared/kube-client";
import { log } from "../shared/log";
import { WorkQueue } from "../shared/work-queue";
import type { Refusal } from "./admission";
import type { Events } from "./events";
import type { PodRunner } from "./pod-runner";
import { mirrorAnnotation, mirrorPod } from "./static-pods";
import { nameOf, nowOf, pods } from "./types";
import type { NodeIdentity, Pod } from "./types";

/** What the manager can do only while the node is registered. */
export interface Registered {
  client: KubeClient;
  nodeUid: string;
  events: Events;
}

export interface Entry {
  runner: PodRunner;
  isStatic: boolean;
  /** The pod as the API server has it: the mirror of a static one. */
  seen?: Pod;
}

export class PodReporter {
  private readonly node: NodeIdentity;
  private readonly find: (name: string) => Entry | undefined;
  private readonly queue: WorkQueue;
  private registered: Registered | undefined;

  constructor(node: NodeIdentity, find: (name: string) => Entry | undefined) {
    this.node = node;
    this.find = find;
    this.queue = new WorkQueue(
      async (name) => {
        await this.now(name);
        return undefined;
      },
      {
        workers: 8,
        firstDelay: 200,
        longestDelay: 5000,
        onError: (pod, error) => log("reporting a pod failed", { pod, reason: String(error) }),
      },
    );
  }

  connect(registered: Registered): void {
    this.registered = registered;
  }

  /** Reports a pod's status soon. */
  report(name: string): void {
    this.queue.add(name);
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  /** Reports a pod's status if it differs from what the API server has; makes a mirror pod where one is missing. */
  async now(name: string): Promise<void> {
    const entry = this.find(name);
    if (!entry || !this.registered) return;
    const { client } = this.registered;
    if (entry.isStatic && !entry.seen) entry.seen = await this.mirror(entry, this.registered);
    if (entry.seen) await this.send(client, entry, entry.seen);
  }

  private async send(client: KubeClient, entry: Entry, seen: Pod): Promise<void> {
    const status = statusFor(entry.runner, seen);
    if (isKnown(status, seen) || leavesTheEnd(status, seen)) return;
    const { uid, namespace } = seen.metadata;
    const ref = { name: seen.metadata.name, namespace };
    try {
      const after = await client.patch(pods, ref, { metadata: { uid }, status }, "status");
      // A watch may have told of a newer one meanwhile.
      if (entry.seen === seen) entry.seen = after;
    } catch (error) {
      if (!isGone(error)) throw error;
      if (entry.isStatic) entry.seen = undefined;
    }
  }

  /** Writes for good that a pod may not run here. Tries until it has worked or the pod is gone. */
  async refuse(pod: Pod, { reason, message }: Refusal): Promise<void> {
    this.registered?.events.pod(pod, { type: "Warning", reason, message });
    const { uid, name, namespace } = pod.metadata;
    const status = { phase: "Failed", reason, message: `Pod was rejected: ${message}` };
    await this.insist(pod, "refusing a pod", async (client) => {
      await client.patch(pods, { name, namespace }, { metadata: { uid }, status }, "status");
    });
  }

  /** Completes a deletion. Tries until it has worked or the pod is gone. */
  async removeFromServer(pod: Pod): Promise<void> {
    const { uid, name, namespace } = pod.metadata;
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    await this.insist(pod, "removing a pod", async (client) => {
      await client.call("DELETE", pathOf(pods, { name, namespace }), options);
    });
  }

  private async insist(
    pod: Pod,
    what: string,
    act: (client: KubeClient) => Promise<void>,
  ): Promise<void> {
    for (let attempt = 0; attempt < 60 && this.registered; attempt++) {
      try {
        await act(this.registered.client);
        return;
      } catch (error) {
        if (isGone(error)) return;
        log(`${what} failed`, { pod: nameOf(pod), reason: String(error) });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  private async mirror(entry: Entry, { client, nodeUid }: Registered): Promise<Pod | undefined> {
    const wanted = mirrorPod(entry.runner.pod, { name: this.node.name, uid: nodeUid });
    try {
      return await client.create(pods, wanted);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
      const found = await client.get(pods, wanted.metadata);
      const same = found?.metadata.annotations?.[mirrorAnnotation];
      if (found && same === entry.runner.pod.metadata.uid) return found;
      if (found) await this.removeFromServer(found);
      throw new Error(`The pod ${nameOf(wanted)} is in the way of a mirror pod.`, { cause: error });
    }
  }
}

function statusFor(runner: PodRunner, seen: Pod): Record<string, unknown> {
  // Conditions of others, and times of transitions, are the API server's.
  const status = runner.statusAgainst(seen, nowOf());
  return JSON.parse(JSON.stringify(status)) as Record<string, unknown>;
}

function isKnown(status: Record<string, unknown>, { status: known }: Pod): boolean {
  const before = (known ?? {}) as Record<string, unknown>;
  return Object.entries(status).every(([key, value]) => isDeepStrictEqual(value, before[key]));
}

// Succeeded and Failed are final.
function leavesTheEnd({ phase }: Record<string, unknown>, { status }: Pod): boolean {
  const isOver = status?.phase === "Succeeded" || status?.phase === "Failed";
  return isOver && phase !== status.phase;
}

// 409: another pod has this name by now.
function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 404 || error.status === 409);
}
