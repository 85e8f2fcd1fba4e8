// Gathers what the checks look at: from this machine, from Prism Central, and from the network between. The edge.

import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { LabConfig } from "../../config/lab-config";
import { type ListedTool, listTools } from "../../toolchain";
import { cacheFolders } from "../../toolchain/cache";
import { chooseKind } from "../../toolchain/plugin-choice";
import type { Choice } from "../../toolchain/stand-ins";
import type { Lab } from "../lab";
import { type Answer, asked } from "../prism/answer";
import { credentialsOf, impatientClient } from "../prism/access";
import { answers, isOwn } from "../prism-central";
import { type Certificate, certificateAt } from "./certificate";
import { portsToDial } from "./endpoint";
import { type Inventory, takeInventory } from "./inventory";
import { versionOfCluster } from "./management-cluster";
import { type Dialled, dial } from "./ports";
import { isExampleAddress } from "./settings";

/** What there is of Prism Central: asked, or why not. */
export type Central =
  | { asked: Inventory; certificate: Certificate | undefined }
  /** The first `up` starts it. */
  | { notAsked: "stand-in" }
  | { notAsked: "example" }
  | { notAsked: "credentials"; why: Answer<never> };

export interface Facts {
  tools: ListedTool[];
  pulumiSdk: string;
  /** Who makes the management cluster, or the version of the one that there is. */
  management: { kind: Choice } | { version: Answer<string> };
  central: Central;
  dialled: Dialled[];
  /** The time at which all this was so. */
  now: Date;
}

export async function gather(lab: Lab, stack: string, config: LabConfig): Promise<Facts> {
  const tools = await listTools({ cache: lab.cache });
  const [management, central, dialled] = await Promise.all([
    managementOf(lab, config),
    centralOf(lab, stack, config),
    Promise.all(
      isExampleAddress(config) ? [] : portsToDial(config).map(({ host, port }) => dial(host, port)),
    ),
  ]);
  return { tools, pulumiSdk: sdkVersion(lab), management, central, dialled, now: new Date() };
}

async function managementOf(
  lab: Lab,
  { managementCluster }: LabConfig,
): Promise<Facts["management"]> {
  const { kubeconfig, context } = managementCluster;
  if (kubeconfig !== undefined)
    return { version: await asked(versionOfCluster(kubeconfig, context)) };
  const around = { repository: lab.repository, folders: cacheFolders(lab.cache), tools: [] };
  const environment = { environment: process.env, standIns: ["kind"], retry: false };
  return { kind: await chooseKind({ ...around, ...environment }) };
}

async function centralOf(lab: Lab, stack: string, config: LabConfig): Promise<Central> {
  if (isExampleAddress(config)) return { notAsked: "example" };
  const { address, port } = config.prismCentral;
  if (isOwn(address) && !(await answers(address, port))) return { notAsked: "stand-in" };
  const credentials = await asked(credentialsOf(lab, stack));
  if ("problem" in credentials) return { notAsked: "credentials", why: credentials };
  const [inventory, certificate] = await Promise.all([
    takeInventory(impatientClient(config, credentials.found), config),
    certificateAt(address, port),
  ]);
  return { asked: inventory, certificate };
}

function sdkVersion(lab: Lab): string {
  const text = readFileSync(path.join(lab.repository, "package.json"), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return dependencies["@pulumi/pulumi"] ?? "0";
}
