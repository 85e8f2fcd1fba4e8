// Stacks for the tests of the configuration.
import { ConfigError, type ConfigSource, parseConfig } from "../../config";

export const PROJECT = "nutanix-serverless-lab";

export type Values = Record<string, unknown>;

/** The least that a stack must say. */
export const least = {
  prismCentral: { address: "pc.lab.test" },
  workloadCluster: { endpoint: { host: "10.0.0.9" }, prismElement: "pe", subnet: "vms" },
};

export function source(values: Values, more: Partial<ConfigSource> = {}): ConfigSource {
  const texts = Object.entries(values).map(([key, value]): [string, string] => [
    `${PROJECT}:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return {
    project: PROJECT,
    stack: "test",
    values: Object.fromEntries(texts),
    environment: {},
    preview: true,
    ...more,
  };
}

/** Its message by lines, the heading first; nothing when all is well. */
export function mistakesOf(from: ConfigSource): string[] {
  try {
    parseConfig(from);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n  - ");
  }
}

/** The least, with one group's keys changed. */
export function changed(group: keyof typeof least, keys: Values): Values {
  return { ...least, [group]: { ...least[group], ...keys } };
}
