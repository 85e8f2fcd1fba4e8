// What the plugin keeps between requests: its settings, and the cluster once somebody needs it.

import { UnsupportedError } from "../pulumi-plugin/errors";
import { UnreachableError } from "./client";
import { Cluster } from "./cluster";
import { type Connection, connectionOf, findKubeconfig, type Kubeconfig } from "./kubeconfig";
import { groupOf, kindOf, type KubeObject, textAt } from "./kube-object";
import { Renderer } from "./render";
import type { Settings } from "./settings";

export class Session {
  readonly settings: Settings;
  /** Set where manifests are written to a folder instead of a cluster. */
  readonly renderer: Renderer | undefined;
  #cluster: Cluster | undefined;
  #answers: Promise<boolean | undefined> | undefined;
  #unreachable: UnreachableError | undefined;
  readonly #scopes = new Map<string, "cluster" | "namespace">();

  constructor(settings: Settings) {
    this.settings = settings;
    const directory = settings.renderYamlToDirectory;
    this.renderer = directory === "" ? undefined : new Renderer(directory);
  }

  /**
   * What the cluster answers in a preview; undefined if it cannot be reached. A preview asks about many objects:
   * once the cluster is known to be away, it is not asked again.
   */
  async ifReachable<T>(ask: (cluster: Cluster) => Promise<T>): Promise<T | undefined> {
    if (this.#unreachable) return undefined;
    try {
      return await ask(this.cluster);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      this.#unreachable = error;
      return undefined;
    }
  }

  /** Remembers a CRD of the program, whose custom resources can then be placed before it is made. */
  learnScope(crd: KubeObject): void {
    const kind = `${textAt(crd, "spec", "group")}/${textAt(crd, "spec", "names", "kind")}`;
    const scope = textAt(crd, "spec", "scope");
    if (scope === "Namespaced") this.#scopes.set(kind, "namespace");
    if (scope === "Cluster") this.#scopes.set(kind, "cluster");
  }

  /** Where objects of this kind live, if the program has its CRD. */
  learntScope(object: KubeObject): "cluster" | "namespace" | undefined {
    return this.#scopes.get(`${groupOf(object)}/${kindOf(object)}`);
  }

  /** Whether the cluster answers; asked once. */
  async isReachable(): Promise<boolean> {
    this.#answers ??= this.ifReachable(async (cluster) => {
      await cluster.ping();
      return true;
    });
    return (await this.#answers) ?? false;
  }

  /** The cluster; nothing is asked of it before the first request. */
  get cluster(): Cluster {
    this.#cluster ??= new Cluster(this.#connection(), this.settings.namespace);
    return this.#cluster;
  }

  /** The namespace of objects that name none; undefined where manifests are written and nothing names one. */
  get defaultNamespace(): string | undefined {
    const { namespace } = this.settings;
    if (this.renderer && !findKubeconfig(this.settings.kubeconfig)) return namespace || undefined;
    try {
      return this.cluster.defaultNamespace;
    } catch (error) {
      if (error instanceof UnreachableError) return namespace || "default";
      throw error;
    }
  }

  #connection(): Connection {
    const { kubeconfig } = this;
    try {
      return connectionOf(kubeconfig, this.settings);
    } catch (error) {
      if (error instanceof UnsupportedError) throw error;
      // The files of a cluster go with it: then it is away, and its objects can still be previewed or given up.
      const said = error instanceof Error ? error.message : String(error);
      throw new UnreachableError(`configured Kubernetes cluster is unreachable: ${said}`, {
        cause: error,
      });
    }
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
