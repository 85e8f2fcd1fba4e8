// Kubeconfig files as kind keeps them: cluster, user and context are all named kind-NAME.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { alone } from "../shared/claim";

export interface Kubeconfig {
  apiVersion?: string;
  kind?: string;
  clusters?: { name: string; [field: string]: unknown }[] | null;
  users?: { name: string; [field: string]: unknown }[] | null;
  contexts?: { name: string; [field: string]: unknown }[] | null;
  "current-context"?: string;
  [field: string]: unknown;
}

export interface Access {
  server: string;
  ca: Buffer;
  certificate: Buffer;
  key: Buffer;
}

/** The file to write: the flag, else the first of $KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFile(flag: string | undefined, environment: NodeJS.ProcessEnv): string {
  const first = (environment["KUBECONFIG"] ?? "").split(":").find((file) => file !== "");
  return flag ?? first ?? join(environment["HOME"] ?? homedir(), ".kube", "config");
}

/** The kubeconfig of one cluster, complete in itself. */
export function kubeconfigOf(name: string, access: Access): Kubeconfig {
  const key = `kind-${name}`;
  const base64 = (data: Buffer) => data.toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: key,
        cluster: { "certificate-authority-data": base64(access.ca), server: access.server },
      },
    ],
    users: [
      {
        name: key,
        user: {
          "client-certificate-data": base64(access.certificate),
          "client-key-data": base64(access.key),
        },
      },
    ],
    contexts: [{ name: key, context: { cluster: key, user: key } }],
    "current-context": key,
  };
}

const lists = ["clusters", "users", "contexts"] as const;

/** The first with the entries of the second, whose context becomes the current one. */
export function merged(into: Kubeconfig, from: Kubeconfig): Kubeconfig {
  const result: Kubeconfig = { ...into, apiVersion: "v1", kind: "Config" };
  for (const list of lists) {
    const added = from[list] ?? [];
    const kept = (into[list] ?? []).filter(({ name }) => !added.some((each) => each.name === name));
    result[list] = [...kept, ...added];
  }
  return { ...result, "current-context": from["current-context"] };
}

/** Without the entries of a cluster; undefined when there were none. */
export function without(config: Kubeconfig, name: string): Kubeconfig | undefined {
  const key = `kind-${name}`;
  if (!lists.some((list) => config[list]?.some((each) => each.name === key))) return undefined;
  const result = { ...config };
  for (const list of lists) result[list] = (config[list] ?? []).filter((each) => each.name !== key);
  if (result["current-context"] === key) result["current-context"] = "";
  return result;
}

/** Changes a file, which others change too, in one step; `change` answers undefined where there is nothing to change. */
export async function changeKubeconfig(
  file: string,
  change: (before: Kubeconfig) => Kubeconfig | undefined,
): Promise<void> {
  await alone(file, () => {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const after = change((parse(text) ?? {}) as Kubeconfig);
    if (after) write(file, after);
  });
}

function write(file: string, config: Kubeconfig): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, stringify(config), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}
