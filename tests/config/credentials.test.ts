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

async function credentials(from: ConfigSource) {
  const { username, password } = parseConfig(from).prismCentral.credentials;
  return [username, await valueOf(password), await pulumi.isSecret(password)];
}

const fromConfig = { username: "configured", password: "word" };

test("the environment wins over configuration; the password is secret", async () => {
  const environment = { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "env-word" };
  expect(await credentials(source({ environment }, fromConfig))).toEqual([
    "admin",
    "env-word",
    true,
  ]);
});

test("configuration is enough for an update", async () => {
  expect(await credentials(source({}, fromConfig))).toEqual(["configured", "word", true]);
});

test("a preview does without", async () => {
  expect(await credentials(source({ preview: true }))).toEqual([
    "unknown-in-preview",
    "unknown-in-preview",
    true,
  ]);
});

test("an update says how to give them", () => {
  const how = (key: string, variable: string) =>
    `  - prismCentral.${key}: found nothing; allowed: ${variable} in the environment, or a value set by ` +
    `pulumi config set --stack test --secret --path p:prismCentral.${key}`;
  expect(() => parseConfig(source({}))).toThrow(
    [
      "Pulumi.test.yaml has 2 mistakes:",
      how("username", "NUTANIX_USERNAME"),
      how("password", "NUTANIX_PASSWORD"),
    ].join("\n"),
  );
});
