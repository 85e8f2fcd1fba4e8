// A live copy of all objects of a resource: client-node's list-and-watch, started again whenever it ends in an
// error (the API server restarts, a CRD is not there yet, a token has expired).

import { ListWatch, Watch } from "@kubernetes/client-node";
import type { KubernetesListObject, KubernetesObject } from "@kubernetes/client-node";
import { pathOf } from "./kube-client";
import type { KubeClient, KubeObject, Ref, Resource } from "./kube-client";
import { log } from "./log";

export type Change<T> = (object: T, gone: boolean) => void;

/** A live copy of a resource's objects. */
export class KubeStore<T extends KubeObject> {
  /** Settles when the first list has arrived. */
  readonly synced: Promise<void>;
  private readonly listWatch: ListWatch<KubernetesObject>;
  private readonly resource: Resource<T>;
  private stopped = false;
  private failures = 0;
  private listed = false;
  private resolveSynced: () => void = () => undefined;

  constructor(
    client: KubeClient,
    resource: Resource<T>,
    namespace?: string,
    fieldSelector?: string,
  ) {
    this.resource = resource;
    const query = fieldSelector === undefined ? undefined : { fieldSelector };
    this.synced = new Promise((resolve) => (this.resolveSynced = resolve));
    const list = async () => {
      const objects = await client.list(resource, namespace, query);
      this.listed = true;
      return objects as unknown as KubernetesListObject<KubernetesObject>;
    };
    const path = pathOf(resource, { namespace });
    this.listWatch = new ListWatch(
      path,
      new Watch(client.config),
      list,
      false,
      undefined,
      fieldSelector,
    );
    this.listWatch.on("error", (error) => this.restart(error as unknown));
  }

  /** Calls back for each object that comes, changes or goes. To be called before start. */
  onChange(change: Change<T>): void {
    const tell = (gone: boolean) => (object: KubernetesObject) => {
      this.failures = 0;
      change(object as unknown as T, gone);
    };
    this.listWatch.on("add", tell(false));
    this.listWatch.on("update", tell(false));
    this.listWatch.on("delete", tell(true));
  }

  start(): void {
    this.listWatch
      .start()
      .catch((error: unknown) => this.restart(error))
      .finally(() => {
        if (this.listed) this.resolveSynced();
      });
  }

  stop(): void {
    this.stopped = true;
    void this.listWatch.stop();
  }

  list(): readonly T[] {
    return this.listWatch.list() as unknown as readonly T[];
  }

  get(ref: Ref): T | undefined {
    return this.listWatch.get(ref.name, ref.namespace) as unknown as T | undefined;
  }

  private restart(error: unknown): void {
    if (this.stopped) return;
    const delay = Math.min(100 * 2 ** this.failures++, 2000);
    const reason = error instanceof Error ? error.message : String(error);
    if (this.failures > 1) log(`watching ${this.resource.plural} failed`, { reason, delay });
    setTimeout(() => {
      if (!this.stopped) this.start();
    }, delay);
  }
}
