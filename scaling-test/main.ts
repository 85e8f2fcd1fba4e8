// Reads its environment, runs the test, writes the report. See README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ApiServer } from "./api-server";
import { PrismReader } from "./prism";
import { report } from "./report";
import { ScalingTestRun } from "./run";
import { readSettings } from "./settings";

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see scaling-test/README.md.`);
  return value;
}

async function main(): Promise<number> {
  const settings = readSettings(process.env["SCALING_TEST"]);
  const run = new ScalingTestRun(settings, {
    management: await ApiServer.connect(required("MANAGEMENT_KUBECONFIG")),
    workload: await ApiServer.connect(required("WORKLOAD_KUBECONFIG")),
    prism: new PrismReader(settings.prismCentral, process.env),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  await run.run();
  const result = report(settings, run.seen, run.failures);
  mkdirSync(dirname(settings.report), { recursive: true });
  writeFileSync(settings.report, `${JSON.stringify(result, undefined, 2)}\n`);
  for (const failure of result.failures) process.stderr.write(`${failure}\n`);
  process.stdout.write(`${result.passed ? "passed" : "FAILED"}: ${settings.report}\n`);
  return result.passed ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
