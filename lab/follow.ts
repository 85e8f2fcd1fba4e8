// What the engine does, as rows of layers: a state and a time each, what is waited for, a bar for an upload.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { type Console, heartbeat } from "./console";
import type { Layer, LayerTracker } from "./layers";
import { plainText, type Row, shareIn } from "./terminal";

const REDRAW_SECONDS = 1;
const SHOWN_NAMES = 4;

/** A layer's row, with what goes on in it. Pure. */
export function layerRow(layer: Layer, underWay: string[], note: string | undefined): Row {
  const state =
    layer.state === "creating" ? "running" : layer.state === "absent" ? "waiting" : layer.state;
  const names = underWay.slice(0, SHOWN_NAMES).join(", ");
  const more = underWay.length > SHOWN_NAMES ? ` and ${underWay.length - SHOWN_NAMES} more` : "";
  const detail = note ?? (names ? `waiting for ${names}${more}` : "");
  const share = note === undefined ? undefined : shareIn(note);
  return {
    name: layer.name,
    state: state === "running" && underWay.length === 0 && layer.seconds === 0 ? "waiting" : state,
    seconds: layer.seconds,
    ...(state === "running" && detail ? { detail } : {}),
    ...(share === undefined ? {} : { share }),
  };
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
