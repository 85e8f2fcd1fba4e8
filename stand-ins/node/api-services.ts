// What pods get from the API server: ConfigMaps, Secrets, tokens of service accounts; and their events.
import type { KubeClient, KubeObject, Resource } from "../shared/kube-client";
import { log } from "../shared/log";
import type { PodEvent } from "./pod-context";
import type { NodeIdentity, Pod, PodAddress } from "./types";
import type { VolumeSources } from "./volumes";

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

interface Secret extends KubeObject {
  data?: Record<string, string>;
}

interface Token {
  token: string;
  renewAt: number;
}

interface CoreEvent extends KubeObject {
  count: number;
  [field: string]: unknown;
}

const configMaps: Resource<ConfigMap> = resource("configmaps", "ConfigMap");
const secrets: Resource<Secret> = resource("secrets", "Secret");
const events: Resource<CoreEvent> = resource("events", "Event");

function resource(plural: string, kind: string): Resource<never> {
  return { group: "", version: "v1", plural, kind };
}

export class ApiServices {
  private readonly client: KubeClient;
  private readonly node: NodeIdentity;
  private readonly allocatable: Record<string, string>;
  private readonly tokens = new Map<string, Token>();
  private readonly told = new Map<string, { name: string; count: number }>();

  constructor(client: KubeClient, node: NodeIdentity, allocatable: Record<string, string>) {
    this.client = client;
    this.node = node;
    this.allocatable = allocatable;
  }

  /** What a pod's environment and volumes are made from. */
  sources(pod: Pod, address: PodAddress): VolumeSources {
    const namespace = pod.metadata.namespace ?? "default";
    return {
      pod,
      node: this.node,
      address,
      allocatable: this.allocatable,
      configMap: async (name) => {
        const found = await this.client.get(configMaps, { name, namespace });
        return found && { ...bytes(found.data, "utf8"), ...bytes(found.binaryData, "base64") };
      },
      secret: async (name) => {
        const found = await this.client.get(secrets, { name, namespace });
        return found && bytes(found.data, "base64");
      },
      token: (audience, seconds) => this.token(pod, audience, seconds),
    };
  }

  /** A token bound to the pod, renewed when 80 % of its time are over. */
  private async token(pod: Pod, audience: string | undefined, seconds: number): Promise<string> {
    const { name, uid, namespace = "default" } = pod.metadata;
    const key = `${uid ?? ""} ${audience ?? ""} ${seconds}`;
    const known = this.tokens.get(key);
    if (known && Date.now() < known.renewAt) return known.token;
    const account = pod.spec.serviceAccountName ?? "default";
    const answer = (await this.client.call(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          ...(audience === undefined ? {} : { audiences: [audience] }),
          expirationSeconds: seconds,
          boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
        },
      },
    )) as { status: { token: string; expirationTimestamp: string } };
    const life = Date.parse(answer.status.expirationTimestamp) - Date.now();
    const { token } = answer.status;
    this.tokens.set(key, { token, renewAt: Date.now() + 0.8 * life });
    return token;
  }

  /** Forgets what was kept for a pod. */
  forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    for (const map of [this.tokens, this.told])
      for (const key of map.keys()) if (key.startsWith(`${uid} `)) map.delete(key);
  }

  /** Reports an event; the same one again is counted. An event that cannot be sent is only logged. */
  event(pod: Pod, event: PodEvent): void {
    log(event.message, {
      pod: `${pod.metadata.namespace ?? ""}/${pod.metadata.name}`,
      reason: event.reason,
    });
    void this.send(pod, event).catch((error: unknown) => log(String(error)));
  }

  private async send(pod: Pod, event: PodEvent): Promise<void> {
    const { name, uid = "", namespace = "default" } = pod.metadata;
    const key = `${uid} ${event.reason} ${event.message}`;
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const known = this.told.get(key);
    if (known) {
      known.count += 1;
      const patch = { count: known.count, lastTimestamp: now };
      await this.client.patch(events, { name: known.name, namespace }, patch);
      return;
    }
    const eventName = `${name}.${process.hrtime.bigint().toString(16)}`;
    this.told.set(key, { name: eventName, count: 1 });
    await this.client.create(events, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: eventName, namespace },
      involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid },
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

function bytes(
  data: Record<string, string> | undefined,
  encoding: "utf8" | "base64",
): Record<string, Buffer> {
  const entries = Object.entries(data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, encoding)]));
}
