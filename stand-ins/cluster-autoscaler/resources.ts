// Amounts of resources by name; cpu in cores, the rest in bytes or pieces.

import { quantityOf } from "../shared/quantity";
import type { Container, PodSpec, Quantities } from "./objects";

export type Resources = Record<string, number>;

/** Numbers of a map of quantities. */
export function resourcesOf(quantities: Quantities | undefined): Resources {
  return Object.fromEntries(
    Object.entries(quantities ?? {}).map(([name, text]) => [name, quantityOf(text)]),
  );
}

export function plus(a: Resources, b: Resources): Resources {
  const sum = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

export function minus(a: Resources, b: Resources): Resources {
  const rest = { ...a };
  for (const [name, amount] of Object.entries(b)) rest[name] = (rest[name] ?? 0) - amount;
  return rest;
}

function most(a: Resources, b: Resources): Resources {
  const result = { ...a };
  for (const [name, amount] of Object.entries(b))
    result[name] = Math.max(result[name] ?? 0, amount);
  return result;
}

/** Specifications do not change: each is added up once. */
const known = new WeakMap<PodSpec, Resources>();

/** What a pod asks for, itself counted as one pod: containers together or the largest init step, plus overhead. */
export function requestsOf(spec: PodSpec): Resources {
  const found = known.get(spec) ?? addUp(spec);
  known.set(spec, found);
  return found;
}

function addUp(spec: PodSpec): Resources {
  const requests = (container: Container) => resourcesOf(container.resources?.requests);
  let sidecars: Resources = {};
  let initial: Resources = {};
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === "Always") sidecars = plus(sidecars, requests(container));
    else initial = most(initial, plus(sidecars, requests(container)));
  }
  const running = spec.containers.map(requests).reduce(plus, sidecars);
  return plus(plus(most(running, initial), resourcesOf(spec.overhead)), { pods: 1 });
}

/** Names of what there is too little of. Half a unit in the ninth place is forgiven. */
export function lacking(asked: Resources, free: Resources): string[] {
  return Object.entries(asked)
    .filter(([name, amount]) => amount > 0 && amount > (free[name] ?? 0) + 1e-9)
    .map(([name]) => name);
}
