// ConfigMaps and Secrets that pods of this node refer to: each is watched as long as a pod needs it, so that all
// pods see one copy, a change reaches them at once, and nothing is asked for again and again.
import type { KubeClient, KubeObject, Resource } from "../shared/kube-client";
import { KubeStore } from "../shared/kube-store";

const patience = 5000;

interface Watched<T extends KubeObject> {
  store: KubeStore<T>;
  pods: Map<string, () => void>;
}

export class WatchedObjects<T extends KubeObject> {
  private readonly client: KubeClient;
  private readonly resource: Resource<T>;
  private readonly watched = new Map<string, Watched<T>>();

  constructor(client: KubeClient, resource: Resource<T>) {
    this.client = client;
    this.resource = resource;
  }

  /** The object for a pod, undefined when there is none; from now on `changed` is called when it changes. */
  async get(
    ref: { name: string; namespace: string },
    pod: { uid: string; changed: () => void },
  ): Promise<T | undefined> {
    const watched = this.watch(ref);
    watched.pods.set(pod.uid, pod.changed);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), patience);
    });
    const first = await Promise.race([watched.store.synced, late]);
    clearTimeout(timer);
    // What hinders the watch is told by this call.
    if (first === "late") return this.client.get(this.resource, ref);
    return watched.store.get(ref);
  }

  /** The pod needs nothing any more. */
  release(uid: string): void {
    for (const [key, { store, pods }] of this.watched) {
      if (!pods.delete(uid) || pods.size > 0) continue;
      store.stop();
      this.watched.delete(key);
    }
  }

  private watch({ name, namespace }: { name: string; namespace: string }): Watched<T> {
    const key = `${namespace}/${name}`;
    const known = this.watched.get(key);
    if (known) return known;
    const selector = `metadata.name=${name}`;
    const store = new KubeStore<T>(this.client, this.resource, namespace, selector);
    const watched: Watched<T> = { store, pods: new Map() };
    store.onChange(() => {
      for (const changed of watched.pods.values()) changed();
    });
    store.start();
    this.watched.set(key, watched);
    return watched;
  }
}
