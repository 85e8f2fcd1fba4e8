// Which resource serves a kind: one request for each group and version that is used, kept for the plugin's life.
// A kind that is missing is asked for again, since its CRD may have been made in the meantime.

import { KubeApiError, type KubeClient } from "./client";
import { mapsAt, textAt } from "./kube-object";

/** How the API server serves a kind. */
export interface Mapping {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

type Kinds = ReadonlyMap<string, Mapping>;

export class Discovery {
  readonly #client: Pick<KubeClient, "request">;
  readonly #versions = new Map<string, Promise<Kinds>>();

  constructor(client: Pick<KubeClient, "request">) {
    this.#client = client;
  }

  /** The mapping of a kind, or undefined if the server does not know it (now). */
  async find(apiVersion: string, kind: string): Promise<Mapping | undefined> {
    const known = this.#versions.get(apiVersion);
    const mapping = (await known)?.get(kind);
    if (mapping) return mapping;
    // Whoever asks while a new request is under way shares it.
    const current = this.#versions.get(apiVersion);
    const fresh = current !== undefined && current !== known ? current : this.#load(apiVersion);
    return (await fresh).get(kind);
  }

  #load(apiVersion: string): Promise<Kinds> {
    const loading = this.#ask(apiVersion);
    this.#versions.set(apiVersion, loading);
    loading.catch(() => {
      if (this.#versions.get(apiVersion) === loading) this.#versions.delete(apiVersion);
    });
    return loading;
  }

  async #ask(apiVersion: string): Promise<Kinds> {
    try {
      const { object } = await this.#client.request("GET", versionPath(apiVersion));
      const resources = mapsAt(object, "resources").filter(
        (resource) => !textAt(resource, "name").includes("/"),
      );
      return new Map(
        resources.map((resource) => [
          textAt(resource, "kind"),
          {
            apiVersion,
            plural: textAt(resource, "name"),
            namespaced: resource["namespaced"] === true,
          },
        ]),
      );
    } catch (error) {
      if (error instanceof KubeApiError && error.status === 404) return new Map();
      throw error;
    }
  }
}

/** The path of a collection, or with a name of one object. */
export function resourcePath(mapping: Mapping, namespace: string, name?: string): string {
  const parts = [versionPath(mapping.apiVersion)];
  if (mapping.namespaced) parts.push("namespaces", encodeURIComponent(namespace || "default"));
  parts.push(mapping.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  return parts.join("/");
}

function versionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
