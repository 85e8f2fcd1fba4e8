// Addresses for the pods of one simulated node, counted up through its pod range and begun anew at its end: nothing
// listens on them.
import type { KubeClient, Resource } from "../shared/kube-client";
import type { NodeObject } from "../node/registration";

const nodes: Resource<NodeObject> = { group: "", version: "v1", plural: "nodes", kind: "Node" };

/** Hands out addresses; undefined while the node has no pod range. */
export function addressesOf(client: KubeClient, name: string): () => Promise<string | undefined> {
  let next: (() => string) | undefined;
  return async () => {
    if (!next) {
      const range = (await client.get(nodes, { name }))?.spec?.podCIDR;
      if (range !== undefined) next = counter(range);
    }
    return next?.();
  };
}

/** Counts through an IPv4 range, from its second address to its last but one. */
export function counter(cidr: string): () => string {
  const [network = "", bits = ""] = cidr.split("/");
  const size = Math.max(2 ** (32 - Number(bits)) - 3, 1);
  const first = network.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + 2;
  let count = 0;
  return () => {
    const number = first + (count++ % size);
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  };
}
