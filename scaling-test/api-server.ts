// A Kubernetes API server, as little of it as the scaling test needs. Authentication is client-node's.

import { KubeConfig } from "@kubernetes/client-node";
import axios, { type AxiosInstance } from "axios";
import * as https from "node:https";

/** The fields of an object that the scaling test reads. */
export interface ApiObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** An event of v1: what it is about, why, and when. */
export interface ApiEvent extends ApiObject {
  reason?: string;
  message?: string;
  involvedObject: { kind: string; name: string; uid?: string };
  eventTime?: string | null;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
}

/** What tells an event's time. */
export interface EventTimes {
  metadata: { name: string; creationTimestamp?: string };
  eventTime?: string | null;
  firstTimestamp?: string | null;
}

/**
 * The first time an event tells: microseconds where it has them, else whole seconds. Those of client-go's older recorder
 * have the time in their name, as hexadecimal nanoseconds (tools/record/event.go, makeEvent), which is believed where it
 * is the same second.
 */
export function eventTime({ metadata, eventTime, firstTimestamp }: EventTimes): string {
  if (eventTime) return eventTime;
  const second = firstTimestamp ?? metadata.creationTimestamp ?? "";
  const nanoseconds = /\.([0-9a-f]{16})$/.exec(metadata.name)?.[1];
  if (nanoseconds === undefined) return second;
  const named = Number(BigInt(`0x${nanoseconds}`) / 1_000_000n);
  const isSame = Math.floor(named / 1000) * 1000 === Date.parse(second);
  return isSame ? new Date(named).toISOString() : second;
}

/** A list, and when the server said so (its Date header as RFC 3339, whole seconds). */
export interface Listed<T> {
  items: T[];
  date: string;
}

const dateOf = (headers: unknown) =>
  new Date(String((headers as Record<string, unknown>)["date"])).toISOString();

export class ApiServer {
  private readonly http: AxiosInstance;

  private constructor(http: AxiosInstance) {
    this.http = http;
  }

  /** Connects by a kubeconfig's contents. */
  static async connect(kubeconfig: string): Promise<ApiServer> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error("The kubeconfig has no current cluster.");
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, headers } = options;
    return new ApiServer(
      axios.create({
        baseURL: cluster.server,
        timeout: 30_000,
        ...(headers ? { headers: headers as Record<string, string> } : {}),
        httpsAgent: new https.Agent({
          keepAlive: true,
          ca,
          cert,
          key,
          rejectUnauthorized: !cluster.skipTLSVerify,
        }),
      }),
    );
  }

  async get<T = ApiObject>(path: string): Promise<T> {
    return (await this.http.get<T>(path)).data;
  }

  /** The same, or undefined where there is none. */
  async find<T = ApiObject>(path: string): Promise<T | undefined> {
    const reply = await this.http.get<T>(path, {
      validateStatus: (status) => status < 300 || status === 404,
    });
    return reply.status === 404 ? undefined : reply.data;
  }

  async list<T = ApiObject>(path: string, params: Record<string, string> = {}): Promise<T[]> {
    return (await this.listed<T>(path, params)).items;
  }

  async listed<T = ApiObject>(
    path: string,
    params: Record<string, string> = {},
  ): Promise<Listed<T>> {
    const { data, headers } = await this.http.get<{ items: T[] }>(path, { params });
    return { items: data.items, date: dateOf(headers) };
  }

  /** Plain text, such as a container's log. */
  async text(path: string): Promise<string> {
    const reply = await this.http.get<string>(path, {
      responseType: "text",
      transformResponse: (text: string) => text,
      timeout: 120_000,
      maxContentLength: -1,
    });
    return reply.data;
  }

  /** Sets the replicas of a Deployment by its scale subresource; answers when the server did so. */
  async scale(namespace: string, deployment: string, replicas: number): Promise<string> {
    const reply = await this.http.patch(
      `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}/scale`,
      { spec: { replicas } },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    return dateOf(reply.headers);
  }

  /** A request to a Service through the API server. Resolves with any status. */
  async request(
    service: { namespace: string; name: string; port: number },
    path: string,
  ): Promise<{ status: number; body: unknown }> {
    const { namespace, name, port } = service;
    const reply = await this.http.get<unknown>(
      `/api/v1/namespaces/${namespace}/services/${name}:${port}/proxy${path}`,
      { validateStatus: () => true, timeout: 5_000 },
    );
    return { status: reply.status, body: reply.data };
  }
}
