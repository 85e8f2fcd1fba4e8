// What an Nc2Cluster is asked for and what it keeps; whether a wish can be granted at all, and what a change of it
// means. Pure.
import type { ConsoleEndpoint } from "../nc2/client";
import type { Endpoint } from "../prism/client";

export interface Hosts {
  /** As the cloud calls it, such as i4i.metal or AN36P. */
  hostType: string;
  /** 3 to 28. */
  hosts: number;
}

/** What matters once: when the cluster is made. Names within the groups are the API's own. */
export interface Creation {
  aosVersion?: string;
  /** nci or aos. */
  license?: string;
  /** pro or ultimate. */
  softwareTier?: string;
  /** general or vdi. @default general */
  useCase?: string;
  /** @default 2 */
  redundancyFactor?: number;
  /** AWS: name of the key pair that may log in to hosts. */
  sshKey?: string;
  network?: Record<string, unknown>;
  prismCentral?: Record<string, unknown>;
  /** Further fields of the request, or others in the place of the above, as the API spells them. */
  more?: Record<string, unknown>;
}

export interface Watched extends Endpoint {
  /** Name or uuid of the cluster as Prism Central knows it. @default the cluster's name */
  prismElement?: string;
  /** VMs that may run while the cluster hibernates, by name or uuid: Prism Central's own, where it lives there. */
  allowedVms?: string[];
}

export interface ClusterInputs {
  name: string;
  cloud: string;
  organizationId: string;
  cloudAccountId: string;
  region: string;
  capacity: Hosts[];
  creation?: Creation;
  description?: string;
  desiredState: string;
  /** Take over a cluster of that name that is there already. */
  adopt?: boolean;
  /** The same, by id. */
  importId?: string;
  console: ConsoleEndpoint;
  /** Asked for running VMs before a hibernation. */
  prismCentral?: Watched;
  /** Minutes that one update waits for the console's work. */
  patienceMinutes: number;
  /** Marks the cluster in its description: project, stack and resource. */
  owner: string;
}

export interface ClusterOutputs extends ClusterInputs {
  clusterId: string;
  /** As the console says it; empty while it is not known. */
  status: string;
  /** Where an update was cut short: the console's task, to go on with. */
  task?: string;
}

export interface Difference {
  changes: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
}

const CLOUDS = ["aws", "azure", "gcp"];
/** Clouds whose clusters can hibernate: the reference speaks of Amazon S3 alone; Nutanix says no for Google Cloud. */
const HIBERNATING = ["aws"];
const REPLACING = ["name", "cloud", "organizationId", "cloudAccountId", "region"] as const;
const CHANGING = [
  "capacity",
  "creation",
  "description",
  "desiredState",
  "console",
  "prismCentral",
  "patienceMinutes",
  "owner",
] as const;
const INPUTS = [...REPLACING, ...CHANGING, "adopt", "importId"] as const;

/** What the engine's placeholder for what is not known in a preview looks like. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Rule = [isRight: (value: unknown) => boolean, allowed: string];

const text: Rule = [(value) => typeof value === "string" && value.trim() !== "", "a text"];
const REQUIRED: Partial<Record<keyof ClusterInputs, Rule>> = {
  name: text,
  cloud: [(value) => CLOUDS.includes(String(value)), "aws, azure or gcp"],
  organizationId: text,
  cloudAccountId: text,
  region: text,
  capacity: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isHosts),
    "a list of { hostType, hosts }, hosts 3 to 28",
  ],
  desiredState: [(value) => value === "running" || value === "hibernated", "running or hibernated"],
  patienceMinutes: [(value) => typeof value === "number" && value > 0, "minutes above 0"],
  console: [
    (value) => /^https:\/\//.test((value as ConsoleEndpoint | undefined)?.url ?? "https://"),
    "a console whose url begins with https://",
  ],
};

/** Inputs that can never be granted, each with what is allowed. */
export function mistakesIn(inputs: ClusterInputs): { property: string; reason: string }[] {
  const wrong = Object.entries(REQUIRED).flatMap(([property, [isRight, allowed]]) => {
    const value = inputs[property as keyof ClusterInputs];
    if (value === UNKNOWN || isRight(value)) return [];
    const found = typeof value === "object" ? JSON.stringify(value) : `"${String(value)}"`;
    return [{ property, reason: `${property} is ${found}; allowed is ${allowed}.` }];
  });
  return [...wrong, ...hibernationMistakes(inputs)];
}

function hibernationMistakes(inputs: ClusterInputs): { property: string; reason: string }[] {
  const { cloud, desiredState, prismCentral } = inputs;
  if (desiredState !== "hibernated") return [];
  if (CLOUDS.includes(cloud) && !HIBERNATING.includes(cloud))
    return [
      {
        property: "desiredState",
        reason: `desiredState is "hibernated"; a cluster on ${cloud} cannot hibernate: Nutanix documents it for AWS alone. Use running, or destroy the cluster.`,
      },
    ];
  if (prismCentral !== undefined) return [];
  return [
    {
      property: "prismCentral",
      reason:
        "prismCentral is missing; a cluster hibernates only when no VM runs on it, and Prism Central is asked for that. Give its address and port.",
    },
  ];
}

function isHosts(value: unknown): boolean {
  const { hostType, hosts } = (value ?? {}) as Partial<Hosts>;
  const isCount = Number.isInteger(hosts) && Number(hosts) >= 3 && Number(hosts) <= 28;
  return (
    typeof hostType === "string" && hostType !== "" && (isCount || (hosts as unknown) === UNKNOWN)
  );
}

/** What another wish means for a cluster: nothing, a change in place, or another cluster. */
export function difference(olds: ClusterOutputs, news: ClusterInputs): Difference {
  const other = REPLACING.filter((name) => differs(olds[name], news[name]));
  const replaces: string[] = [...other];
  if (news.importId !== undefined && news.importId !== olds.clusterId) replaces.push("importId");
  // Nothing becomes of a cluster that never came up: it goes, and another one is made.
  if (olds.status === "creation_failed" && replaces.length === 0) replaces.push("name");
  const isUnfinished = olds.task !== undefined || olds.status !== news.desiredState;
  const changes =
    replaces.length > 0 || isUnfinished || CHANGING.some((name) => differs(olds[name], news[name]));
  return { changes, replaces, deleteBeforeReplace: true };
}

/** Values of `creation` that were given and are others now. */
export function fixedChanges(olds: ClusterInputs, news: ClusterInputs): string[] {
  const before = (olds.creation ?? {}) as Record<string, unknown>;
  const after = (news.creation ?? {}) as Record<string, unknown>;
  return Object.keys(before)
    .filter((name) => after[name] !== undefined && differs(before[name], after[name]))
    .map((name) => `creation.${name}`);
}

/** The inputs among what is kept. */
export function inputsIn(outputs: ClusterOutputs): ClusterInputs {
  const given = INPUTS.filter((name) => outputs[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, outputs[name]])) as unknown as ClusterInputs;
}

export function differs(old: unknown, wanted: unknown): boolean {
  return sorted(old) !== sorted(wanted);
}

/** As text, whatever the order of keys. */
function sorted(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
