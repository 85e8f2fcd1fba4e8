// Reads its environment, runs the test, writes the report. See README.md.

import { ApiServer } from "./api-server";
import { PrismReader } from "./prism";
import { writeReports } from "./report/files";
import type { Told } from "./round";
import { runScalingTest } from "./run";
import { readSettings } from "./settings";
import { World } from "./world";

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see scaling-test/README.md.`);
  return value;
}

/** What happens as a line for people. */
function line(told: Told): string {
  if (told.type === "waiting")
    return `  waiting for ${told.phase}${told.blockers.length > 0 ? `: ${told.blockers.join(" ")}` : ""}`;
  const shown = told.evidence.map(({ detail, name }) => detail ?? name).join("; ");
  return `${told.round}. ${told.phase}: ${shown}`;
}

async function main(json: boolean): Promise<number> {
  const settings = readSettings(process.env["SCALING_TEST"]);
  const world = new World(settings, {
    management: await ApiServer.connect(required("MANAGEMENT_KUBECONFIG")),
    workload: await ApiServer.connect(required("WORKLOAD_KUBECONFIG")),
    prism: new PrismReader(settings.prismCentral, process.env),
  });
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      stop.abort();
    });
  const write = (text: string) => process.stdout.write(`${text}\n`);
  const tell = (told: Told) => write(json ? JSON.stringify(told) : line(told));
  const result = await runScalingTest(world, tell, stop.signal);
  const files = writeReports(settings.report, result);
  const { passed, scaleFromZeroSeconds } = result;
  if (json) write(JSON.stringify({ type: "report", passed, scaleFromZeroSeconds, files }));
  else write(`${passed ? "passed" : "FAILED"}: ${files.join(" ")}`);
  for (const failure of result.failures) process.stderr.write(`${failure}\n`);
  return passed ? 0 : 1;
}

main(process.argv.includes("--json")).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
