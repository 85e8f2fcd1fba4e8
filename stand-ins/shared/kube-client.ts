// A small client for any Kubernetes resource, on the kubeconfig of @kubernetes/client-node. Its generated
// clients open a TLS connection for each call; this one keeps connections, since reactions count in milliseconds.

import { existsSync } from "node:fs";
import https from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import axios from "axios";

/** The part that every Kubernetes object has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Where objects of a kind are served. `example` only carries the type. */
export interface Resource<T extends KubeObject = KubeObject> {
  group: string;
  version: string;
  plural: string;
  kind: string;
  example?: T;
}

/** Names one object; cluster-wide ones have no namespace. */
export interface Ref {
  name: string;
  namespace?: string;
}

export interface KubeList<T> {
  items: T[];
  metadata: { resourceVersion?: string };
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer of the API server that is no success. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(call: string, status: number, body: { reason?: string; message?: string }) {
    super(`${call} failed: ${status} ${body.message ?? body.reason ?? "without a message"}.`);
    this.name = "KubeError";
    this.status = status;
    this.reason = body.reason ?? "";
  }
}

const serviceAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** The kubeconfig of a controller: the given file, else $KUBECONFIG, else the pod's service account. */
export function loadKubeConfig(file?: string): KubeConfig {
  const config = new KubeConfig();
  const path = file ?? process.env.KUBECONFIG;
  if (path) config.loadFromFile(path);
  else if (process.env.KUBERNETES_SERVICE_HOST && existsSync(serviceAccountToken))
    config.loadFromCluster();
  else
    throw new Error(
      "Finding an API server failed: no --kubeconfig, no KUBECONFIG and no service account. Give one of them.",
    );
  return config;
}

/** The path under which a resource, one of its objects or a subresource is served. */
export function pathOf(resource: Resource, ref: Partial<Ref>, subresource?: string): string {
  const root =
    resource.group === ""
      ? `/api/${resource.version}`
      : `/apis/${resource.group}/${resource.version}`;
  const parts = [root];
  if (ref.namespace) parts.push("namespaces", ref.namespace);
  parts.push(resource.plural);
  if (ref.name) parts.push(ref.name);
  if (subresource) parts.push(subresource);
  return parts.join("/");
}

/** Talks to one API server. */
export class KubeClient {
  readonly config: KubeConfig;
  private agent: https.Agent | undefined;

  constructor(config: KubeConfig) {
    this.config = config;
  }

  /** The object, or undefined when there is none. */
  async get<T extends KubeObject>(resource: Resource<T>, ref: Ref): Promise<T | undefined> {
    return absentWhenNotFound(this.call("GET", pathOf(resource, ref)) as Promise<T>);
  }

  /** All objects, of one namespace or of all. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    namespace?: string,
    query?: Record<string, string>,
  ): Promise<KubeList<T>> {
    const path = pathOf(resource, { namespace });
    const search = query ? `?${new URLSearchParams(query).toString()}` : "";
    return (await this.call("GET", path + search)) as KubeList<T>;
  }

  /** Creates an object, of the kind that the resource serves. */
  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource?: string,
  ): Promise<T> {
    const ref = subresource ? object.metadata : { namespace: object.metadata.namespace };
    return (await this.call("POST", pathOf(resource, ref, subresource), object)) as T;
  }

  /** Replaces an object; its resourceVersion must be the one read. */
  async replace<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return (await this.call("PUT", pathOf(resource, object.metadata), object)) as T;
  }

  /** Merges a JSON merge patch into an object or one of its subresources. */
  async patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    subresource?: string,
  ): Promise<T> {
    const path = pathOf(resource, { name: ref.name, namespace: ref.namespace }, subresource);
    return (await this.call("PATCH", path, patch)) as T;
  }

  /** Deletes an object; no error when it is gone already. */
  async remove(resource: Resource, ref: Ref): Promise<void> {
    await absentWhenNotFound(this.call("DELETE", pathOf(resource, ref)));
  }

  /** One request; throws a KubeError for anything but 2xx. */
  async call(method: Method, path: string, body?: object): Promise<unknown> {
    const options: https.RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    const response = await axios.request<unknown>({
      method,
      url: `${this.server()}${path}`,
      data: body,
      headers: {
        ...(options.headers as Record<string, string> | undefined),
        Accept: "application/json",
        "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
      },
      httpsAgent: this.connections(options),
      proxy: false,
      timeout: 30_000,
      validateStatus: () => true,
    });
    if (response.status >= 200 && response.status < 300) return response.data;
    const answer = typeof response.data === "object" ? response.data : { message: response.data };
    throw new KubeError(`${method} ${path}`, response.status, answer as object);
  }

  private server(): string {
    const cluster = this.config.getCurrentCluster();
    if (!cluster) throw new Error("The kubeconfig has no current context. Set one.");
    return cluster.server.replace(/\/$/, "");
  }

  private connections(options: https.RequestOptions): https.Agent {
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    this.agent ??= new https.Agent({
      keepAlive: true,
      ca,
      cert,
      key,
      servername,
      rejectUnauthorized: rejectUnauthorized ?? true,
    });
    return this.agent;
  }
}

async function absentWhenNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}
