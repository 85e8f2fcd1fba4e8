// `lab test`: runs the scaling test of a stack that is up, with the settings that the stack itself gave it.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ScalingTestReport } from "../scaling-test/report/types";
import type { Told } from "../scaling-test/round";
import { runTypeScript } from "../toolchain/typescript";
import type { Console } from "./console";
import type { Lab } from "./lab";

/** What the test's program writes with --json. */
type Line = Told | ({ type: "report"; files: string[] } & Verdict);

/** How a test went, and what it is about: seconds from Pending to the first answer. */
export type Verdict = Pick<ScalingTestReport, "passed" | "scaleFromZeroSeconds">;

/** A test's result in one line. */
export function verdictLine({ passed, scaleFromZeroSeconds: seconds }: Verdict): string {
  const latency = seconds === undefined ? "" : `, ${seconds} s from Pending to the first answer`;
  return `scaling test: ${passed ? "passed" : "FAILED"}${latency}`;
}

/** Shows a line of the test; `seconds` since the phase before. */
function show(told: Line, seconds: number, console: Console): void {
  console.tell(told);
  if (told.type === "report") {
    console.settle();
    console.say(verdictLine(told));
    for (const file of told.files) console.say(`  ${file}`);
    return;
  }
  const name = `${told.round}. ${told.phase}`;
  if (told.type === "phase") {
    const detail = told.evidence.map((item) => item.detail ?? item.name).join("; ");
    console.show({ name, state: "ready", seconds, detail });
  } else {
    console.show({ name, state: "running", seconds, detail: told.blockers.join(" ") || "waiting" });
  }
}

function start(lab: Lab, settings: unknown, outputs: Record<string, unknown>) {
  return spawn(process.execPath, [...runTypeScript, "scaling-test/main.ts", "--json"], {
    cwd: lab.repository,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      SCALING_TEST: typeof settings === "string" ? settings : JSON.stringify(settings),
      MANAGEMENT_KUBECONFIG: String(outputs["managementKubeconfig"]),
      WORKLOAD_KUBECONFIG: String(outputs["workloadKubeconfig"]),
    },
  });
}

/** Runs the test; resolves with whether it passed. Nothing to run is said, and passes. */
export async function runScalingTest(
  lab: Lab,
  outputs: Record<string, unknown>,
  console: Console,
): Promise<boolean> {
  const settings = outputs["scalingTest"];
  if (settings === undefined) {
    console.say("scaling test: the stack has none");
    return true;
  }
  console.say("scaling test: running");
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = start(lab, settings, outputs);
    let last = Date.now();
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = JSON.parse(line) as Line;
      show(told, (Date.now() - last) / 1000, console);
      if (told.type === "phase") last = Date.now();
    });
    child.stderr.on("data", (text: Buffer) => {
      console.say(text.toString().trimEnd());
    });
    child.on("error", reject);
    child.on("close", resolve);
  });
  console.settle();
  return code === 0;
}
