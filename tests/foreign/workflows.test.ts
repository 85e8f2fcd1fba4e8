// The workflow for GitHub is judged by actionlint: its syntax, its expressions, which contexts are there where they are
// used, untrusted input in scripts, and names of runners.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { GoGroup } from "../../toolchain/tools";
import { builtJudge } from "../support/judge";

const group: GoGroup = {
  name: "actionlint",
  folder: "tests/foreign/actionlint",
  version: "1.7.12",
  stamps: {},
  programs: [{ name: "actionlint", package: "github.com/rhysd/actionlint/cmd/actionlint" }],
  gigabytes: 1,
};

const workflows = resolve(__dirname, "../../.github/workflows");
let actionlint: string;

beforeAll(async () => {
  actionlint = join(await builtJudge(group), "actionlint");
}, 600_000);

/** Lints a file, or with "-" a text; other linters that may be on PATH have no say. */
function lint(file: string, input?: string): string[] {
  const options = ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", file];
  const { stdout, stderr } = spawnSync(actionlint, options, { input, encoding: "utf8" });
  return (stdout + stderr).split("\n").filter(Boolean);
}

test.each(readdirSync(workflows))("%s", (name) => {
  expect(lint(join(workflows, name))).toEqual([]);
});

test("a mistake is found", () => {
  const input = [
    "on: pull_request",
    "jobs:",
    "  preview:",
    "    runs-on: ubuntu-latest",
    "    steps:",
    "      - run: echo ${{ github.event.pull_request.title }}",
    "      - use: actions/checkout@v5",
  ].join("\n");
  expect(lint("-", input).map((line) => /\[[a-z-]+\]$/.exec(line)?.[0])).toEqual([
    "[expression]",
    "[syntax-check]",
  ]);
});
