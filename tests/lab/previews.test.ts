// Previews as on a pull request of a fork: every stack through the real engine, without credentials, cluster or network,
// and what the project's policies do with a change that breaks one.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import * as path from "node:path";
import { stackFile } from "../../lab/environment";
import { stackNames } from "../../lab/stack-values";
import * as house from "./house";

/** Seconds that a stack's preview may take on a machine that does nothing else. */
const LIMIT = 15;

const home = house.makeHouse(5, {
  NUTANIX_USERNAME: undefined,
  NUTANIX_PASSWORD: undefined,
  NUTANIX_API_KEY: undefined,
});
const stacks = stackNames(home.lab.repository);
const markdown = path.join(home.folder, "preview.md");
const textOf = (stack: string) =>
  readFileSync(path.join(home.folder, `preview.${stack}.md`), "utf8");

afterAll(() => rmSync(home.folder, { recursive: true, force: true }));

test("every stack is previewed with the network cut off, and keeps to the policies", () => {
  const busy = Math.max(1, (loadavg()[0] ?? 0) / cpus().length);
  const { status, stderr } = house.runLabOffline(home, "preview", "--all", "--markdown", markdown);
  const found = [...stderr.matchAll(/([\w-]+): (\d+) changes \((\d+\.\d) s\)$/gm)];
  const seconds = Object.fromEntries(found.map(([, stack = "", , time]) => [stack, Number(time)]));
  process.stderr.write(`previews: ${JSON.stringify(seconds)}, load ${busy.toFixed(1)}\n`);
  expect([status, Object.keys(seconds).sort(), stderr]).toEqual([0, stacks, expect.any(String)]);
  for (const stack of stacks) {
    expect(textOf(stack)).toContain("All are kept.");
    expect(textOf(stack)).toContain("### Policies (nutanix-serverless-lab@v0.1.0)");
  }
  expect(Object.entries(seconds).filter(([, time]) => time > LIMIT * busy)).toEqual([]);
});

test("a violation stops the preview, with the remedy", () => {
  const copy = stackFile(home.lab, "onprem");
  const before = readFileSync(copy, "utf8");
  writeFileSync(copy, before.replace(/^( +)machines: 6$/m, "$1machines: 2"));
  const { status, stderr } = house.runLabOffline(
    home,
    "preview",
    "-s",
    "onprem",
    "--markdown",
    markdown,
  );
  const remedy =
    "The stack may grow to 6 machines, and 2 are allowed. Lower a pool's max or its machines, or raise the limit " +
    "under guardrails.";
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining(`ceiling on nutanix-serverless-lab-onprem: ${remedy}`),
  ]);
  expect(textOf("onprem")).toContain("**Refused by policies.**");
  expect(textOf("onprem")).toContain(`- **mandatory** \`nutanix-serverless-lab@v0.1.0 ceiling\``);
  expect(textOf("onprem")).toContain(remedy);
});
