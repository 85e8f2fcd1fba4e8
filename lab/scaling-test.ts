// `lab test`: runs the scaling test of a stack that is up, with the settings that the stack itself gave it.

import { spawn } from "node:child_process";
import type { Console } from "./console";
import type { Lab } from "./lab";

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
    const child = spawn(process.execPath, ["--import", "tsx", "scaling-test/main.ts"], {
      cwd: lab.repository,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        SCALING_TEST: typeof settings === "string" ? settings : JSON.stringify(settings),
        MANAGEMENT_KUBECONFIG: String(outputs["managementKubeconfig"]),
        WORKLOAD_KUBECONFIG: String(outputs["workloadKubeconfig"]),
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => {
        console.say(text.toString().trimEnd());
      });
    child.on("error", reject);
    child.on("close", resolve);
  });
  return code === 0;
}
