// `lab up`: brings the stack up with progress by layer, runs the scaling test, says what there is.

import type { UpResult } from "@pulumi/pulumi/automation";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Console, table } from "./console";
import { plainOutputs, type Stack } from "./engine";
import { stackFile } from "./environment";
import { writeRunRecord } from "./files";
import { follow, plain } from "./follow";
import { onInterrupt } from "./interrupt";
import type { Lab } from "./lab";
import { LayerTracker } from "./layers";
import { prepare } from "./prepare";
import { recover } from "./recover";
import { runScalingTest, verdictLine } from "./scaling-test";
import { judgedConfig } from "./stack-values";
import { endpoints, lastReport } from "./status";
import { machineTroubles } from "./trouble";

async function engineUp(stack: Stack, tracker: LayerTracker, console: Console): Promise<UpResult> {
  const { onEvent, stop } = follow(tracker, console);
  // showSecrets runs `stack history --show-secrets`, which writes a settings file into the checkout (3.256).
  const quiet = { color: "never", suppressProgress: true, showSecrets: false } as const;
  const { signal, stop: stopWaiting } = onInterrupt(console);
  let finished = false;
  try {
    const result = await stack.up({ onEvent, ...quiet, signal, message: "lab up" });
    finished = true;
    return result;
  } finally {
    stopWaiting();
    stop(finished);
  }
}

/** Whether the stack has the scaling test run by `up`: its resource does where something changed, `lab up` otherwise. */
function isPartOfUp(lab: Lab, stack: string): boolean {
  const { config } = judgedConfig(stack, readFileSync(stackFile(lab, stack), "utf8"));
  return config?.scalingTest.run ?? true;
}

const LAST_LINES = 20;

/**
 * What an update failed of: the engine's errors first, what is wrong with machines, its last lines, then what to do. `text`
 * is what the Automation API throws. Pure.
 */
export function explainFailure(text: string, stack: string, machines: string[] = []): string {
  const shown = plain(text);
  const diagnostics = /Diagnostics:\n([\s\S]*?)(?=\n\n?(Outputs|Resources|Duration):|$)/.exec(
    shown,
  )?.[1];
  const lines = (diagnostics ?? shown).split("\n").map((line) => line.trimEnd());
  const [first = "the engine ended", ...others] = causesIn(lines);
  const rest = lines.filter((line) => line.trim() !== "").slice(-LAST_LINES);
  return [
    `Bringing stack ${stack} up failed: ${first}`,
    ...others.map((cause) => `error: ${cause}`),
    ...machines,
    "",
    "Its last lines:",
    ...rest,
    "",
    "Run it again to go on from here, `npm run lab -- status` for what there is, `npm run lab -- support-bundle` for a",
    "bug report, or `npm run lab -- down` to remove everything.",
  ].join("\n");
}

/** What went wrong, most telling first: "N errors occurred" is followed by them, and that the update failed is no news. */
function causesIn(lines: string[]): string[] {
  const causes = lines.flatMap((line, at) => {
    const cause = /^\s*error: (.*)/.exec(line)?.[1];
    if (cause === undefined) return [];
    const listed = /errors? occurred:$/.test(cause) && lines[at + 1];
    return [listed ? listed.trim().replace(/^\* /, "") : cause];
  });
  const news = causes.filter((cause) => cause !== "update failed");
  return news.length > 0 ? news : causes;
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
    const text = error instanceof Error ? error.message : String(error);
    const machines = await machineTroubles(lab);
    throw new Error(explainFailure(text, stackName, machines), { cause: error });
  }
  const { layers, changes } = record("succeeded");
  const outputs = await plainOutputs(prepared.stack);
  const kubeconfig = outputs["workloadKubeconfig"];
  if (typeof kubeconfig === "string")
    writeFileSync(path.join(lab.directory, "workload-kubeconfig"), kubeconfig, { mode: 0o600 });
  console.say(changes === 0 ? "nothing changed" : `${changes} resources changed`);
  const tested = isPartOfUp(lab, stackName);
  if (!tested) console.say("scaling test: not a part of this stack's up (scalingTest.run)");
  else if (tracker.changes("scaling-test") === 0) await runScalingTest(lab, outputs, console);
  summary(lab, stackName, { layers, outputs }, console);
  return !tested || (lastReport(lab)?.passed ?? true);
}

function summary(
  lab: Lab,
  stack: string,
  run: { layers: ReturnType<LayerTracker["layers"]>; outputs: Record<string, unknown> },
  console: Console,
): void {
  const report = lastReport(lab);
  const endpointsNow = endpoints(lab, stack, run.outputs);
  console.tell({
    type: "summary",
    stack,
    layers: run.layers,
    endpoints: endpointsNow,
    scalingTest: report,
  });
  const rows = run.layers.map(({ name, state, seconds }) => [
    name,
    state,
    `${seconds.toFixed(1)} s`,
  ]);
  const places = Object.entries(endpointsNow);
  const lines = [
    "",
    ...table([["layer", "state", "time"], ...rows]),
    "",
    ...table(places.map(([name, place]) => [name, place])),
    "",
    report ? verdictLine(report) : "scaling test: not run",
    "",
    "next:",
    ...table([
      ['  eval "$(npm run -s lab -- env)"', "pulumi, kubectl and helm on this lab"],
      ["  kubectl get pods -A", "the management cluster"],
      ["  npm run lab -- test", "scale from zero and back once more"],
      ["  npm run lab -- verify", "compute the report again from the logs"],
      ["  npm run lab -- down", "remove all of it"],
    ]),
  ];
  console.say(lines.join("\n"));
}
