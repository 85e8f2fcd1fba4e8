// Events of pods and of the Node, under the kubelet's names. The same one again is counted.
import { eventName } from "../shared/event-name";
import type { KubeClient, KubeObject, Resource } from "../shared/kube-client";
import { log } from "../shared/log";
import type { NodeIdentity, Pod } from "./types";

/** What has happened, in the kubelet's words. */
export interface NodeEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

/** An event of a pod, or of one of its containers. */
export interface PodEvent extends NodeEvent {
  /** Such as `spec.containers{web}`. */
  fieldPath?: string;
}

interface Subject {
  kind: "Pod" | "Node";
  name: string;
  namespace?: string;
  uid: string;
  fieldPath?: string;
}

interface CoreEvent extends KubeObject {
  count: number;
  [field: string]: unknown;
}

const events: Resource<CoreEvent> = { group: "", version: "v1", plural: "events", kind: "Event" };

interface Told {
  name: string;
  count: number;
  /** Sending one after the other keeps counts right. */
  sent: Promise<void>;
}

export class Events {
  private readonly client: KubeClient;
  private readonly node: NodeIdentity;
  private readonly told = new Map<string, Told>();

  constructor(client: KubeClient, node: NodeIdentity) {
    this.client = client;
    this.node = node;
  }

  /** Reports an event of a pod. One that cannot be sent is only logged. */
  pod(pod: Pod, { fieldPath, ...event }: PodEvent): void {
    const { name, uid = "", namespace = "default" } = pod.metadata;
    this.tell({ kind: "Pod", name, namespace, uid, ...(fieldPath ? { fieldPath } : {}) }, event);
  }

  /** Reports an event of the Node, which kubelets name by its name in the place of its uid. */
  ofNode(event: NodeEvent): void {
    const { name } = this.node;
    this.tell({ kind: "Node", name, uid: name }, event);
  }

  /** Forgets the events of a pod. */
  forget(uid: string): void {
    for (const key of this.told.keys()) if (key.startsWith(`${uid} `)) this.told.delete(key);
  }

  private tell(subject: Subject, event: NodeEvent): void {
    log(event.message, { [subject.kind.toLowerCase()]: subject.name, reason: event.reason });
    const key = `${subject.uid} ${subject.fieldPath ?? ""} ${event.reason} ${event.message}`;
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const known = this.told.get(key);
    const told: Told = known ?? {
      name: eventName(subject.name),
      count: 0,
      sent: Promise.resolve(),
    };
    told.count += 1;
    const { count } = told;
    const send = () =>
      known ? this.again(told, subject, now) : this.first(told, subject, event, now);
    told.sent = told.sent.then(() => persist(send)).catch((error: unknown) => log(String(error)));
    if (count === 1) this.told.set(key, told);
  }

  private async again({ name, count }: Told, subject: Subject, now: string): Promise<void> {
    const namespace = subject.namespace ?? "default";
    await this.client.patch(events, { name, namespace }, { count, lastTimestamp: now });
  }

  private async first(
    { name }: Told,
    subject: Subject,
    event: NodeEvent,
    now: string,
  ): Promise<void> {
    const apiVersion = "v1";
    await this.client.create(events, {
      apiVersion,
      kind: "Event",
      metadata: { name, namespace: subject.namespace ?? "default" },
      involvedObject: subject.kind === "Pod" ? { apiVersion, ...subject } : subject,
      source: { component: "kubelet", host: this.node.name },
      reportingComponent: "kubelet",
      reportingInstance: this.node.name,
      ...event,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
    });
  }
}

// At a cluster's start there is no namespace yet.
async function persist(send: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await send();
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000).unref());
    }
  }
}
