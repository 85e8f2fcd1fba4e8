// What a console keeps over a restart, what a seed may say, and the command.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Seed } from "../../../stand-ins/nc2-console/seed";
import { readSeed } from "../../../stand-ins/nc2-console/seed";
import { AWS, KEY, Nc2ConsoleUnderTest, ORGANIZATION } from "../../support/nc2-console";
import { runTypeScript } from "../../../toolchain/typescript";

const folder = mkdtempSync(join(tmpdir(), "nc2-console-world-"));
const cluster = {
  id: "11111111-0000-4000-8000-000000000001",
  name: "theirs",
  organization: ORGANIZATION,
  cloudAccount: AWS,
  region: "us-west-2",
  hostType: "i4i.metal",
  hosts: 3,
};
const started: Nc2ConsoleUnderTest[] = [];
const console_ = (seed: Partial<Seed>) => {
  const nc2 = new Nc2ConsoleUnderTest(seed);
  started.push(nc2);
  return nc2;
};
afterAll(async () => {
  for (const nc2 of started) await nc2.remove();
  rmSync(folder, { recursive: true });
});

test("a restart keeps clusters and goes on with their tasks", async () => {
  const nc2 = await console_({ clusters: [cluster] }).start({
    latency: { kClusterHibernate: 60_000 },
  });
  const begun = await nc2.call("POST", `/clusters/${cluster.id}/hibernate`, {});
  await nc2.stop();
  await nc2.start({ latency: {} });
  expect((await nc2.ended(begun)).status).toBe("done");
  expect((await nc2.clusters()).map(({ status }) => String(status))).toEqual(["hibernated"]);
});

test("what no source settles is a choice of behaviour", async () => {
  const behaviour = {
    accepted: 200,
    forgetsTerminated: true,
    duplicateNames: false,
    clusterIdDelay: 60_000,
    statusLag: 60_000,
    tokenSeconds: 60,
  };
  const nc2 = await console_({ clusters: [cluster], behaviour }).start();
  const wish = {
    name: "theirs",
    organization_id: ORGANIZATION,
    cloud_account_id: AWS,
    region: "us-west-2",
    ...{ use_case: "general", license: "nci", aos_version: "7.3" },
    capacity: [{ host_type: "i4i.metal", number_of_hosts: 3 }],
  };
  const taken = await nc2.call("POST", "/clusters/aws", { data: wish });
  expect([taken.status, taken.data.errors.detail]).toEqual([400, "name theirs is taken."]);
  const made = await nc2.call("POST", "/clusters/aws", { data: { ...wish, name: "ours" } });
  expect([made.status, made.data.data.cluster_id]).toEqual([200, null]);
  const path = `/clusters/${cluster.id}`;
  await nc2.ended(await nc2.call("POST", `${path}/hibernate`, {}));
  const status = async () => (await nc2.call("GET", path)).data.data.status as string;
  expect(await status()).toBe("hibernating");
  await nc2.call("POST", "/debug/clock", { advance: 60_000 });
  expect(await status()).toBe("hibernated");
  await nc2.call("POST", "/debug/clock", { advance: 6_000 });
  expect((await nc2.call("GET", path)).status).toBe(401);
});

test.each<[string, RegExp]>([
  ["colors: []", /failed: colors is unknown; known are keys, organizations, cloudAccounts, /],
  ["keys: [{ name: a, id: b }]", /failed: keys\[0\]\.key is missing\.$/],
  ["clusters: 5", /failed: clusters must be a list\.$/],
  ["behaviour: { color: red }", /behaviour\.color is unknown; known are accepted, /],
  ["behaviour: { accepted: soon }", /behaviour\.accepted is "soon"; it must be a number\.$/],
  ["faults: [{ when: kVmCreate, fail: 5 }]", /Fault rule 1: fail is 5; it must be /],
  [
    "faults: [{ when: GET /api/, staleEtag: true }]",
    /Fault rule 1: staleEtag means nothing here\./,
  ],
  ["{}", /^The console would let nobody in: there is no API key\. Set NC2_CONSOLE_KEY_ID/],
])("a seed is checked: %s", (text, told) => {
  const file = join(folder, "seed.yaml");
  writeFileSync(file, text);
  expect(() => readSeed(file, {})).toThrow(told);
});

test("the command says where it is, and goes on SIGTERM", async () => {
  const child = spawn(
    process.execPath,
    [...runTypeScript, "stand-ins/nc2-console/main.ts", "--listen", "127.0.0.1:0"],
    { env: { ...process.env, NC2_CONSOLE_KEY_ID: KEY.id, NC2_CONSOLE_API_KEY: KEY.key } },
  );
  const line = await firstLine(child);
  const { ready, url, ca } = JSON.parse(line) as { ready: boolean; url: string; ca: string };
  expect([ready, url, ca]).toEqual([
    true,
    expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/api\/v2$/),
    expect.stringMatching(/ca\.crt$/),
  ]);
  child.kill("SIGTERM");
  const code = await new Promise((resolve) => child.once("exit", resolve));
  expect(code).toBe(0);
});

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr?.on("data", (piece: Buffer) => (errors += piece.toString()));
    child.stdout?.once("data", (piece: Buffer) => resolve(piece.toString()));
    child.once("exit", (code) => reject(new Error(`It ended with ${code}: ${errors}`)));
  });
}
