// What the autoscaler tells the world: events under upstream's names, and the status ConfigMap.

import { stringify } from "yaml";
import { eventName } from "../shared/event-name";
import type { KubeClient, KubeObject, Ref } from "../shared/kube-client";
import { log } from "../shared/log";
import { configMaps, events } from "./objects";
import type { Condition, Status } from "./status";

/** What an event is about. */
export interface Subject {
  kind: string;
  metadata: { name: string; namespace?: string; uid?: string };
}

export interface Message {
  reason: string;
  message: string;
  warning?: boolean;
}

export class Recorder {
  private readonly client: KubeClient;
  private readonly statusMap: Ref | undefined;
  private readonly said = new Map<string, string>();
  private readonly changed = new Map<string, { status: string; since: string }>();
  private statusText = "";
  private statusTime = 0;

  /** `statusMap` is the status ConfigMap in the workload cluster; undefined: none is written. */
  constructor(client: KubeClient, statusMap: Ref | undefined) {
    this.client = client;
    this.statusMap = statusMap;
  }

  /** An event about a pod or node. */
  async event({ kind, metadata }: Subject, message: Message): Promise<void> {
    const namespace = metadata.namespace ?? "default";
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: eventName(metadata.name), namespace },
      involvedObject: { apiVersion: "v1", kind, ...metadata },
      reason: message.reason,
      message: message.message,
      type: message.warning ? "Warning" : "Normal",
      source: { component: "cluster-autoscaler" },
      reportingComponent: "cluster-autoscaler",
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    log(message.reason, { about: `${kind}/${metadata.name}`, message: message.message });
    await this.client.create(events, event as KubeObject).catch((error: unknown) => {
      log("writing an event failed", { reason: String(error) });
    });
  }

  /** The same, unless the last thing said about it was the same. */
  async eventOnce(subject: Subject, message: Message): Promise<void> {
    const key = subject.metadata.uid ?? subject.metadata.name;
    if (this.said.get(key) === message.message) return;
    this.said.set(key, message.message);
    await this.event(subject, message);
  }

  /** An event about the whole, which upstream hangs on the status ConfigMap. */
  async general(message: Message): Promise<void> {
    if (this.statusMap) await this.event({ kind: "ConfigMap", metadata: this.statusMap }, message);
  }

  /** Writes the status ConfigMap when it says something new, or at least every ten seconds. */
  async status(content: Status): Promise<void> {
    const text = stringify(content);
    const now = Date.now();
    if (!this.statusMap || (text === this.statusText && now - this.statusTime < 10_000)) return;
    this.statusText = text;
    this.statusTime = now;
    const time = goTime(now);
    const body = {
      metadata: { annotations: { "cluster-autoscaler.kubernetes.io/last-updated": time } },
      data: { status: stringify({ time, ...this.dated(content, new Date(now).toISOString()) }) },
    };
    const ref = this.statusMap;
    if (await this.client.get(configMaps, ref)) await this.client.patch(configMaps, ref, body);
    else
      await this.client.create(configMaps, {
        ...body,
        metadata: { ...body.metadata, ...ref },
      });
  }

  /** Each condition with the time of this look and that of its last change. */
  private dated(status: Status, now: string): object {
    const dated = (name: string, conditions: Record<string, Condition>) =>
      Object.fromEntries(
        Object.entries(conditions).map(([kind, condition]) => {
          const key = `${name}/${kind}`;
          const known = this.changed.get(key);
          const since = known?.status === condition.status ? known.since : now;
          this.changed.set(key, { status: condition.status, since });
          return [kind, { ...condition, lastProbeTime: now, lastTransitionTime: since }];
        }),
      );
    const { clusterWide, nodeGroups, ...rest } = status;
    return {
      ...rest,
      clusterWide: dated("", { ...clusterWide }),
      nodeGroups: nodeGroups.map(({ name, ...conditions }) => ({
        name,
        ...dated(name, conditions),
      })),
    };
  }
}

/** A time as Go prints it: 2026-03-04 09:25:41.4 +0000 UTC. */
function goTime(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, -1)} +0000 UTC`;
}
