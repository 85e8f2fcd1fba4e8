// `lab doctor`: whether a stack can be brought up, told before anything is made. It changes nothing.

import { readFileSync } from "node:fs";
import { stackFile } from "../environment";
import type { Lab } from "../lab";
import { prepareEnvironment } from "../prepare";
import { judgedConfig, stackSettings } from "../stack-values";
import { checkAll } from "./checks";
import { gather } from "./facts";
import type { Finding } from "./finding";
import { checkSettings, settingsBroken } from "./settings";

export interface Diagnosis {
  stack: string;
  /** The worst of all findings. */
  result: Finding["level"];
  findings: Finding[];
}

/** Looks at everything. Throws only where there is no such stack. */
export async function doctor(lab: Lab, stack: string): Promise<Diagnosis> {
  stackSettings(lab.repository, stack);
  prepareEnvironment(lab, stack, { secrets: false });
  const text = readFileSync(stackFile(lab, stack), "utf8");
  const { config, mistakes } = judgedConfig(stack, text);
  if (!config) return diagnosis(stack, settingsBroken(stack, mistakes));
  const facts = await gather(lab, stack, config);
  return diagnosis(stack, [
    ...checkSettings(stack, config, mistakes),
    ...checkAll(stack, config, facts),
  ]);
}

export function diagnosis(stack: string, findings: Finding[]): Diagnosis {
  const levels = findings.map(({ level }) => level);
  const result = (["failure", "warning"] as const).find((level) => levels.includes(level)) ?? "ok";
  return { stack, result, findings };
}

const WIDTH = 24;

/** A line each, remedies below. */
export function asText({ stack, findings }: Diagnosis): string {
  const lines = findings.flatMap(({ check, level, text, remedy }) => [
    `${level.padEnd(8)} ${check.padEnd(WIDTH)} ${text}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(8)} ${" ".repeat(WIDTH)} ${remedy}`]),
  ]);
  const count = (level: Finding["level"]) =>
    findings.filter((finding) => finding.level === level).length;
  const sum = `stack ${stack}: ${count("failure")} failures, ${count("warning")} warnings, ${count("ok")} ok`;
  return `${[...lines, "", sum].join("\n")}\n`;
}
