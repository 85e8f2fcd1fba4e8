// Examples under each command's --help.

import type { Command } from "commander";

const EXAMPLES: Record<string, string[]> = {
  lab: ["npm start", "npm run lab -- up --help", "LAB_SLOT=1 npm start"],
  up: [
    "npm run lab -- up",
    "npm run lab -- up -s onprem",
    "npm run -s lab -- up --json >progress.jsonl",
  ],
  preview: ["npm run lab -- preview", "npm run lab -- preview --all --markdown preview.md"],
  status: ["npm run lab -- status", "npm run -s lab -- status --json"],
  test: ["npm run lab -- test", "npm run -s lab -- test --json >test.jsonl"],
  verify: [
    "npm run lab -- verify",
    "npm run lab -- verify .lab/reports/scaling-test.json",
    "npm run lab -- verify report.json --management-audit kind.log --workload-audit workload.log",
  ],
  "support-bundle": [
    "npm run lab -- support-bundle",
    "npm run lab -- support-bundle --output /tmp/lab.tar.gz",
  ],
  down: ["npm run lab -- down", "LAB_SLOT=1 npm run lab -- down"],
  env: ['eval "$(npm run -s lab -- env)"'],
  toolchain: ["npm run lab -- toolchain --list", "npm run -s lab -- toolchain --json"],
  images: ["npm run -s lab -- images -s onprem"],
  fetch: ["npm run lab -- fetch -s onprem --pin"],
  doctor: ["npm run lab -- doctor -s onprem", "npm run -s lab -- doctor -s onprem --json"],
  leaks: ["npm run lab -- leaks -s onprem", "npm run -s lab -- leaks -s onprem --json"],
  console: ["npm run -s lab -- console", "npm run -s lab -- console lab-kcp-abcde --follow"],
};

/** Adds to the program and each of its commands the examples that there are. */
export function addExamples(program: Command): void {
  for (const command of [program, ...program.commands]) {
    const examples = EXAMPLES[command.name()] ?? [];
    if (examples.length > 0)
      command.addHelpText(
        "after",
        `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`,
      );
  }
}
