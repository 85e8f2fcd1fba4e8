// What the stack's own file says: its mistakes, and examples that nobody has put values of their own for. Pure.

import type { LabConfig } from "../../config/lab-config";
import { type Finding, findingsOf } from "./finding";

const { ok, failure } = findingsOf("settings");

/** What the stack files of this repository show as examples, key by key. */
const EXAMPLES: Record<string, readonly string[]> = {
  "prismCentral.address": ["pc.lab.example", "10.78.1.5", "10.10.2.5"],
  "workloadCluster.prismElement": ["PHX-POC073", "nc2-usw2", "nc2-westus2"],
  "workloadCluster.endpoint.host": ["10.42.73.14", "10.78.2.20", "10.10.4.20"],
  "image.uuid": ["00000000-0000-4000-8000-000000000000"],
};

/** Keys that still have the value of an example. */
export function exampleKeys(config: LabConfig): string[] {
  const { prismCentral, workloadCluster, image } = config;
  const values: Record<string, string> = {
    "prismCentral.address": prismCentral.address,
    "workloadCluster.prismElement": workloadCluster.prismElement,
    "workloadCluster.endpoint.host": workloadCluster.endpoint.host,
    "image.uuid": image.from === "prism" && "uuid" in image ? image.uuid : "",
  };
  return Object.keys(values).filter((key) => EXAMPLES[key]?.includes(values[key] ?? ""));
}

/**
 * Whether there is nobody to ask: the address is an example. An address of a network that others may have too is one only
 * beside another example.
 */
export function isExampleAddress(config: LabConfig): boolean {
  const keys = exampleKeys(config);
  const { address } = config.prismCentral;
  const isOurs = keys.includes("prismCentral.address");
  return address.endsWith(".example") || (isOurs && keys.includes("workloadCluster.prismElement"));
}

/** Of a stack whose file no program can read. */
export function settingsBroken(stack: string, mistakes: readonly string[]): Finding[] {
  return mistakes.map((mistake) => failure(mistake, `Correct it in Pulumi.${stack}.yaml.`));
}

/** `mistakes`: what an update of the stack would refuse, a sentence each. */
export function checkSettings(
  stack: string,
  config: LabConfig,
  mistakes: readonly string[],
): Finding[] {
  const file = `Pulumi.${stack}.yaml`;
  const examples = exampleKeys(config);
  const placeholders = isExampleAddress(config)
    ? [
        failure(
          `${file} still has the examples of ${examples.join(", ")}`,
          `Set values of your own in ${file}; its comments say where each is found.`,
        ),
      ]
    : [];
  const others = mistakes.filter(
    (mistake) => placeholders.length === 0 || !examples.some((key) => mistake.startsWith(key)),
  );
  const findings = [
    ...placeholders,
    ...others.map((mistake) => failure(mistake, `Correct it in ${file}, or in the environment.`)),
  ];
  return findings.length > 0 ? findings : [ok(`${file} is consistent`)];
}
