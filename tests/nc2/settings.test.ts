// The program in nc2/: what its stack files say, and that credentials among it never become inputs.
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { settingsFrom } from "../../nc2/settings";
import type { ClusterInputs } from "../../providers/nc2-cluster/operations";
import { check } from "../../providers/nc2-cluster/operations";

const PROJECT = "nutanix-nc2";

const values = (groups: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(groups).map(([key, value]) => [`${PROJECT}:${key}`, JSON.stringify(value)]),
  );

test("the example can be granted as it is, awake and asleep", () => {
  const file = path.join(__dirname, "../../nc2/Pulumi.aws.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const texts = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)] as const);
  const settings = settingsFrom(Object.fromEntries(texts), PROJECT, "aws");
  expect(settings).toMatchObject({
    name: "nc2-usw2",
    cloud: "aws",
    capacity: [{ hostType: "i4i.metal", hosts: 3 }],
    desiredState: "running",
    console: {},
    prismCentral: { address: "10.78.1.5", port: 9440 },
  });
  for (const desiredState of ["running", "hibernated"]) {
    const inputs = { patienceMinutes: 180, ...settings, desiredState } as unknown as ClusterInputs;
    expect(check(inputs).failures).toEqual([]);
  }
});

test("credentials stay where they are", () => {
  const settings = settingsFrom(
    values({
      cluster: { name: "metal" },
      console: { url: "https://console.lab.example", keyId: "id", apiKey: "hush", issuer: "me" },
      prismCentral: {
        address: "pc.lab.example",
        username: "robot",
        password: "hush",
        apiKey: "hush",
      },
    }),
    PROJECT,
    "test",
  );
  expect(settings).toEqual({
    name: "metal",
    console: { url: "https://console.lab.example" },
    prismCentral: { address: "pc.lab.example", port: 9440 },
  });
});

test("keys that nobody reads are named, all at once", () => {
  const read = () =>
    settingsFrom(
      values({ clutser: {}, console: { uri: "x" }, cluster: { size: 3 } }),
      PROJECT,
      "x",
    );
  expect(read).toThrow(
    [
      "Reading Pulumi.x.yaml failed:",
      "  - clutser is unknown; known are cluster, console, prismCentral.",
      "  - cluster.size is unknown; known are name, cloud, organizationId, cloudAccountId, region, capacity, creation, description, desiredState, adopt, patienceMinutes.",
      "  - console.uri is unknown; known are url, trustBundle, keyId, apiKey, issuer.",
    ].join("\n"),
  );
});
