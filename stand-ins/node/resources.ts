// What pods ask of a node, and whether it has that left. Pure; the scheduler's and the kubelet's arithmetic.
import { quantityOf } from "../shared/quantity";
import { isSidecar } from "./restart-policy";
import type { Container, Pod } from "./types";

/** Amounts by resource: cpu in thousandths, everything else in units (bytes, pods). */
export type Amounts = Record<string, number>;

/** Quantities as amounts. */
export function amountsOf(quantities: Record<string, string> = {}): Amounts {
  return Object.fromEntries(
    Object.entries(quantities).map(([name, text]) => [
      name,
      name === "cpu" ? Math.ceil(rounded(quantityOf(text) * 1000)) : Math.ceil(quantityOf(text)),
    ]),
  );
}

// 0.1 * 1000 must not become 100.00000000000001.
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/**
 * What a pod occupies: its containers and sidecars together, or the most that an init container takes beside the
 * sidecars before it; its own requests in their place where it has some, and its overhead on top.
 */
export function requestsOf(pod: Pod): Amounts {
  const { containers, initContainers = [], overhead, resources } = pod.spec;
  let total: Amounts = {};
  for (const container of containers) total = sum(total, ownRequests(container));
  let sidecars: Amounts = {};
  let most: Amounts = {};
  for (const container of initContainers) {
    const own = ownRequests(container);
    if (isSidecar(container)) sidecars = sum(sidecars, own);
    most = maximum(most, isSidecar(container) ? sidecars : sum(sidecars, own));
  }
  const all = maximum(sum(total, sidecars), most);
  const podLevel = amountsOf(resources?.requests);
  return sum({ ...all, ...podLevel }, amountsOf(overhead));
}

function ownRequests({ resources }: Container): Amounts {
  return amountsOf(resources?.requests);
}

/** The sum by resource. */
export function sum(a: Amounts, b: Amounts): Amounts {
  return combined(a, b, (one, other) => one + other);
}

function maximum(a: Amounts, b: Amounts): Amounts {
  return combined(a, b, Math.max);
}

function combined(a: Amounts, b: Amounts, join: (a: number, b: number) => number): Amounts {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, join(a[name] ?? 0, b[name] ?? 0)]));
}
