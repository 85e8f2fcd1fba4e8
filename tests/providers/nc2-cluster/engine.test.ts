// The real engine drives the program in nc2/ through a cluster's life: killed while it is made and gone on with, no
// change, hibernated when no VM runs, resumed, terminated; and the stack's secret key is nowhere in clear.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { AWS, KEY, ORGANIZATION } from "../../support/nc2-console";
import type { Json } from "../../support/prism-central";
import { Setting } from "./setting";

const root = path.resolve(__dirname, "../../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "nc2-engine-"));
const repository = path.join(folder, "repository");
const project = path.join(repository, "nc2");
const bin = path.join(folder, "bin");
const stop = new AbortController();
const setting = new Setting();
const { nc2, prism } = setting;
let said = "";

function environment(): NodeJS.ProcessEnv {
  const tools = process.env["LAB_TEST_BIN"];
  if (!tools) throw new Error("Finding the real pulumi failed: LAB_TEST_BIN is not set.");
  const sdk = path.join(root, "node_modules/@pulumi/pulumi");
  return {
    PATH: [path.dirname(process.execPath), bin, tools, sdk, "/usr/bin", "/bin"].join(":"),
    HOME: folder,
    PULUMI_HOME: path.join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: "test",
    PULUMI_OPTION_NON_INTERACTIVE: "true",
    PULUMI_OPTION_COLOR: "never",
    NUTANIX_USERNAME: "admin",
    NUTANIX_PASSWORD: "secret",
  };
}

async function pulumi(...args: string[]): Promise<{ code: number; text: string }> {
  const ran = await promisify(execFile)("pulumi", args, {
    cwd: project,
    env: environment(),
    timeout: 180_000,
    signal: stop.signal,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (thrown: unknown) => {
      const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
      return { code, text: stdout + stderr };
    },
  );
  said += ran.text;
  return ran;
}

/** What an update that must succeed did, in the engine's own count. */
async function changesOf(...args: string[]): Promise<Record<string, number>> {
  const { code, text } = await pulumi(...args, "--yes", "--skip-preview", "--json");
  const summary = text.split("\n").find((line) => line.includes('"summaryEvent"'));
  if (code !== 0 || !summary) throw new Error(text);
  return JSON.parse(summary).summaryEvent.resourceChanges as Record<string, number>;
}

const wish = async (state: string) =>
  (await pulumi("config", "set", "--path", "cluster.desiredState", state)).code;

const statuses = async () => (await nc2.clusters()).map(({ status }) => String(status));

/** Processes that run this project's dynamic providers. */
function providers(): string[] {
  return fs.readdirSync("/proc").filter((pid) => {
    try {
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return (
        command.includes("dynamic-provider") && fs.readlinkSync(`/proc/${pid}/cwd`) === project
      );
    } catch {
      return false;
    }
  });
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Waiting for ${what} failed: two minutes were not enough. ${said}`);
}

beforeAll(async () => {
  for (const made of [project, bin, path.join(folder, "home"), path.join(folder, "state")])
    fs.mkdirSync(made, { recursive: true });
  // A plain file here keeps the engine from writing its automatic encrypted log.
  fs.writeFileSync(path.join(folder, "home/logs"), "");
  const host = path.join(folder, "host.cjs");
  const source = path.join(root, "stand-ins/pulumi-language-nodejs/main.ts");
  const flags = ["--bundle", "--platform=node", "--target=node24", "--log-level=warning"];
  const esbuild = path.join(root, "node_modules/.bin/esbuild");
  execFileSync(esbuild, [source, ...flags, `--outfile=${host}`]);
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${host}' "$@"\n`;
  fs.writeFileSync(path.join(bin, "pulumi-language-nodejs"), launcher, { mode: 0o755 });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(repository, "node_modules"));
  for (const copied of [
    ...["providers", "package.json", "tsconfig.json", "tsconfig.pulumi.json"],
    ...[
      "nc2/Pulumi.yaml",
      "nc2/Pulumi.aws.yaml",
      "nc2/package.json",
      "nc2/index.ts",
      "nc2/settings.ts",
    ],
  ])
    fs.cpSync(path.join(root, copied), path.join(repository, copied), { recursive: true });
  await setting.start();
  const stack = {
    cluster: {
      ...{ name: "metal", cloud: "aws", organizationId: ORGANIZATION, cloudAccountId: AWS },
      ...{ region: "us-west-2", capacity: [{ hostType: "i4i.metal", hosts: 3 }] },
      creation: { aosVersion: "7.3", license: "nci", network: { mode: "new" } },
    },
    console: { url: nc2.url, trustBundle: nc2.trustBundle, keyId: KEY.id },
    prismCentral: { address: "127.0.0.1", port: prism.port, trustBundle: prism.trustBundle },
  };
  const config = Object.entries(stack).map(([key, value]) => [`nutanix-nc2:${key}`, value]);
  const text = stringify({ config: Object.fromEntries(config) as object });
  fs.writeFileSync(path.join(project, "Pulumi.test.yaml"), text);
}, 60_000);

afterAll(async () => {
  stop.abort();
  await setting.remove();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("the example previews without credentials, console and Prism Central", async () => {
  await pulumi("stack", "init", "aws", "--no-select");
  const { code, text } = await pulumi("preview", "--stack", "aws");
  expect(text).toMatch(/\+ 2 to create/);
  expect(code).toBe(0);
}, 120_000);

test("a cluster lives from a killed up to destroy on the real engine", async () => {
  await pulumi("stack", "init", "test", "--no-select");
  const secret = ["config", "set", "--path", "--secret", "console.apiKey", KEY.key];
  expect((await pulumi(...secret)).code).toBe(0);

  await nc2.faults({ when: "kClusterCreate", delay: 20_000 });
  const killed: ChildProcess = spawn("pulumi", ["up", "--yes", "--skip-preview"], {
    cwd: project,
    env: environment(),
    stdio: "ignore",
  });
  await until("the cluster's mark", async () =>
    (await nc2.clusters()).some((one) => one.description === "[pulumi nutanix-nc2/test/cluster]"),
  );
  expect(providers()).not.toEqual([]);
  killed.kill("SIGKILL");
  // Else two would be at it.
  await until("the end of the provider", () => Promise.resolve(providers().length === 0));
  await pulumi("cancel", "--yes");
  await nc2.faults();
  expect(await changesOf("up")).toEqual({ create: 1, same: 1 });
  const taken = /going on with the cluster that an earlier run began: .{36} \((\w+)\)/.exec(said);
  expect(["creating", "running"]).toContain(taken?.[1]);
  expect([await nc2.tasks(), await statuses()]).toEqual([["kClusterCreate done"], ["running"]]);
  expect((await pulumi("preview", "--expect-no-changes")).code).toBe(0);

  const vm = await setting.runVm("node-1");
  await wish("hibernated");
  const refused = await pulumi("up", "--yes", "--skip-preview");
  expect([refused.code === 0, await statuses()]).toEqual([false, ["running"]]);
  expect(refused.text).toMatch(/Hibernating cluster metal failed: 1 of its VMs is not OFF: node-1/);
  await setting.power(vm, "power-off");
  expect(await changesOf("up")).toEqual({ same: 1, update: 1 });
  expect(await statuses()).toEqual(["hibernated"]);
  await wish("running");
  expect(await changesOf("up")).toEqual({ same: 1, update: 1 });
  const [cluster] = await nc2.clusters();
  expect(cluster.status).toBe("running");

  const { text } = await pulumi("stack", "export");
  const resources = JSON.parse(text).deployment.resources as Json[];
  const { id, outputs } = resources.find(
    ({ type }) => type === "pulumi-nodejs:dynamic/nc2:Cluster",
  );
  expect([id, outputs.clusterId, outputs.status]).toEqual([cluster.id, cluster.id, "running"]);
  await changesOf("destroy");
  expect(await statuses()).toEqual(["terminated"]);
  expect([said.includes(KEY.key), JSON.stringify(resources).includes(KEY.key)]).toEqual([
    ...[false, false],
  ]);
}, 400_000);
