import * as pulumi from "@pulumi/pulumi";
import { type ConfigSource, parseConfig } from "../../config";
import { valueOf } from "../support/pulumi";

function source(more: Partial<ConfigSource>, prismCentral: object = {}): ConfigSource {
  const workloadCluster = { endpoint: { host: "10.0.0.9" }, prismElement: "pe", subnet: "vms" };
  return {
    project: "p",
    stack: "test",
    values: {
      "p:prismCentral": JSON.stringify({ address: "pc", ...prismCentral }),
      "p:workloadCluster": JSON.stringify(workloadCluster),
    },
    environment: {},
    preview: false,
    ...more,
  };
}

/** Each value, and whether it is a secret. */
async function credentials(from: ConfigSource) {
  const given = Object.entries(parseConfig(from).prismCentral.credentials);
  const known = given.map(async ([key, value]) => {
    const output = pulumi.output(value as pulumi.Input<string>);
    return [key, await valueOf(output), await pulumi.isSecret(output)];
  });
  return Promise.all(known);
}

const basic = (username: string, password: string) => [
  ["username", username, false],
  ["password", password, true],
];
const byKey = (apiKey: string) => [["apiKey", apiKey, true]];

const fromConfig = { username: "configured", password: "word" };

test("the environment wins over configuration; the password is secret", async () => {
  const environment = { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "env-word" };
  expect(await credentials(source({ environment }, fromConfig))).toEqual(
    basic("admin", "env-word"),
  );
});

test("configuration is enough for an update", async () => {
  expect(await credentials(source({}, fromConfig))).toEqual(basic("configured", "word"));
});

test.each<[string, NodeJS.ProcessEnv, object, unknown[][]]>([
  ["of the environment", { NUTANIX_API_KEY: "env-key" }, fromConfig, byKey("env-key")],
  ["of the configuration", {}, { apiKey: "key" }, byKey("key")],
  ["beside a whole account", {}, { ...fromConfig, apiKey: "key" }, basic("configured", "word")],
])("an API key %s", async (_, environment, configured, expected) => {
  expect(await credentials(source({ environment }, configured))).toEqual(expected);
});

test("a preview does without", async () => {
  expect(await credentials(source({ preview: true }))).toEqual(
    basic("unknown-in-preview", "unknown-in-preview"),
  );
});

test("an update says how to give them", () => {
  expect(() => parseConfig(source({}))).toThrow(
    "Pulumi.test.yaml has 1 mistake:\n" +
      "  - prismCentral.apiKey: found nothing, and no username and password either; allowed: NUTANIX_API_KEY, or " +
      "NUTANIX_USERNAME and NUTANIX_PASSWORD, in the environment, or values set by pulumi config set --stack test " +
      "--secret --path p:prismCentral.apiKey, or of prismCentral.username and prismCentral.password in the same way",
  );
});

test("an update says what is missing of an account", () => {
  const environment = { NUTANIX_USERNAME: "admin" };
  expect(() => parseConfig(source({ environment }))).toThrow(
    "  - prismCentral.password: found nothing; allowed: NUTANIX_PASSWORD in the environment, or a value set by " +
      "pulumi config set --stack test --secret --path p:prismCentral.password",
  );
});
