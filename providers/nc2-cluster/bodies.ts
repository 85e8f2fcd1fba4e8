// What is sent to the console and how its answers are read, where spellings differ from the program's. Pure.
import type { CallName, HostGroup, Nc2ClusterView } from "../nc2/api";
import type { ClusterInputs, Creation, Hosts } from "./inputs";

const CREATE: Record<string, CallName> = {
  aws: "createAws",
  azure: "createAzure",
  gcp: "createGcp",
};

/** The call that makes a cluster on the inputs' cloud, and its body. */
export function creation(inputs: ClusterInputs): { name: CallName; body: { data: object } } {
  const { useCase = "general", redundancyFactor = 2, more, ...given } = inputs.creation ?? {};
  const data = {
    name: inputs.name,
    organization_id: inputs.organizationId,
    cloud_account_id: inputs.cloudAccountId,
    region: inputs.region,
    use_case: useCase,
    capacity: capacityBody(inputs),
    redundancy: { factor: redundancyFactor },
    ...spelled(given),
    ...more,
  };
  return { name: CREATE[inputs.cloud] ?? "createAws", body: { data } };
}

/** Names as the API has them; what is not given is left out. */
const NAMES: Record<keyof Omit<Creation, "useCase" | "redundancyFactor" | "more">, string> = {
  aosVersion: "aos_version",
  license: "license",
  softwareTier: "software_tier",
  sshKey: "host_access_ssh_key",
  network: "network",
  prismCentral: "prism_central",
};

function spelled(given: Creation): Record<string, unknown> {
  const names = Object.entries(NAMES) as [keyof Creation, string][];
  return Object.fromEntries(
    names.flatMap(([ours, theirs]) => (given[ours] === undefined ? [] : [[theirs, given[ours]]])),
  );
}

export function capacityBody({ cloud, capacity }: ClusterInputs): HostGroup[] {
  return capacity.map(({ hostType, hosts }) =>
    cloud === "gcp"
      ? { instance_type: hostType, nodes_count: hosts }
      : { host_type: hostType, number_of_hosts: hosts },
  );
}

/** As the program spells it; undefined where the console does not say. */
export function capacityOf({ capacity }: Nc2ClusterView): Hosts[] | undefined {
  return capacity?.map((group) => ({
    hostType: group.host_type ?? group.instance_type ?? "",
    hosts: group.number_of_hosts ?? group.nodes_count ?? 0,
  }));
}

/** The description with the mark of who made the cluster. */
export function marked({
  description,
  owner,
}: Pick<ClusterInputs, "description" | "owner">): string {
  return `${description === undefined || description === "" ? "" : `${description} `}${mark(owner)}`;
}

export function isOurs(cluster: Nc2ClusterView, owner: string): boolean {
  return (cluster.description ?? "").endsWith(mark(owner));
}

/** What people wrote before the mark. */
export function unmarked(description: string, owner: string): string {
  return description.endsWith(mark(owner))
    ? description.slice(0, -mark(owner).length).trimEnd()
    : description;
}

const mark = (owner: string) => `[pulumi ${owner}]`;
