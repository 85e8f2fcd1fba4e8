// The resources that a stack would have after an update, from the engine's events of its preview. Pure.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { RenderedResource } from "../render/recorder";

/** Each once, whatever number of steps it takes; without those that would be deleted. */
export function plannedResources(events: EngineEvent[]): RenderedResource[] {
  const found = new Map<string, RenderedResource>();
  for (const { resourcePreEvent } of events) {
    const planned = resourcePreEvent?.metadata.new;
    if (!planned) continue;
    const { type, urn, parent, inputs } = planned;
    const name = urn.split("::").at(-1) ?? urn;
    found.set(urn, { type, name, parent, inputs: inputs as RenderedResource["inputs"] });
  }
  return [...found.values()];
}
