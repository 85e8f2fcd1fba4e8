// What this controller has written itself, as the API server answered it. A watch tells of it a moment later; what is
// decided on a copy from in between would be written again. client-go's MutationCache is for the same.

import { KubeClient } from "../shared/kube-client";
import type { KubeObject, Ref, Resource } from "../shared/kube-client";

/** A resource version as a number, which it is since Kubernetes 1.35 (KEP-5504), and with etcd always was. */
const numbered = (version = "") => (/^\d+$/.test(version) ? BigInt(version) : 0n);

/** A client that remembers each object as its last patch left it. */
export class OwnWrites extends KubeClient {
  private readonly written = new Map<string, KubeObject>();

  override async patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    subresource?: string,
  ): Promise<T> {
    const object = await super.patch(resource, ref, patch, subresource);
    const { uid = "", deletionTimestamp, finalizers = [] } = object.metadata;
    // Without its last finalizer a deleted object is gone, and no watch may tell of it afterwards.
    if (deletionTimestamp && finalizers.length === 0) this.written.delete(uid);
    else this.written.set(uid, object);
    return object;
  }

  /** The copy, or the object as this client left it if that is newer. */
  newest<T extends KubeObject>(copy: T): T {
    const { uid = "", resourceVersion } = copy.metadata;
    const own = this.written.get(uid);
    if (own && numbered(own.metadata.resourceVersion) > numbered(resourceVersion)) return own as T;
    this.written.delete(uid);
    return copy;
  }

  /** To be called when an object is gone. */
  forget({ metadata }: KubeObject): void {
    this.written.delete(metadata.uid ?? "");
  }
}
