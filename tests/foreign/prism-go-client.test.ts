// The judge of Prism Central's v4 envelopes is the Go SDK that CAPX uses: it decodes by object types and returns
// nothing, without an error, where they are wrong.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GoGroup } from "../../toolchain/tools";
import { builtJudge } from "../support/judge";
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
  judge = join(await builtJudge(group), "prism-go-client");
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
