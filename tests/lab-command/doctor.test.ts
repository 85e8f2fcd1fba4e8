// Misconfigurations that the doctor finds by asking a Prism Central stand-in over the wire.
import { PrismCentralUnderTest } from "../support/prism-central";
import { admin, complaints, findings, seed, stackOf, vlan } from "./doctor-stack";

const prism = new PrismCentralUnderTest(seed);
let uuid: string;

beforeAll(async () => {
  await prism.start();
  uuid = (await prism.image("node", Buffer.from("a disk"))).uuid;
  await prism.settledImage(uuid);
});
afterAll(() => prism.remove());
afterEach(() => prism.call("DELETE", "/debug/faults"));

const base = () => `Prism Central https://127.0.0.1:${prism.port}`;

test("a stack that fits is told so, line by line", async () => {
  const found = await findings(stackOf(prism));
  expect(found.map(({ check, level, text }) => `${level} ${check}: ${text}`)).toEqual([
    `ok Prism Central: https://127.0.0.1:${prism.port} answers, pc.7.5`,
    `ok credentials: https://127.0.0.1:${prism.port} takes us for admin`,
    "ok rights: may read all that the lab reads",
    expect.stringMatching(/^ok Prism Element: pe-1 \([0-9a-f-]{36}\), AOS 7\.5$/),
    expect.stringMatching(/^ok subnet: vms \([0-9a-f-]{36}\), VLAN, for pe-1$/),
    "ok addresses: vms has 10.0.0.0/24, pool 10.0.0.50-10.0.0.99, 50 free",
    `ok image: node is there once (${uuid})`,
    "ok capacity: machines ask for 4 GiB at rest, 24 GiB at most; pe-1 has 128 GiB, of which other VMs leave 128 GiB",
  ]);
});

test("an API key does as well as a password", async () => {
  expect(complaints(await findings(stackOf(prism), { apiKey: "key-1" }))).toEqual([]);
});

test("a wrong password", async () => {
  const found = await findings(stackOf(prism), { username: "admin", password: "guess" });
  expect(complaints(found)).toEqual([
    `failure credentials: GET /users/me at ${base()} failed: it answered 401 (Authentication required.). | ` +
      "Check NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, in the environment, or prismCentral.username and prismCentral.password of the stack.",
  ]);
});

test("a certificate that nobody vouches for", async () => {
  const config = stackOf(prism, { prismCentral: { trustBundle: undefined } });
  expect(complaints(await findings(config))).toEqual([
    expect.stringMatching(
      /^failure Prism Central: GET \/users\/me at Prism Central https:\S+ failed: (self-signed certificate|unable to .* certificate).*\. \| Give its CA as trustBundle, or set insecure\.$/,
    ),
  ]);
});

test("an address where nothing listens", async () => {
  const config = stackOf(prism, { prismCentral: { address: "127.0.0.2" } });
  const [complaint = ""] = complaints(await findings(config));
  expect(complaint).toBe(
    `failure Prism Central: GET /users/me at Prism Central https://127.0.0.2:${prism.port} failed: connect ECONNREFUSED 127.0.0.2:${prism.port}. | ` +
      "Nothing listens there: check address and port.",
  );
});

test("an unknown host", async () => {
  const config = stackOf(prism, { prismCentral: { address: "pc.invalid" } });
  expect(complaints(await findings(config))).toEqual([
    expect.stringMatching(
      /^failure Prism Central: GET \/users\/me at Prism Central https:\/\/pc\.invalid:\d+ failed: getaddrinfo (ENOTFOUND|EAI_AGAIN) pc\.invalid\. \| (No such host is known: check address\.|No name server answers: check address, and this machine's DNS\.)$/,
    ),
  ]);
});

test("a user who may not look at virtual machines", async () => {
  await prism.call("PUT", "/debug/faults", { body: [{ when: "GET /api/vmm/*/ahv/", fail: 403 }] });
  const [complaint = "", ...others] = complaints(await findings(stackOf(prism)));
  expect(others).toEqual([]);
  expect(complaint).toMatch(
    /^failure rights: GET \/api\/vmm\/v4\.0\/ahv\/config\/vms\?\S+ at Prism Central \S+ failed: it answered 403.* \| Give the user a role with View Virtual Machine \(docs\/doctor\.md\)\.$/,
  );
});

test("what the doctor alone would like to read is a warning", async () => {
  const rule = { when: "GET /api/clustermgmt/*/config/storage-containers", fail: 403 };
  await prism.call("PUT", "/debug/faults", { body: [rule] });
  const [complaint = "", ...others] = complaints(await findings(stackOf(prism)));
  expect(others).toEqual([]);
  expect(complaint).toMatch(
    /^warning rights: GET \/api\/clustermgmt\/v4\.0\/config\/storage-containers\?\S+ at Prism Central \S+ failed: it answered 403.* \| Without it nobody looked at storage: let the role view it\.$/,
  );
});

test("a Prism Element that is not there, or cannot be used", async () => {
  const absent = stackOf(prism, { workloadCluster: { prismElement: "PE-3" } });
  const closed = stackOf(prism, { workloadCluster: { prismElement: "pe-2" } });
  expect(complaints(await findings(absent))).toEqual([
    "failure Prism Element: PE-3 is not registered with this Prism Central | Set workloadCluster.prismElement to one of pe-1, pe-2, old.",
  ]);
  expect(complaints(await findings(closed))).toEqual([
    "failure Prism Element: pe-2 cannot be used now | Look at the cluster's health in Prism Central: CAPX places no machine on it.",
    "failure subnet: vms is a subnet of other Prism Elements, not of pe-2 | Choose a subnet of pe-2, or another workloadCluster.prismElement.",
  ]);
});

test("a Prism Element that is too old", async () => {
  const config = stackOf(prism, { workloadCluster: { prismElement: "old", subnet: "elsewhere" } });
  expect(complaints(await findings(config))).toEqual([
    "failure Prism Element: old has AOS 6.10; CAPX v1.10.3 needs 7.5 or newer | Upgrade AOS, or choose an older clusterApi.capxVersion.",
  ]);
});

test("a subnet that is not there", async () => {
  const config = stackOf(prism, { workloadCluster: { subnet: "VMs" } });
  expect(complaints(await findings(config))).toEqual([
    "failure subnet: VMs is the name of no subnet | Set workloadCluster.subnet to a subnet's name as Prism Central has it, capitals included.",
  ]);
});

test("an address of the control plane inside of the pool, or outside of the subnet", async () => {
  const remedy =
    "Set workloadCluster.endpoint.host to a free address of 10.0.0.0/24 outside of 10.0.0.50-10.0.0.99.";
  const at = (host: string) => stackOf(prism, { workloadCluster: { endpoint: { host } } });
  expect(complaints(await findings(at("10.0.0.60")))).toEqual([
    `failure addresses: 10.0.0.60 is in the pool 10.0.0.50-10.0.0.99 of vms, which would give it away | ${remedy}`,
  ]);
  expect(complaints(await findings(at("10.0.1.9")))).toEqual([
    `failure addresses: 10.0.1.9 is outside of vms, 10.0.0.0/24 | ${remedy}`,
  ]);
  expect(complaints(await findings(at("10.0.0.1")))).toEqual([
    `failure addresses: 10.0.0.1 is an address that vms keeps for itself | ${remedy}`,
  ]);
});

test("ranges of pods that hide the subnet", async () => {
  const serviceCidr = "10.0.0.128/25";
  expect(complaints(await findings(stackOf(prism, { workloadCluster: { serviceCidr } })))).toEqual([
    "failure addresses: serviceCidr 10.0.0.128/25 overlaps with vms, 10.0.0.0/24 | Set workloadCluster.serviceCidr to a range apart from the subnet's.",
  ]);
});

test("a pool that is too small for all machines", async () => {
  const config = stackOf(prism, {
    workloadCluster: { workers: { max: 57, memory: "2Gi", disk: "20Gi" } },
  });
  expect(complaints(await findings(config))).toEqual([
    "failure addresses: the pool of vms has 50 addresses for 60 machines | Give the subnet a larger pool, or let workers have a smaller max.",
  ]);
});

test("more machines than there is memory for, and a machine that no host holds", async () => {
  const many = stackOf(prism, { workloadCluster: { workers: { max: 20, memory: "8Gi" } } });
  expect(complaints(await findings(many))).toEqual([
    "failure capacity: machines ask for 4 GiB at rest, 176 GiB at most; pe-1 has 128 GiB, of which other VMs leave 128 GiB | " +
      "Let workers have a smaller max or memory, or make room on the Prism Element.",
  ]);
  const large = stackOf(prism, { workloadCluster: { workers: { max: 1, memory: "65Gi" } } });
  expect(complaints(await findings(large))).toEqual([
    "failure capacity: no host of pe-1 holds a machine of wmd: 2 vCPUs, 65 GiB | Make the machine smaller, or choose another Prism Element.",
  ]);
});

test("a GPU that no host has", async () => {
  const workers = { max: 1, gpus: [{ name: "Tesla T4" }] };
  expect(complaints(await findings(stackOf(prism, { workloadCluster: { workers } })))).toEqual([
    "failure capacity: pe-1 has no GPU Tesla T4, which pool wmd asks for | Ask for one of another Prism Element's: this one has none.",
  ]);
});

test("a storage container that is not there", async () => {
  const config = stackOf(prism, { workloadCluster: { csi: "nutanix" } });
  expect(complaints(await findings(config))).toEqual([
    "failure storage container: SelfServiceContainer is no storage container of pe-1 | Set workloadCluster.storageContainer to one of default.",
  ]);
  const thick = stackOf(prism, { workloadCluster: { workers: { max: 20, disk: "120Gi" } } });
  expect(complaints(await findings(thick))).toEqual([
    "warning storage container: disks of 2600 GiB may come to be on pe-1, whose largest storage container has 2000 GiB | " +
      "Let workers have a smaller max or disk, or enlarge the storage container.",
  ]);
});

test("an image that is not there, and one that is there twice", async () => {
  const absent = stackOf(prism, { image: { name: "nodes" } });
  expect(complaints(await findings(absent))).toEqual([
    "failure image: there is no image of the name nodes | Upload it, or set image.file or image.url.",
  ]);
  const second = await prism.image("node", Buffer.from("another disk"));
  await prism.settledImage(second.uuid);
  const [complaint = ""] = complaints(await findings(stackOf(prism)));
  expect(complaint).toMatch(
    /^failure image: node is the name of 2 images \(\S+, \S+\) \| Set image\.uuid to one of them, in the place of image\.name\.$/,
  );
  expect(complaint).toContain(uuid);
  expect(complaint).toContain(second.uuid);
});

test("names that two have, a Prism Central that is too old", async () => {
  const [element] = seed.clusters!;
  const twins = new PrismCentralUnderTest({
    ...seed,
    prismCentral: { name: "pe-1", version: "pc.7.3.1" },
    clusters: [element!, { ...element!, hosts: [] }],
    subnets: [vlan, { ...vlan, networkId: 7 }],
  });
  await twins.start();
  try {
    const found = complaints(await findings(stackOf(twins, { image: { uuid } }), admin));
    expect(found).toEqual([
      `failure Prism Central: https://127.0.0.1:${twins.port} is pc.7.3.1, and must be 7.5 or newer with CAPX v1.10.3 | Upgrade Prism Central, or choose an older clusterApi.capxVersion.`,
      expect.stringMatching(
        /^failure Prism Element: pe-1 is the name of 2 Prism Elements \(\S+, \S+\) \| Rename all but one of them: CAPX takes a name that only one has\.$/,
      ),
      `failure image: there is no image ${uuid} | Set image.uuid to an image of this Prism Central, or image.file or image.url to one to bring.`,
    ]);
  } finally {
    await twins.remove();
  }
});

test("a subnet's name that two of a Prism Element have", async () => {
  const twins = new PrismCentralUnderTest({
    ...seed,
    subnets: [vlan, { ...vlan, cluster: undefined, type: "OVERLAY", networkId: 7 }],
  });
  await twins.start();
  try {
    const [complaint = ""] = complaints(await findings(stackOf(twins)));
    expect(complaint).toMatch(
      /^failure subnet: vms is the name of 2 subnets of pe-1 \(\S+, \S+\) \| Rename all but one of them: CAPX takes a name that only one has\.$/,
    );
  } finally {
    await twins.remove();
  }
});
