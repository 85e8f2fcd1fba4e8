// What the engine does, as rows of layers: a state and a time each, what is waited for, a bar for an upload.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { type Console, heartbeat } from "./console";
import type { Layer, LayerTracker } from "./layers";
import { plainText, type Row, shareIn } from "./terminal";

const REDRAW_SECONDS = 1;
const SHOWN_NAMES = 4;

const STATES = {
  creating: "running",
  absent: "waiting",
  ready: "ready",
  failed: "failed",
} as const;

/** A layer's row, with what goes on in it. Pure. */
export function layerRow(layer: Layer, underWay: string[], note: string | undefined): Row {
  const { name, seconds } = layer;
  const state = STATES[layer.state];
  if (state !== "running") return { name, state, seconds };
  if (underWay.length === 0 && seconds === 0) return { name, state: "waiting", seconds };
  const detail = note ?? waitingFor(underWay);
  const share = note === undefined ? undefined : shareIn(note);
  return {
    name,
    state,
    seconds,
    ...(detail ? { detail } : {}),
    ...(share === undefined ? {} : { share }),
  };
}

function waitingFor(underWay: string[]): string {
  if (underWay.length === 0) return "";
  const left = underWay.length - SHOWN_NAMES;
  return `waiting for ${underWay.slice(0, SHOWN_NAMES).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}

/** A message without Pulumi's colour tags and control sequences. */
export function plain(message: string): string {
  return plainText(message.replace(/<\{%[^%]*%\}>/g, ""));
}

/** Which plugin runs is this lab's own choice, shown by `lab toolchain`. */
const PATH_WARNING = /^using pulumi-\S+ from \$PATH/;

/** A warning or error of the engine that is worth a line. Pure. */
export function diagnosticOf(event: EngineEvent): string | undefined {
  const { severity, message = "", ephemeral } = event.diagnosticEvent ?? {};
  if (ephemeral || (severity !== "error" && severity !== "warning")) return undefined;
  const text = plain(message);
  return PATH_WARNING.test(text) ? undefined : `${severity}: ${text}`;
}

/** Progress that a resource tells of: `node: uploading, 120 of 800 MiB`. Pure. */
export function noteOf(event: EngineEvent): string | undefined {
  const { severity, message = "", urn } = event.diagnosticEvent ?? {};
  if (!urn || severity === "error" || severity === "warning") return undefined;
  return plain(message).split("\n").at(-1);
}

/** Shows a run of the engine; `layers` says how far each is. Call stop() in the end. */
export function follow(tracker: LayerTracker, console: Console) {
  const notes = new Map<string, string>();
  const redraw = () => {
    for (const layer of tracker.layers(false))
      console.show(layerRow(layer, tracker.underWay(layer.name), notes.get(layer.name)));
  };
  const stop = heartbeat(REDRAW_SECONDS, redraw);
  const onEvent = (event: EngineEvent) => {
    const name = tracker.take(event);
    if (name) notes.delete(name);
    const noted = tracker.layerOfDiagnostic(event);
    const note = noted && noteOf(event);
    if (noted && note) notes.set(noted, note);
    const message = diagnosticOf(event);
    if (message) console.say(message);
  };
  return {
    onEvent,
    /** Shows how it ended, and leaves the board. */
    stop: (finished: boolean) => {
      stop();
      for (const layer of tracker.layers(finished)) console.show(layerRow(layer, [], undefined));
      console.settle();
    },
  };
}
