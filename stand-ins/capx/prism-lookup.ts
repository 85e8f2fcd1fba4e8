// From names to extIds in Prism Central, with CAPX's filters and its rule for "exactly one". A name that finds
// nothing is terminal for a machine; a name that finds several is tried again.

import type { Identifier } from "./objects";
import { PrismError, quoted } from "../shared/prism-client";
import type { PrismClient } from "../shared/prism-client";

/** No later try can help: the machine is given up. */
export class TerminalError extends Error {}

interface Named {
  extId: string;
  name?: string;
}
interface PrismElement extends Named {
  config?: { clusterFunction?: string[]; isAvailable?: boolean };
}
interface Subnet extends Named {
  subnetType?: string;
  clusterReference?: string;
  clusterReferenceList?: string[];
}
interface Image extends Named {
  createTime?: string;
}
interface Category {
  extId: string;
  key: string;
  value: string;
}

interface Search<T> {
  namespace: string;
  resource: string;
  kind: string;
  keep: (candidate: T) => boolean;
}

async function one<T extends Named>(
  prism: PrismClient,
  identifier: Identifier,
  search: Search<T>,
): Promise<string> {
  const { namespace, resource, kind, keep } = search;
  if (identifier.type === "uuid") {
    const found = await prism.get<T>(namespace, `${resource}/${identifier.uuid ?? ""}`);
    if (found && keep(found.value)) return found.value.extId;
    throw new TerminalError(`No ${kind} has the uuid ${identifier.uuid ?? ""}.`);
  }
  const name = identifier.name ?? "";
  const rows = await prism.list<T>(namespace, resource, `name eq ${quoted(name)}`);
  const same = rows.filter((row) => row.name?.toLowerCase() === name.toLowerCase() && keep(row));
  return exactlyOne(same, `${kind} named ${name}`);
}

function exactlyOne(rows: readonly Named[], what: string): string {
  const [first] = rows;
  if (!first) throw new TerminalError(`Found no ${what}.`);
  if (rows.length > 1) throw new Error(`Found more than one (${rows.length}) ${what}.`);
  return first.extId;
}

/** The extId of a Prism Element: a cluster whose functions contain AOS, and that is available if it must be. */
export async function prismElement(
  prism: PrismClient,
  identifier: Identifier,
  { available = false } = {},
): Promise<string> {
  const extId = await one<PrismElement>(prism, identifier, {
    namespace: "clustermgmt",
    resource: "config/clusters",
    kind: "Prism Element cluster",
    keep: ({ config }) => config?.clusterFunction?.includes("AOS") ?? false,
  });
  if (!available) return extId;
  const found = await prism.get<PrismElement>("clustermgmt", `config/clusters/${extId}`);
  if (found?.value.config?.isAvailable === true) return extId;
  throw new TerminalError(`the PE cluster ${found?.value.name ?? extId} is not available`);
}

/** The extId of a storage container of a Prism Element. */
export async function storageContainer(
  prism: PrismClient,
  { type, name = "", uuid = "" }: Identifier,
  clusterExtId: string,
): Promise<string> {
  const wanted = type === "uuid" ? `containerExtId eq ${quoted(uuid)}` : `name eq ${quoted(name)}`;
  const filter = `${wanted} and clusterExtId eq ${quoted(clusterExtId)}`;
  const [found] = await prism.list<{ containerExtId: string }>(
    "clustermgmt",
    "config/storage-containers",
    filter,
  );
  if (found) return found.containerExtId;
  throw new TerminalError(`found no storage container using filter: ${filter}`);
}

/** The extId of a subnet that the Prism Element can use. */
export function subnet(
  prism: PrismClient,
  identifier: Identifier,
  clusterExtId: string,
): Promise<string> {
  const belongs = (candidate: Subnet) =>
    candidate.clusterReference === clusterExtId ||
    (candidate.clusterReferenceList ?? []).includes(clusterExtId);
  return one<Subnet>(prism, identifier, {
    namespace: "networking",
    resource: "config/subnets",
    kind: "subnet of this Prism Element",
    keep: (candidate) => candidate.subnetType === "OVERLAY" || belongs(candidate),
  });
}

/** The extId of an image by name or uuid that is not being deleted. */
export async function image(prism: PrismClient, identifier: Identifier): Promise<string> {
  const extId = await one<Image>(prism, identifier, {
    namespace: "vmm",
    resource: "content/images",
    kind: "image",
    keep: () => true,
  });
  return notBeingDeleted(prism, extId);
}

/** The newest image for a base OS and a Kubernetes version. CAPX's pattern is kept, unanchored regex and all. */
export async function lookedUpImage(
  prism: PrismClient,
  lookup: { baseOS: string; format?: string },
  version: string,
): Promise<string> {
  const format = lookup.format ?? "capx-{{.BaseOS}}-{{.K8sVersion}}-*";
  const pattern = format
    .replace(/\{\{\s*\.BaseOS\s*\}\}/g, lookup.baseOS)
    .replace(/\{\{\s*\.K8sVersion\s*\}\}/g, version.replace(/^v/, ""));
  const matches = (await prism.list<Image>("vmm", "content/images"))
    .filter(({ name }) => name !== undefined && new RegExp(pattern).test(name))
    .sort((a, b) => (b.createTime ?? "").localeCompare(a.createTime ?? ""));
  const [newest] = matches;
  if (!newest) throw new TerminalError(`Found no image that matches ${pattern}.`);
  return notBeingDeleted(prism, newest.extId);
}

async function notBeingDeleted(prism: PrismClient, extId: string): Promise<string> {
  const tasks = await prism.list("prism", "config/tasks", runningTasks(extId, "kImageDelete"));
  if (tasks.length > 0) throw new Error(`Image ${extId} is being deleted.`);
  return extId;
}

/** The filter for unfinished tasks that touch an entity. */
export function runningTasks(extId: string, operation?: string): string {
  const status = (name: string) => `status eq Prism.Config.TaskStatus'${name}'`;
  const unfinished = `entitiesAffected/any(a:a/extId eq ${quoted(extId)}) and (${status("RUNNING")} or ${status("QUEUED")})`;
  return operation ? `${unfinished} and (operation eq ${quoted(operation)})` : unfinished;
}

/** The category's extId, or undefined when there is none. */
export async function category(
  prism: PrismClient,
  key: string,
  value: string,
): Promise<string | undefined> {
  const filter = `key eq ${quoted(key)} and value eq ${quoted(value)}`;
  const [found] = await prism.list<Category>("prism", "config/categories", filter);
  return found?.extId;
}

/** The category's extId; made when there is none. Somebody else making it meanwhile does no harm. */
export async function ensureCategory(
  prism: PrismClient,
  key: string,
  value: string,
): Promise<string> {
  const found = await category(prism, key, value);
  if (found) return found;
  try {
    const path = await prism.path("prism", "config/categories");
    const body = { key, value, description: "Managed by CAPX" };
    const answer = await prism.call({ method: "POST", path, body });
    const made = (answer.data as { data?: Category }).data?.extId;
    if (made) return made;
  } catch (error) {
    const made = error instanceof PrismError ? await category(prism, key, value) : undefined;
    if (!made) throw error;
    return made;
  }
  throw new Error(`Making category ${key}:${value} failed: the answer has no extId.`);
}

/** The uuid of a project, which only the v3 API knows. */
export async function project(prism: PrismClient, identifier: Identifier): Promise<string> {
  const base = "/api/nutanix/v3/projects";
  if (identifier.type === "uuid") {
    await prism.call({ method: "GET", path: `${base}/${identifier.uuid ?? ""}` });
    return identifier.uuid ?? "";
  }
  const body = { filter: "", kind: "project", length: 100 };
  const answer = await prism.call({ method: "POST", path: `${base}/list`, body });
  const { entities } = answer.data as {
    entities?: { metadata: { uuid: string }; spec: { name: string } }[];
  };
  const same = (entities ?? []).filter(({ spec }) => spec.name === identifier.name);
  const rows = same.map(({ metadata }) => ({ extId: metadata.uuid }));
  return exactlyOne(rows, `project named ${identifier.name ?? ""}`);
}
