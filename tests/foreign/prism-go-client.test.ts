// The judge of Prism Central's v4 envelopes is the Go SDK that CAPX uses: it decodes by object types and returns
// nothing, without an error, where they are wrong.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { cacheFolders, defaultCache, prepareCache } from "../../toolchain/cache";
import { systemTool } from "../../toolchain/found";
import { buildGroup, requireGo } from "../../toolchain/go-build";
import { findGroup, groupKey } from "../../toolchain/go-group";
import { takeLock } from "../../toolchain/lock";
import { reporter } from "../../toolchain/progress";
import type { GoGroup } from "../../toolchain/tools";
import { goProgram } from "../../toolchain/tools";
import { PrismCentralUnderTest } from "../support/prism-central";

const group: GoGroup = {
  name: "prism-go-client",
  folder: "tests/foreign/prism-go-client",
  version: "of this repository",
  stamps: {},
  programs: [{ name: "prism-go-client", package: "." }],
  gigabytes: 1,
  ownSources: true,
};

const prism = new PrismCentralUnderTest();
let judge: string;

beforeAll(async () => {
  judge = await builtJudge();
  await prism.start();
}, 600_000);
afterAll(() => prism.remove());

test("the Go SDK logs in, reads the world, and takes a VM through its life", async () => {
  const { uuid } = await prism.image("node", Buffer.from("a disk"));
  await prism.settledImage(uuid);
  const { stdout } = await promisify(execFile)(judge, [], {
    timeout: 25_000,
    env: {
      NUTANIX_ENDPOINT: `127.0.0.1:${prism.port}`,
      NUTANIX_USERNAME: "admin",
      NUTANIX_PASSWORD: "secret",
      JUDGE_IMAGE: "node",
    },
  });
  expect(JSON.parse(stdout)).toEqual({
    user: "admin",
    clusters: ["lab-pe:AOS", "lab-pc:PRISM_CENTRAL"],
    software: ["NOS", "PRISM_CENTRAL"],
    containers: ["default-container"],
    subnets: ["lab-vms:VLAN:198.18.0.50"],
    emptyImages: 0,
    emptySubnets: 0,
    emptyCategories: 0,
    image: "node",
    category: "judge's",
    created: "judged:OFF",
    providerId: ["providerid:ID"],
    powerState: "ON",
    oldAddress: "198.18.0.50",
    newAddress: "198.18.0.50",
    found: 1,
    runningTasks: 0,
    failedTask: expect.stringMatching(
      /^failed to create VM: task ZXJnb24=:[-0-9a-f]+ failed: The cluster 00000000-.* does not exist\.; $/,
    ),
    poweredOff: "OFF",
    goneIsNotFound: true,
    categoriesLeft: 0,
  });
});

/** The judge, built once and kept in the toolchain's cache. */
async function builtJudge(): Promise<string> {
  const repository = resolve(__dirname, "../..");
  const folders = cacheFolders(defaultCache());
  const go = requireGo(await systemTool(goProgram, process.env));
  await prepareCache(folders);
  const lock = await takeLock(folders.lock, () => undefined);
  const report = reporter(() => undefined, group.name, { done: 0, of: 1 });
  try {
    const key = groupKey(repository, group, go.version);
    const context = { repository, folders, environment: process.env, go };
    const built =
      findGroup(folders, group, key, go.version) ?? (await buildGroup(context, group, key, report));
    return join(built, "prism-go-client");
  } finally {
    report.stop();
    await lock.release();
  }
}
