// What a change does to the objects that a stack's program makes: two renderings held against each other. Pure.

import { createTwoFilesPatch } from "diff";
import { documentOf, isShown, keyOf } from "./documents";
import type { RenderedResource } from "./recorder";

export interface Difference {
  /** `kubernetes:apps/v1:Deployment sample-deployment`. */
  resource: string;
  change: "added" | "removed" | "changed";
  /** A unified diff of its document. */
  diff: string;
}

/** Every resource that is not the same in both, in the order of the newer. */
export function compare(base: RenderedResource[], head: RenderedResource[]): Difference[] {
  const [before, after] = [documentsByKey(base), documentsByKey(head)];
  const keys = new Set([...after.keys(), ...before.keys()]);
  return [...keys].flatMap((key) => difference(key, before.get(key), after.get(key)) ?? []);
}

function documentsByKey(resources: RenderedResource[]): Map<string, string> {
  return new Map(resources.filter(isShown).map((item) => [keyOf(item), documentOf(item)]));
}

function difference(key: string, before?: string, after?: string): Difference | undefined {
  if (before === after) return undefined;
  const resource = key.slice(key.indexOf(" ") + 1);
  const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const patch = createTwoFilesPatch("base", "head", before ?? "", after ?? "", "", "", {
    context: 3,
  });
  // Without the heading of two files that are none.
  const diff = patch.slice(patch.indexOf("@@"));
  return { resource, change, diff };
}
