// The commands about the proof: run the test, compute a report again, pack what a bug report needs.

import type { Command } from "commander";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { ApiServer } from "../scaling-test/api-server";
import { PrismReader } from "../scaling-test/prism";
import type { ScalingTestReport } from "../scaling-test/report/types";
import { readSettings } from "../scaling-test/settings";
import { type Check, readWorkloadAudit, verify } from "../scaling-test/verify";
import { makeConsole, table } from "./console";
import { plainOutputs } from "./engine";
import type { Lab } from "./lab";
import { prepare } from "./prepare";
import { runScalingTest } from "./scaling-test";
import { supportBundle } from "./support-bundle";

interface VerifyFlags {
  json?: boolean;
  workloadAudit?: string;
}

/** Adds test, verify and support-bundle. */
export function addProofCommands(program: Command, lab: Lab, stackName: () => string): void {
  program
    .command("test")
    .description("run the scaling test of a stack that is up: 0 -> N -> 0 -> 1 -> 0")
    .option("--json", "phases and result as JSON, an object a line")
    .action(async (flags: { json?: boolean }) => {
      const { stack } = await prepare(lab, stackName(), makeConsole(process.stderr));
      const console = makeConsole(process.stdout, flags);
      if (!(await runScalingTest(lab, await plainOutputs(stack), console))) process.exitCode = 1;
    });

  program
    .command("verify")
    .description("compute a report again from Prism's task log and the API server's audit log")
    .argument("[file]", "the report", path.join(lab.directory, "reports", "scaling-test.json"))
    .option("--workload-audit <file>", "audit log; without it the API servers' own logs are read")
    .option("--json", "every figure as JSON")
    .action(async (file: string, flags: VerifyFlags) => {
      if (!(await verifyFile(lab, stackName(), file, flags))) process.exitCode = 1;
    });

  program
    .command("support-bundle")
    .description("logs, objects, versions and state without secrets, in one file for a bug report")
    .option("--output <file>", "default: .lab/support/<time>.tar.gz")
    .action(async ({ output }: { output?: string }) => {
      const file = await supportBundle(lab, stackName(), makeConsole(process.stderr), output);
      process.stdout.write(`${file}\n`);
    });
}

function readReport(file: string): ScalingTestReport {
  if (!existsSync(file))
    throw new Error(
      `Reading ${file} failed: there is none. Run the scaling test: npm run lab -- test.`,
    );
  const report = JSON.parse(readFileSync(file, "utf8")) as ScalingTestReport;
  const version = report.version as number | undefined;
  if (version !== 1)
    throw new Error(
      `Reading ${file} failed: it is of format ${version ?? "?"}, this lab knows format 1.`,
    );
  return report;
}

/** Says which figures differ; resolves with whether none does. */
async function verifyFile(
  lab: Lab,
  stackName: string,
  file: string,
  flags: VerifyFlags,
): Promise<boolean> {
  const report = readReport(file);
  const { stack } = await prepare(lab, stackName, makeConsole(process.stderr));
  const outputs = await plainOutputs(stack);
  const told = outputs["scalingTest"];
  const settings = readSettings(typeof told === "string" ? told : JSON.stringify(told));
  const workload = await ApiServer.connect(String(outputs["workloadKubeconfig"]));
  const audit =
    flags.workloadAudit === undefined
      ? await readWorkloadAudit(workload)
      : readFileSync(flags.workloadAudit, "utf8");
  const prism = new PrismReader(settings.prismCentral, process.env);
  const checks = await verify(report, { workload, prism }, audit);
  const differing = checks.filter(({ agrees }) => !agrees);
  process.stdout.write(flags.json ? asJson(checks) : asText(checks, differing, file));
  return differing.length === 0;
}

const asJson = (checks: Check[]) =>
  `${JSON.stringify({ agrees: checks.every(({ agrees }) => agrees), checks }, undefined, 2)}\n`;

function asText(checks: Check[], differing: Check[], file: string): string {
  if (differing.length === 0) return `${file}: all ${checks.length} figures agree with the logs\n`;
  const rows = differing.map((check) => [
    check.figure,
    `says ${check.reported}`,
    `is ${check.recomputed}`,
    `by ${check.source}`,
  ]);
  const head = `${file}: ${differing.length} of ${checks.length} figures differ from the logs\n`;
  return `${head}${table(rows)
    .map((row) => `  ${row}\n`)
    .join("")}`;
}
