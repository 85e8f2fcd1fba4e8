// One API server as the operations see it: objects in, objects out.

import { setTimeout as sleep } from "node:timers/promises";

import { type Answer, KubeApiError, KubeClient } from "./client";
import { Discovery, type Mapping, resourcePath } from "./discovery";
import { apiVersionOf, kindOf, type KubeObject, mapsAt, nameOf, namespaceOf } from "./kube-object";
import type { Connection } from "./kubeconfig";

/** What every write to the API server carries. */
export interface WriteOptions {
  readonly fieldManager: string;
  readonly dryRun: boolean;
  readonly force?: boolean;
}

/** The server has no such kind, even after waiting. */
export class UnknownKindError extends Error {
  override name = "UnknownKindError";
}

export class Cluster {
  readonly defaultNamespace: string;
  readonly #client: KubeClient;
  readonly #discovery: Discovery;

  constructor(connection: Connection, namespace: string) {
    this.defaultNamespace = namespace || connection.namespace || "default";
    this.#client = new KubeClient(connection);
    this.#discovery = new Discovery(this.#client);
  }

  /** How the server serves the object's kind, or undefined if it does not (yet). */
  mapping(object: KubeObject): Promise<Mapping | undefined> {
    return this.#discovery.find(apiVersionOf(object), kindOf(object));
  }

  /** Throws UnreachableError if nothing answers. */
  async ping(): Promise<void> {
    await this.#client.request("GET", "/version");
  }

  /** Waits until the server serves the object's kind, its CRD perhaps being made just now. */
  async awaitKind(object: KubeObject, patience: Patience): Promise<void> {
    const deadline = Date.now() + patience.milliseconds;
    for (let told = false; !(await this.mapping(object));) {
      if (!told) patience.onWait?.();
      told = true;
      if (Date.now() >= deadline) throw this.#unknown(object);
      await sleep(250, undefined, { signal: patience.signal });
    }
  }

  /** The live object, or undefined if it is gone (or its kind is). */
  async get(object: KubeObject): Promise<KubeObject | undefined> {
    const mapping = await this.mapping(object);
    if (!mapping) return undefined;
    const path = resourcePath(mapping, namespaceOf(object), nameOf(object));
    return unlessNotFound(async () => (await this.#client.request("GET", path)).object);
  }

  /** The objects of a kind in a namespace. */
  async list(kind: KubeObject, query: Record<string, string>): Promise<KubeObject[]> {
    const path = resourcePath(await this.#known(kind), namespaceOf(kind));
    return mapsAt((await this.#client.request("GET", path, { query })).object, "items");
  }

  /** Makes an object; fails if it exists. */
  async create(object: KubeObject, options: WriteOptions): Promise<Answer> {
    const path = resourcePath(await this.#known(object), namespaceOf(object));
    return this.#client.request("POST", path, { query: queryOf(options), body: object });
  }

  /** Server-side apply. */
  apply(object: KubeObject, options: WriteOptions): Promise<Answer> {
    const query = { ...queryOf(options), force: String(options.force ?? false) };
    return this.#write("PATCH", object, { query, contentType: "application/apply-patch+yaml" });
  }

  /** Replaces the whole object, as `kubectl replace`. */
  replace(object: KubeObject, options: WriteOptions): Promise<Answer> {
    return this.#write("PUT", object, { query: queryOf(options) });
  }

  /** Applies a JSON patch to the object that is named like this one. */
  async jsonPatch(object: KubeObject, patch: readonly unknown[]): Promise<KubeObject> {
    const path = resourcePath(await this.#known(object), namespaceOf(object), nameOf(object));
    const contentType = "application/json-patch+json";
    return (await this.#client.request("PATCH", path, { body: patch, contentType })).object;
  }

  /** Asks for deletion. False: there was nothing to delete. */
  async remove(object: KubeObject, propagationPolicy: string): Promise<boolean> {
    const mapping = await this.mapping(object);
    if (!mapping) return false;
    const path = resourcePath(mapping, namespaceOf(object), nameOf(object));
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy };
    const answer = await unlessNotFound(() => this.#client.request("DELETE", path, { body }));
    return answer !== undefined;
  }

  async #write(
    method: string,
    object: KubeObject,
    options: { query: Record<string, string | undefined>; contentType?: string },
  ): Promise<Answer> {
    const path = resourcePath(await this.#known(object), namespaceOf(object), nameOf(object));
    return this.#client.request(method, path, { ...options, body: object });
  }

  async #known(object: KubeObject): Promise<Mapping> {
    const mapping = await this.mapping(object);
    if (!mapping) throw this.#unknown(object);
    return mapping;
  }

  #unknown(object: KubeObject): UnknownKindError {
    return new UnknownKindError(
      `no matches for kind "${kindOf(object)}" in version "${apiVersionOf(object)}"`,
    );
  }
}

export interface Patience {
  readonly milliseconds: number;
  readonly signal?: AbortSignal;
  readonly onWait?: () => void;
}

function queryOf(options: WriteOptions): Record<string, string | undefined> {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? "All" : undefined };
}

async function unlessNotFound<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return undefined;
    throw error;
  }
}
