// Events about nodes.

import { eventName } from "../shared/event-name";
import type { KubeClient, KubeObject } from "../shared/kube-client";
import { log } from "../shared/log";
import { events } from "./objects";
import type { Node } from "./objects";

export class Recorder {
  private readonly client: KubeClient;

  constructor(client: KubeClient) {
    this.client = client;
  }

  /** Says what was done to a node; that nobody could write it down does not matter. */
  async event({ metadata }: Node, reason: string, message: string): Promise<void> {
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    const component = "cloud-node-controller";
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: eventName(metadata.name),
        namespace: "default",
      },
      involvedObject: { apiVersion: "v1", kind: "Node", name: metadata.name, uid: metadata.uid },
      reason,
      message,
      type: "Normal",
      source: { component },
      reportingComponent: component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    log(message, { node: metadata.name, reason });
    await this.client.create(events, event as KubeObject).catch((error: unknown) => {
      log("writing an event failed", { reason: String(error) });
    });
  }
}
