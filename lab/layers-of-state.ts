// The layers as a stack's state has them: for stacks that somebody else, or another machine, brought up. Pure.

import { type Layer, layerOf, LAYERS } from "./layers";

/** What `pulumi stack export` shows, as far as it matters here. */
export interface Deployment {
  resources?: { urn: string; initErrors?: string[] }[];
  pending_operations?: { resource: { urn: string } }[];
}

/** A layer with resources is ready, unless one of them is half-made or under way. */
export function layersOfState({ resources = [], pending_operations = [] }: Deployment): Layer[] {
  const pending = pending_operations.map(({ resource }) => layerOf(resource.urn));
  return Object.values(LAYERS).map((name) => {
    const own = resources.filter(({ urn }) => layerOf(urn) === name);
    const broken = own.some(({ initErrors = [] }) => initErrors.length > 0);
    const finished = own.length === 0 ? "absent" : broken ? "failed" : "ready";
    return { name, state: pending.includes(name) ? "creating" : finished, seconds: 0 };
  });
}
