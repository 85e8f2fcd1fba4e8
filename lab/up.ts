// `lab up`: brings the stack up with progress by layer, runs the scaling test, says what there is.

import type { EngineEvent, UpResult } from "@pulumi/pulumi/automation";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Console, heartbeat, table } from "./console";
import { plainOutputs, type Stack } from "./engine";
import { writeRunRecord } from "./files";
import type { Lab } from "./lab";
import { type LayerName, LayerTracker } from "./layers";
import { prepare } from "./prepare";
import { recover } from "./recover";
import { runScalingTest } from "./scaling-test";
import { endpoints, lastReport } from "./status";

const HEARTBEAT_SECONDS = 10;

/** Says when a layer begins, and every ten seconds what is under way. */
function follow(tracker: LayerTracker, console: Console) {
  const announced = new Set<LayerName>();
  const stop = heartbeat(HEARTBEAT_SECONDS, () => {
    for (const layer of tracker.layers(false)) {
      const names = tracker.underWay(layer.name);
      if (names.length > 0)
        console.say(
          `${layer.name}: ${layer.seconds.toFixed(0)} s, waiting for ${names.slice(0, 4).join(", ")}` +
            (names.length > 4 ? ` and ${names.length - 4} more` : ""),
        );
    }
  });
  const onEvent = (event: EngineEvent) => {
    const name = tracker.take(event);
    if (name && tracker.changes(name) > 0 && !announced.has(name)) {
      announced.add(name);
      console.say(`${name}: creating`);
    }
    const message = diagnosticOf(event);
    if (message) console.say(message);
  };
  return { onEvent, stop };
}

/** Which plugin runs is this lab's own choice, shown by `lab toolchain`. */
const PATH_WARNING = /^using pulumi-\S+ from \$PATH/;

/** A warning or error of the engine that is worth a line. */
function diagnosticOf(event: EngineEvent): string | undefined {
  const { severity, message = "", ephemeral } = event.diagnosticEvent ?? {};
  if (ephemeral || (severity !== "error" && severity !== "warning")) return undefined;
  const text = plain(message);
  return PATH_WARNING.test(text) ? undefined : `${severity}: ${text}`;
}

/** A message without Pulumi's colour tags and control sequences. */
export function plain(message: string): string {
  return message.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, "").trimEnd();
}

async function engineUp(stack: Stack, tracker: LayerTracker, console: Console): Promise<UpResult> {
  const { onEvent, stop } = follow(tracker, console);
  // showSecrets runs `stack history --show-secrets`, which writes a settings file into the checkout (3.256).
  const quiet = { color: "never", suppressProgress: true, showSecrets: false } as const;
  try {
    return await stack.up({ onEvent, ...quiet, message: "lab up" });
  } finally {
    stop();
  }
}

/** The error of a failed update in the engine's own words, without the command's noise. */
function engineError(error: unknown, stack: string): Error {
  const text = plain(error instanceof Error ? error.message : String(error));
  const diagnostics = /Diagnostics:[\s\S]*?(?=\n\n?(Outputs|Resources|Duration):|$)/.exec(
    text,
  )?.[0];
  return new Error(
    `Bringing stack ${stack} up failed.\n${diagnostics ?? text}\n` +
      `Run it again to go on from here, or \`npm run lab -- down\` to remove everything.`,
    { cause: error },
  );
}

/** Brings a stack up. Resolves with false when the scaling test did not pass. */
export async function up(lab: Lab, stackName: string, console: Console): Promise<boolean> {
  const startedAt = new Date().toISOString();
  const prepared = await recover(lab, stackName, await prepare(lab, stackName, console), console);
  console.say(`bringing stack ${stackName} up`);
  const tracker = new LayerTracker();
  const record = (result: "succeeded" | "failed") => {
    const layers = tracker.layers(result === "succeeded");
    const changes = layers.reduce((sum, { name }) => sum + tracker.changes(name), 0);
    const finishedAt = new Date().toISOString();
    writeRunRecord(lab, { stack: stackName, startedAt, finishedAt, result, changes, layers });
    return { layers, changes };
  };
  try {
    await engineUp(prepared.stack, tracker, console);
  } catch (error) {
    record("failed");
    throw engineError(error, stackName);
  }
  const { layers, changes } = record("succeeded");
  const outputs = await plainOutputs(prepared.stack);
  const kubeconfig = outputs["workloadKubeconfig"];
  if (typeof kubeconfig === "string")
    writeFileSync(path.join(lab.directory, "workload-kubeconfig"), kubeconfig, { mode: 0o600 });
  console.say(changes === 0 ? "nothing changed" : `${changes} resources changed`);
  if (tracker.changes("scaling-test") === 0) await runScalingTest(lab, outputs, console);
  summary(lab, stackName, { layers, outputs }, console);
  return lastReport(lab)?.passed ?? true;
}

function summary(
  lab: Lab,
  stack: string,
  run: { layers: ReturnType<LayerTracker["layers"]>; outputs: Record<string, unknown> },
  console: Console,
): void {
  const rows = run.layers.map(({ name, state, seconds }) => [
    name,
    state,
    `${seconds.toFixed(1)} s`,
  ]);
  const places = Object.entries(endpoints(lab, stack, run.outputs));
  const report = lastReport(lab);
  const lines = [
    "",
    ...table([["layer", "state", "time"], ...rows]),
    "",
    ...table(places.map(([name, place]) => [name, place])),
    "",
    report
      ? `scaling test: ${report.passed ? "passed" : "FAILED"}` +
        (report.scaleFromZeroSeconds === undefined
          ? ""
          : `, ${report.scaleFromZeroSeconds} s from Pending to the first answer`)
      : "scaling test: not run",
    "",
    `next: eval "$(npm run -s lab -- env)"; kubectl get pods -A; pulumi preview`,
    `      npm run lab -- test | status | down`,
  ];
  console.say(lines.join("\n"));
}
