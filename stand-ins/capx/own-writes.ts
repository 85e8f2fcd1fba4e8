// What this controller has written itself. A watch tells of it a moment later: an object seen in between is of the past, and
// what is decided on it would be done again.

import { KubeClient } from "../shared/kube-client";
import type { KubeObject, Ref, Resource } from "../shared/kube-client";

/** A resource version as a number, which it is since Kubernetes 1.35 (KEP-5504), and with etcd always was. */
const numbered = (version = "") => (/^\d+$/.test(version) ? BigInt(version) : 0n);

/** A client that remembers the newest version of each object that it has patched. */
export class OwnWrites extends KubeClient {
  private readonly newest = new Map<string, bigint>();

  override async patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    subresource?: string,
  ): Promise<T> {
    const object = await super.patch(resource, ref, patch, subresource);
    const { uid = "", resourceVersion } = object.metadata;
    this.newest.set(uid, numbered(resourceVersion));
    return object;
  }

  /** Whether a copy is from before this client's last patch; the newer one is still to come. */
  isPast({ metadata }: KubeObject): boolean {
    return numbered(metadata.resourceVersion) < (this.newest.get(metadata.uid ?? "") ?? 0n);
  }

  /** To be called when an object is gone. */
  forget({ metadata }: KubeObject): void {
    this.newest.delete(metadata.uid ?? "");
  }
}
