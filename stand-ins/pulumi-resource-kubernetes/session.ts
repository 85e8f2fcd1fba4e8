// What the plugin keeps between requests: its settings, and the cluster once somebody needs it.

import { UnreachableError } from "./client";
import { Cluster } from "./cluster";
import { type Connection, connectionOf, findKubeconfig, type Kubeconfig } from "./kubeconfig";
import type { Settings } from "./settings";

export class Session {
  readonly settings: Settings;
  #cluster: Cluster | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** The cluster; nothing is asked of it before the first request. */
  get cluster(): Cluster {
    this.#cluster ??= new Cluster(this.#connection(), this.settings.namespace);
    return this.#cluster;
  }

  /** The namespace of objects that name none. */
  get defaultNamespace(): string {
    try {
      return this.cluster.defaultNamespace;
    } catch (error) {
      if (error instanceof UnreachableError) return this.settings.namespace || "default";
      throw error;
    }
  }

  #connection(): Connection {
    return connectionOf(this.kubeconfig, this.settings);
  }

  /** The kubeconfig that the provider was given, or the ambient one. */
  get kubeconfig(): Kubeconfig {
    const kubeconfig = findKubeconfig(this.settings.kubeconfig);
    if (!kubeconfig) {
      throw new UnreachableError(
        "configured Kubernetes cluster is unreachable: there is no kubeconfig. " +
          "Give the provider one, or set KUBECONFIG.",
      );
    }
    return kubeconfig;
  }
}
