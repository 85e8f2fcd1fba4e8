// `lab doctor` and `lab leaks` as programs: their exit codes, and what they say of dev's own Prism Central stand-in.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import type { Diagnosis } from "../../lab/doctor";
import type { Leaks } from "../../lab/leaks";
import { PrismClient } from "../../providers/prism/client";
import { defaultSeed } from "../../stand-ins/prism-central/seed";
import { type PrismCentral, startPrismCentral } from "../../stand-ins/prism-central/server";
import { NotedHypervisor } from "../support/prism-central";
import { runTypeScript } from "../../toolchain/typescript";

const root = path.join(__dirname, "..", "..");
const folder = mkdtempSync(path.join(tmpdir(), "target-commands-"));
const SLOT = 15;
const port = 9440 + SLOT;
const login = { username: "admin", password: "secret" };
let prism: PrismCentral | undefined;

afterAll(async () => {
  await prism?.close();
  rmSync(folder, { recursive: true });
});

interface Ran {
  code: number;
  stdout: string;
}

/** Without credentials of the caller's, and without a stack of pulumi's. */
async function lab(...args: string[]): Promise<Ran> {
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith("NUTANIX_"));
  const chosen = { LAB_SLOT: String(SLOT), LAB_DIR: folder, NODE_OPTIONS: "" };
  const env = { ...Object.fromEntries(own), ...chosen };
  const command = [...runTypeScript, "lab/main.ts", ...args];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, env });
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran & { stderr: string };
    return { code, stdout: stdout || stderr };
  }
}

async function diagnosis(stack: string): Promise<Diagnosis & { code: number }> {
  const { code, stdout } = await lab("doctor", "-s", stack, "--json");
  return { ...(JSON.parse(stdout) as Diagnosis), code };
}

test("doctor asks nobody for a stack that still has its examples", async () => {
  const { code, result, findings } = await diagnosis("onprem");
  expect([code, result]).toEqual([1, "failure"]);
  expect(findings[0]).toMatchObject({ check: "settings", level: "failure" });
  expect(findings.filter(({ check }) => check === "Prism Central")).toEqual([
    {
      check: "Prism Central",
      level: "warning",
      text: "not asked: its address is an example",
      remedy: "Set prismCentral.address first.",
    },
  ]);
}, 120_000);

/** Of what is not about this machine's own tools. */
const levels = ({ findings }: Diagnosis) =>
  findings
    .filter(({ check }) => !["tools", "manifests"].includes(check))
    .map(({ check, level }) => `${level} ${check}`);

test("dev before its first up, and on its own stand-in", async () => {
  const before = await diagnosis("dev");
  expect(before.code).toBe(before.result === "failure" ? 1 : 0);
  expect(levels(before)).toEqual([
    "ok settings",
    "ok management cluster",
    "ok Prism Central",
    "ok control-plane endpoint",
  ]);
  writeFileSync(path.join(folder, "credentials.json"), JSON.stringify(login));
  prism = await startPrismCentral({
    host: "127.0.0.1",
    port,
    dataDir: path.join(folder, "prism-central"),
    hypervisor: new NotedHypervisor(),
    seed: { ...defaultSeed(SLOT), users: [{ name: "admin", password: "secret" }] },
  });
  expect(levels(await diagnosis("dev"))).toEqual([
    "ok settings",
    "ok management cluster",
    "ok Prism Central",
    "ok credentials",
    "ok rights",
    "ok Prism Element",
    "ok subnet",
    "ok addresses",
    "ok image",
    "ok capacity",
    "ok certificate",
    "ok control-plane endpoint",
  ]);
}, 120_000);

test("leaks tells by its exit code whether there is anything, and deletes what was confirmed", async () => {
  const client = new PrismClient({ address: "127.0.0.1", port, insecure: true }, login);
  const category = { key: "KubernetesClusterName", value: "lab", description: "Managed by CAPX" };
  await client.request("POST", "/api/prism/v4.0/config/categories", category);
  const { code, stdout } = await lab("leaks", "--json");
  const { leaks, confirmation = "" } = JSON.parse(stdout) as Leaks;
  expect([code, leaks.map(({ kind, name }) => `${kind} ${name}`)]).toEqual([
    2,
    ["category KubernetesClusterName:lab"],
  ]);
  expect(await lab("leaks", "--delete", confirmation)).toEqual({
    code: 0,
    stdout: "stack dev: cluster lab has left nothing\n",
  });
}, 120_000);

test("a stack that is not there is named beside those that are", async () => {
  expect(await lab("doctor", "-s", "nowhere")).toEqual({
    code: 1,
    stdout:
      "Reading the settings of stack nowhere failed: there is no Pulumi.nowhere.yaml. " +
      "Choose one of dev, nc2-aws, nc2-azure, onprem, or write that file.\n",
  });
});
