// The only reader of Pulumi.<stack>.yaml and of the caller's credentials. All mistakes come out together.

import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { clusterApi } from "./config/cluster-api";
import * as groups from "./config/groups";
import { guardrails } from "./config/guardrails";
import { image } from "./config/image";
import type { Credentials, LabConfig, PrismCentralConfig } from "./config/lab-config";
import { registries, withMirrors } from "./config/registries";
import { rules } from "./config/rules";
import { Section } from "./config/section";
import { checkWhole } from "./config/whole";
import { workloadCluster as readWorkloadCluster } from "./config/workload-cluster";

/** Thrown with every mistake of a stack's configuration. Pulumi shows its message without a stack trace. */
export class ConfigError extends pulumi.RunError {
  /** Each as `<key>: found <what>; allowed: <what>`. */
  readonly mistakes: readonly string[];

  constructor(message: string, mistakes: readonly string[]) {
    super(message);
    this.mistakes = mistakes;
  }
}

/** What the configuration is read from: injected, so that tests need no engine. */
export interface ConfigSource {
  project: string;
  stack: string;
  /** Every configuration value as Pulumi hands it to a program: text, objects as JSON text. */
  values: Record<string, string>;
  environment: NodeJS.ProcessEnv;
  /** In a preview, credentials may be missing. */
  preview: boolean;
}

const GROUPS = [
  "prismCentral",
  "registries",
  "image",
  "managementCluster",
  "clusterApi",
  "workloadCluster",
  "clusterAutoscaler",
  "sampleWorkload",
  "scalingTest",
  "guardrails",
];

/** The configuration of the stack that Pulumi runs. Throws a ConfigError. */
export function readConfig(): LabConfig {
  return parseConfig({
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    values: pulumi.runtime.allConfig(),
    environment: process.env,
    preview: pulumi.runtime.isDryRun(),
  });
}

/** Checks and completes a stack's configuration. Throws a ConfigError that names every mistake. */
export function parseConfig(source: ConfigSource): LabConfig {
  const mistakes: string[] = [];
  const top = new Section("", ownValues(source, mistakes), mistakes);
  const kubernetesVersion = top.text("kubernetesVersion", "v1.36.3", rules.version);
  const workloadCluster = readWorkloadCluster(top.section("workloadCluster"));
  const config: LabConfig = {
    platform: top.choice("platform", ["none"], "none"),
    kubernetesVersion,
    prismCentral: prismCentral(top.section("prismCentral"), source),
    registries: registries(top.section("registries")),
    image: image(top.section("image"), source.preview),
    managementCluster: groups.managementCluster(top.section("managementCluster")),
    clusterApi: clusterApi(top.section("clusterApi")),
    workloadCluster,
    clusterAutoscaler: groups.clusterAutoscaler(
      top.section("clusterAutoscaler"),
      kubernetesVersion,
    ),
    sampleWorkload: groups.sampleWorkload(top.section("sampleWorkload")),
    scalingTest: groups.scalingTest(
      top.section("scalingTest"),
      Math.max(...workloadCluster.pools.map(({ max }) => max)),
    ),
    guardrails: guardrails(top.section("guardrails")),
  };
  checkWhole(top, config, source.preview);
  top.close();
  if (mistakes.length === 0) return withMirrors(config);
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const list = mistakes.map((mistake) => `  - ${mistake}`).join("\n");
  throw new ConfigError(`Pulumi.${source.stack}.yaml has ${count}:\n${list}`, mistakes);
}

/** The project's own keys without their namespace, groups parsed. Other namespaces are Pulumi's. */
function ownValues(source: ConfigSource, mistakes: string[]): Record<string, unknown> {
  const prefix = `${source.project}:`;
  const own = Object.entries(source.values).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(
    own.map(([key, text]) => {
      const name = key.slice(prefix.length);
      return [name, GROUPS.includes(name) ? parseGroup(name, text, mistakes) : text];
    }),
  );
}

function parseGroup(name: string, text: string, mistakes: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch {
    mistakes.push(`${name}: found a text; allowed: a group of keys`);
    return undefined;
  }
}

function prismCentral(section: Section, source: ConfigSource): PrismCentralConfig {
  const value = {
    address: section.text("address", undefined, rules.host),
    port: section.count("port", 9440, { min: 1, max: 65535 }),
    insecure: section.flag("insecure", false),
  };
  const version = section.optionalText("version", rules.prismCentralVersion);
  const bundle = trustBundle(section);
  const access = credentials(section, source);
  section.close();
  return {
    ...value,
    ...(version ? { version } : {}),
    ...(bundle ? { trustBundle: bundle } : {}),
    credentials: access,
  };
}

/** Certificates in PEM form, or the file that holds them. */
function trustBundle(section: Section): string | undefined {
  const given = section.optionalText("trustBundle");
  if (given === undefined || given.startsWith("-----BEGIN ")) return given;
  try {
    return readFileSync(given, "utf8");
  } catch (error) {
    const answer = (error as NodeJS.ErrnoException).code ?? String(error);
    section.mistake(
      "trustBundle",
      `${given} (${answer})`,
      "certificates in PEM form or their file",
    );
    return undefined;
  }
}

/** From the environment, or else from (secret) configuration. A preview does without. */
function credentials(section: Section, source: ConfigSource): Credentials {
  const { environment } = source;
  const configured = {
    username: section.optionalText("username"),
    password: section.secretText("password"),
    apiKey: section.secretText("apiKey"),
  };
  const { NUTANIX_USERNAME, NUTANIX_PASSWORD, NUTANIX_API_KEY } = environment;
  const username = NUTANIX_USERNAME ?? configured.username;
  const password = NUTANIX_PASSWORD ?? configured.password;
  const whole = username !== undefined && password !== undefined;
  const apiKey = NUTANIX_API_KEY ?? (whole ? undefined : configured.apiKey);
  if (apiKey !== undefined) return { apiKey: pulumi.secret(apiKey) };
  if (!whole) missingCredentials(section, source, { username, password });
  return {
    username: username ?? "unknown-in-preview",
    password: pulumi.secret(password ?? "unknown-in-preview"),
  };
}

function missingCredentials(
  section: Section,
  { preview, project, stack }: ConfigSource,
  found: Record<string, string | undefined>,
): void {
  const [first, second] = Object.keys(found).filter((key) => found[key] === undefined);
  if (preview || first === undefined) return;
  const set = (key: string) =>
    `pulumi config set --stack ${stack} --secret --path ${project}:prismCentral.${key}`;
  if (second === undefined) {
    const variable = `NUTANIX_${first.toUpperCase()}`;
    section.mistake(
      first,
      "nothing",
      `${variable} in the environment, or a value set by ${set(first)}`,
    );
    return;
  }
  section.mistake(
    "apiKey",
    "nothing, and no username and password either",
    "NUTANIX_API_KEY, or NUTANIX_USERNAME and NUTANIX_PASSWORD, in the environment, or values set by " +
      `${set("apiKey")}, or of prismCentral.username and prismCentral.password in the same way`,
  );
}
