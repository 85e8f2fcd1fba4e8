// What a stack of this program says, in three groups: `cluster`, `console`, `prismCentral`. Credentials among them are
// left to the provider, which reads them when it runs: they never become inputs. What the values may be, the provider
// itself checks, in a preview too.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { Nc2ClusterArgs } from "../providers/nc2-cluster";

type Group = Record<string, unknown>;

/** Keys of each group; of `credentials` only the provider knows. */
const GROUPS: Record<string, { own: string[]; credentials: string[] }> = {
  cluster: {
    own: [
      ...["name", "cloud", "organizationId", "cloudAccountId", "region", "capacity", "creation"],
      ...["description", "desiredState", "adopt", "patienceMinutes"],
    ],
    credentials: [],
  },
  console: { own: ["url", "trustBundle"], credentials: ["keyId", "apiKey", "issuer"] },
  prismCentral: {
    own: ["address", "port", "insecure", "trustBundle", "prismElement", "allowedVms"],
    credentials: ["username", "password", "apiKey"],
  },
};

/** The settings of the stack that Pulumi runs. Throws a RunError that names every key that is not known. */
export function readSettings(): Nc2ClusterArgs {
  return settingsFrom(pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack());
}

/** `values`: as Pulumi hands them to a program, groups as JSON texts. */
export function settingsFrom(
  values: Record<string, string>,
  project: string,
  stack: string,
): Nc2ClusterArgs {
  const own = Object.entries(values).filter(([key]) => key.startsWith(`${project}:`));
  const given = Object.fromEntries(
    own.map(([key, text]) => [key.slice(project.length + 1), parsed(text)]),
  );
  const mistakes = [...unknownIn(given, Object.keys(GROUPS), "")];
  const groups = Object.entries(GROUPS).map(([name, { own: keys, credentials }]) => {
    const group = given[name] ?? {};
    mistakes.push(...unknownIn(group, [...keys, ...credentials], `${name}.`));
    return [name, only(group, keys)] as const;
  });
  if (mistakes.length > 0)
    throw new pulumi.RunError(
      `Reading Pulumi.${stack}.yaml failed:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}`,
    );
  const { cluster, console, prismCentral } = Object.fromEntries(groups);
  return {
    ...(cluster as unknown as Nc2ClusterArgs),
    console: withBundle(console ?? {}),
    ...(given["prismCentral"] && {
      prismCentral: withBundle({
        port: 9440,
        ...prismCentral,
      }) as Nc2ClusterArgs["prismCentral"] & {},
    }),
  };
}

function parsed(text: string): Group {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Group) : {};
  } catch {
    return {};
  }
}

function unknownIn(group: Group, known: string[], prefix: string): string[] {
  return Object.keys(group)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${key} is unknown; known are ${known.join(", ")}.`);
}

function only(group: Group, keys: string[]): Group {
  return Object.fromEntries(Object.entries(group).filter(([key]) => keys.includes(key)));
}

/** A trust bundle may be a file. */
function withBundle(group: Group): Group {
  const { trustBundle } = group;
  if (typeof trustBundle !== "string" || trustBundle.includes("-----BEGIN ")) return group;
  return { ...group, trustBundle: readFileSync(trustBundle, "utf8") };
}
