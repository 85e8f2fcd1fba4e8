// The request for a new cluster: what the reference's schema requires, held against what the console knows. Pure.
import { fieldsOf, itemsOf, textOf } from "../prism-central/route";
import { badRequest } from "./refusal";
import type { ClusterRow, World } from "./world";

const REQUIRED: Record<string, string[]> = {
  aws: [
    "name",
    "organization_id",
    "cloud_account_id",
    "aos_version",
    "region",
    "use_case",
    "license",
  ],
  azure: ["name", "organization_id", "cloud_account_id", "network", "prism_central"],
  gcp: [
    ...["name", "organization_id", "cloud_account_id", "use_case", "region", "license"],
    ...["aos_version", "software_tier", "cluster_fault_tolerance", "network"],
  ],
};
/** Columns of their own. */
const OWN = ["name", "organization_id", "cloud_account_id", "region", "capacity"];
const PROVIDERS: Record<string, string> = { aws: "amazon", azure: "azure", gcp: "gcp" };

type Wished = Pick<
  ClusterRow,
  "name" | "organizationId" | "cloudAccountId" | "region" | "capacity" | "request"
>;

/** Throws a 400 that names the first mistake. */
export function newCluster(world: World, data: Record<string, unknown>, cloud: string): Wished {
  const missing = (REQUIRED[cloud] ?? []).find((name) => data[name] === undefined);
  if (missing !== undefined) throw badRequest(`data.${missing} is missing.`);
  const wished: Wished = {
    name: textOf(data["name"]) ?? "",
    organizationId: textOf(data["organization_id"]) ?? "",
    cloudAccountId: textOf(data["cloud_account_id"]) ?? "",
    region: textOf(data["region"]) ?? "",
    capacity: capacityIn(data["capacity"], cloud),
    request: Object.fromEntries(Object.entries(data).filter(([name]) => !OWN.includes(name))),
  };
  mustBeKnown(world, wished, cloud);
  return wished;
}

function mustBeKnown(world: World, wished: Wished, cloud: string): void {
  const { organizations, cloudAccounts } = world.seed;
  const { name, organizationId, cloudAccountId } = wished;
  if (!organizations.some(({ id }) => id === organizationId))
    throw badRequest(`organization_id ${organizationId} is not known.`);
  const account = cloudAccounts.find(({ id }) => id === cloudAccountId);
  if (account?.organization !== organizationId)
    throw badRequest(`cloud_account_id ${cloudAccountId} is not of that organization.`);
  if (account.provider !== PROVIDERS[cloud])
    throw badRequest(`cloud_account_id ${cloudAccountId} is of ${account.provider}.`);
  const isTaken = world.clusters
    .find("name", name)
    .some((row) => row.organizationId === organizationId && row.status !== "terminated");
  if (isTaken && !world.behaviour.duplicateNames) throw badRequest(`name ${name} is taken.`);
}

function capacityIn(value: unknown, cloud: string): Record<string, unknown>[] {
  const names = cloud === "gcp" ? GCP : OTHERS;
  const groups = itemsOf(value).map(fieldsOf);
  const isRight = (group: Record<string, unknown>) =>
    typeof group[names.type] === "string" && Number.isInteger(group[names.count]);
  if (groups.length === 0 || !groups.every(isRight))
    throw badRequest(`data.capacity must be a list of { ${names.type}, ${names.count} }.`);
  const hosts = groups.map((group) => Number(group[names.count]));
  if (hosts.some((count) => count < 3 || count > 28))
    throw badRequest("data.capacity: 3 to 28 hosts of a type.");
  return groups;
}

const GCP = { type: "instance_type", count: "nodes_count" };
const OTHERS = { type: "host_type", count: "number_of_hosts" };
