// The layers of the lab as a run sees them: which exist, how far each is, how long it took. Pure but for the
// clock that it is given. Layers are the components of index.ts, known by their type in each URN.

import type { EngineEvent } from "@pulumi/pulumi/automation";

/** Component type -> name of the layer, in build order. */
export const LAYERS = {
  "lab:index:VmImage": "image",
  "lab:index:ManagementCluster": "management-cluster",
  "lab:index:ClusterApi": "cluster-api",
  "lab:index:WorkloadCluster": "workload-cluster",
  "lab:index:ClusterAutoscaler": "cluster-autoscaler",
  "lab:index:SampleWorkload": "sample-workload",
  "lab:index:ScalingTest": "scaling-test",
} as const;

export type LayerName = (typeof LAYERS)[keyof typeof LAYERS];
export type LayerState = "absent" | "creating" | "ready" | "failed";

export interface Layer {
  name: LayerName;
  state: LayerState;
  /** Seconds from its first step to its last; 0 when there was nothing to do. */
  seconds: number;
}

interface Track {
  first?: number;
  last?: number;
  open: Set<string>;
  failed: boolean;
  seen: boolean;
  changes: number;
}

/** The layer of a resource, by the chain of types in its URN. */
export function layerOf(urn: string): LayerName | undefined {
  const types = urn.split("::")[2]?.split("$") ?? [];
  const type = types.find((item): item is keyof typeof LAYERS => item in LAYERS);
  return type && LAYERS[type];
}

interface Step {
  urn: string;
  op: string;
  kind: "started" | "ended" | "failed";
}

/** The step that an engine event tells of, if it tells of one. */
function stepOf(event: EngineEvent): Step | undefined {
  const kinds = [
    ["started", event.resourcePreEvent],
    ["ended", event.resOutputsEvent],
    ["failed", event.resOpFailedEvent],
  ] as const;
  for (const [kind, detail] of kinds)
    if (detail) return { kind, urn: detail.metadata.urn, op: detail.metadata.op };
  return undefined;
}

/** Whether a URN is that of a layer's component itself. */
function isComponent(urn: string): boolean {
  const type = urn.split("::")[2]?.split("$").at(-1);
  return type !== undefined && type in LAYERS;
}

const CHANGES = new Set([
  "create",
  "update",
  "replace",
  "create-replacement",
  "delete",
  "delete-replaced",
]);

export class LayerTracker {
  private readonly tracks = new Map<LayerName, Track>();
  private readonly now: () => number;

  /** `now` gives milliseconds. */
  constructor(now: () => number = Date.now) {
    this.now = now;
    for (const name of Object.values(LAYERS))
      this.tracks.set(name, { open: new Set(), failed: false, seen: false, changes: 0 });
  }

  /** Takes one engine event; returns the layer it belongs to, if any. */
  take(event: EngineEvent): LayerName | undefined {
    const step = stepOf(event);
    const name = step && layerOf(step.urn);
    const track = name && this.tracks.get(name);
    if (!track) return undefined;
    track.seen = true;
    if (CHANGES.has(step.op)) this.change(track, step);
    return name;
  }

  /** The layer that a resource's own message is about. */
  layerOfDiagnostic({ diagnosticEvent }: EngineEvent): LayerName | undefined {
    return diagnosticEvent?.urn ? layerOf(diagnosticEvent.urn) : undefined;
  }

  /** A component's own step lasts as long as it waits for others, so only its children's steps count. */
  private change(track: Track, step: Step): void {
    if (isComponent(step.urn)) return;
    if (step.kind === "started") {
      track.first ??= this.now();
      track.open.add(step.urn);
      track.changes++;
      return;
    }
    track.last = this.now();
    track.open.delete(step.urn);
    track.failed ||= step.kind === "failed";
  }

  /** How many resources of the layer were changed. */
  changes(name: LayerName): number {
    return this.tracks.get(name)?.changes ?? 0;
  }

  /** Names of the resources of a layer that are under way. */
  underWay(name: LayerName): string[] {
    return [...(this.tracks.get(name)?.open ?? [])].map((urn) => urn.split("::").at(-1) ?? urn);
  }

  /** All layers in build order; `finished` is true when the engine has ended with success. */
  layers(finished: boolean): Layer[] {
    return [...this.tracks].map(([name, track]) => ({
      name,
      state: state(track, finished),
      seconds: track.first === undefined ? 0 : ((track.last ?? this.now()) - track.first) / 1000,
    }));
  }
}

function state(track: Track, finished: boolean): LayerState {
  if (track.failed) return "failed";
  if (!track.seen) return "absent";
  return finished ? "ready" : "creating";
}
