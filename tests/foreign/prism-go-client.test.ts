// The judge of Prism Central's v4 envelopes is the Go SDK that CAPX uses: it decodes by object types and returns
// nothing, without an error, where they are wrong.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultSeed } from "../../stand-ins/prism-central/seed";
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

const [cluster] = defaultSeed(0).clusters;
const prism = new PrismCentralUnderTest({
  clusters: [
    {
      ...cluster!,
      gpus: [
        { name: "Tesla T4", deviceId: 4048, type: "PASSTHROUGH_COMPUTE", count: 2 },
        { name: "A40-8Q", deviceId: 55, type: "VIRTUAL", count: 3 },
      ],
    },
  ],
});
let judge: string;

beforeAll(async () => {
  judge = join(await builtJudge(group), "prism-go-client");
  await prism.start();
}, 600_000);
afterAll(() => prism.remove());

test("the Go SDK logs in, reads the world, and takes a VM through its life", async () => {
  const { uuid } = await prism.image("node", Buffer.from("a disk"));
  await prism.settledImage(uuid);
  expect(await judged({ JUDGE_IMAGE: "node" })).toEqual({
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
}, 150_000);

test("the Go SDK decodes what every other v4 endpoint answers", async () => {
  const { uuid } = await prism.image("covering", Buffer.from("a disk"));
  await prism.settledImage(uuid);
  const elsewhere = createServer((_request, answer) => answer.end("from elsewhere"));
  await new Promise<void>((ready) => elsewhere.listen(0, "127.0.0.1", ready));
  const { port } = elsewhere.address() as AddressInfo;
  try {
    expect(
      await judged({ JUDGE_IMAGE: "covering", JUDGE_URL: `http://127.0.0.1:${port}/disk` }),
    ).toEqual({
      hosts: ["lab-pe-host-1:lab-pe", "lab-pe-host-2:lab-pe", "lab-pe-host-3:lab-pe"],
      host: "lab-pe-host-2",
      container: "default-container",
      physicalGpus: Array<string>(2).fill("Tesla T4:4048:kNvidia:PASSTHROUGH_COMPUTE:false"),
      virtualGpus: ["A40-8Q:3:false"],
      category: "team:two:changed",
      image: ["fetched", "changed", "14 true", "from elsewhere"],
      vm: ["changed", "4", "1", "PASSTHROUGH_COMPUTE", "b:2"],
      nics: [expect.stringMatching(/^198\.18\.0\.5\d$/)],
      gpus: ["ID"],
      volumeGroup: ["volume", "1", "true", "2 1"],
      ordered: ["covered"],
      badFilter: true,
      noRoom: expect.stringMatching(/No host of lab-pe can hold a VM of 2 vCPUs and /),
      cancelled: "true",
    });
  } finally {
    await new Promise((closed) => elsewhere.close(closed));
  }
}, 150_000);

test("it has asked every v4 endpoint that there is, and each has answered it", async () => {
  const { data: about } = await prism.call("GET", "/about");
  const { data: stats } = await prism.call("GET", "/debug/stats");
  const answered = (route: string) =>
    Object.keys((stats.routes[route] as { statuses: object } | undefined)?.statuses ?? {}).some(
      (status) => status.startsWith("2") || (route.endsWith("/cancel") && status === "400"),
    );
  const routes = (about.routes as string[]).filter((route) => route.includes("/:version/"));
  expect(routes.filter((route) => !answered(route))).toEqual([]);
  expect(routes.length).toBeGreaterThan(40);
  expect(about.notSimulated).toEqual({});
});

async function judged(settings: Record<string, string>): Promise<unknown> {
  const { stdout } = await promisify(execFile)(judge, [], {
    timeout: 120_000,
    env: {
      NUTANIX_ENDPOINT: `127.0.0.1:${prism.port}`,
      NUTANIX_USERNAME: "admin",
      NUTANIX_PASSWORD: "secret",
      TMPDIR: prism.dataDir,
      ...settings,
    },
  });
  return JSON.parse(stdout);
}
