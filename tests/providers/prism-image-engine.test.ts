// The real engine drives PrismImage through its life: what previews, refreshes and imports see, what is said
// meanwhile, and that the stack's secret password is nowhere in clear.
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Json } from "../support/prism-central";
import { PrismCentralUnderTest } from "../support/prism-central";
import { Gateway } from "./gateway";

const PASSWORD = "hush-hush-password";
const V3 = "/api/nutanix/v3/images";
const root = path.resolve(__dirname, "../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "prism-image-engine-"));
const project = path.join(folder, "project");
const bin = path.join(folder, "bin");
const stop = new AbortController();
const prism = new PrismCentralUnderTest({ users: [{ name: "robot", password: PASSWORD }] });
const basic = Buffer.from(`robot:${PASSWORD}`).toString("base64");
const headers = { authorization: `Basic ${basic}` };
let gateway: Gateway;
let port: number;
let said = "";

const PROGRAM = `
import * as fs from "node:fs";
import { PrismImage } from "./providers/prism-image";
const wish = JSON.parse(fs.readFileSync("wish.json", "utf8"));
const { import: uuid, ...args } = wish;
const image = new PrismImage("image", args, uuid ? { import: uuid } : {});
export const made = image.uuid;
`;

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
  };
}

async function pulumi(...args: string[]): Promise<{ code: number; text: string }> {
  const ran = await promisify(execFile)("pulumi", args, {
    cwd: project,
    env: environment(),
    timeout: 120_000,
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

/** What an update that must succeed did, in the engine's own count; its events are remembered. */
async function changesOf(...args: string[]): Promise<Record<string, number>> {
  const { code, text } = await pulumi(...args, "--yes", "--skip-preview", "--json");
  const summary = text.split("\n").find((line) => line.includes('"summaryEvent"'));
  if (code !== 0 || !summary) throw new Error(text);
  return JSON.parse(summary).summaryEvent.resourceChanges as Record<string, number>;
}

const write = (name: string, value: unknown) =>
  fs.writeFileSync(path.join(project, name), JSON.stringify(value));

const call = (method: string, where: string, body?: unknown) =>
  prism.call(method, where, { headers, body });

async function images(): Promise<Json[]> {
  const { data } = await call("POST", `${V3}/list`, {});
  return data.entities as Json[];
}

const resources = async (): Promise<Json[]> => {
  const { text } = await pulumi("stack", "export");
  const { deployment } = JSON.parse(text);
  return (deployment.resources ?? []) as Json[];
};

const imageOf = async (): Promise<Json> =>
  (await resources()).find(({ type }) => type === "pulumi-nodejs:dynamic/prism:Image");

beforeAll(async () => {
  for (const made of [project, bin, "home", "state"])
    fs.mkdirSync(path.resolve(folder, made), { recursive: true });
  // A plain file here keeps the engine from writing its automatic encrypted log.
  fs.writeFileSync(path.join(folder, "home/logs"), "");
  const host = path.join(folder, "host.cjs");
  const source = path.join(root, "stand-ins/pulumi-language-nodejs/main.ts");
  const flags = ["--bundle", "--platform=node", "--target=node24", "--log-level=warning"];
  execFileSync(path.join(root, "node_modules/.bin/esbuild"), [
    source,
    ...flags,
    `--outfile=${host}`,
  ]);
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${host}' "$@"\n`;
  fs.writeFileSync(path.join(bin, "pulumi-language-nodejs"), launcher, { mode: 0o755 });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
  fs.cpSync(path.join(root, "providers"), path.join(project, "providers"), { recursive: true });
  fs.writeFileSync(path.join(project, "index.ts"), PROGRAM);
  fs.writeFileSync(path.join(project, "disk.img"), "the disk");
  write("Pulumi.yaml", { name: "test", runtime: { name: "nodejs" } });
  write("package.json", { name: "test", main: "index.ts" });
  const compilerOptions = { target: "es2022", module: "nodenext", noCheck: true, rootDir: "." };
  write("tsconfig.json", { compilerOptions: { ...compilerOptions, esModuleInterop: true } });
  await prism.start();
  gateway = new Gateway(prism);
  port = await gateway.start();
}, 60_000);

afterAll(async () => {
  stop.abort();
  await gateway.stop();
  await prism.remove();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("an image lives from up to destroy on the real engine", async () => {
  const wish = {
    name: "node",
    sourcePath: path.join(project, "disk.img"),
    description: "ours",
    endpoint: { address: "127.0.0.1", port, trustBundle: prism.trustBundle },
  };
  write("wish.json", wish);
  await pulumi("stack", "init", "test", "--no-select");
  const access = [
    ...["--plaintext", "prismCentral.username=robot"],
    ...["--secret", `prismCentral.password=${PASSWORD}`],
  ];
  expect((await pulumi("config", "set-all", "--path", ...access)).code).toBe(0);

  const busy = { status: 503, headers: { "retry-after": "3" } };
  gateway.misbehaviours = [{ when: `PUT ${V3}/`, answer: busy }];
  const made = await changesOf("up");
  const [image] = await images();
  expect([made, image.status.state]).toEqual([{ create: 2 }, "COMPLETE"]);
  expect(said).toMatch(/node: PUT .* answered 503\. Uploading again from the start \(2 of 4\)\./);
  expect(said).toMatch(/node: waiting before another upload, 2 s/);

  const { spec, metadata } = image;
  const theirs = { spec: { ...spec, description: "theirs" }, metadata };
  await call("PUT", `${V3}/${metadata.uuid}`, theirs);
  expect(await changesOf("up", "--refresh")).toEqual({ same: 1, update: 1 });
  expect((await images()).map((one): unknown => one.spec.description)).toEqual(["ours"]);

  await call("DELETE", `${V3}/${metadata.uuid}`);
  gateway.misbehaviours = [
    { when: `PUT ${V3}/`, answer: { status: 500 } },
    { when: "DELETE ", answer: { status: 500 } },
  ];
  const failed = await pulumi("up", "--yes", "--skip-preview", "--refresh");
  const { urn, id: halfMade } = await imageOf();
  expect([failed.code === 0, halfMade]).toEqual([false, (await images())[0].metadata.uuid]);
  expect(failed.text).toContain("is left behind: DELETE");
  expect(await changesOf("up")).toEqual({ replace: 1, same: 1 });
  const [whole, ...others] = await images();
  expect([whole.status.state, others]).toEqual(["COMPLETE", []]);

  await pulumi("state", "delete", urn as string, "--yes");
  write("wish.json", { ...wish, import: whole.metadata.uuid });
  expect(await changesOf("up")).toEqual({ create: 1, same: 1 });
  expect((await imageOf()).id).toBe(whole.metadata.uuid);
  write("wish.json", wish);
  expect((await pulumi("preview", "--refresh", "--expect-no-changes")).code).toBe(0);

  const state = JSON.stringify(await resources());
  expect([said.includes(PASSWORD), state.includes(PASSWORD)]).toEqual([false, false]);
  await changesOf("destroy");
  expect(await images()).toEqual([]);
}, 300_000);
