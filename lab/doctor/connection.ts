// Whether Prism Central answers, lets us in and lets us look, and whether it is new enough. Pure.

import type { LabConfig } from "../../config/lab-config";
import { impossiblePairs } from "../../config/versions";
import type { Cluster } from "../../providers/prism/clusters";
import type { Answer, Problem } from "../prism/answer";
import { type Finding, findingsOf } from "./finding";
import type { Inventory, World } from "./inventory";

const central = findingsOf("Prism Central");
const access = findingsOf("credentials");
const rights = findingsOf("rights");

type Settings = Pick<LabConfig, "prismCentral" | "clusterApi" | "kubernetesVersion">;

/** Reachable, of which version, and who we are there. */
export function checkConnection(settings: Settings, { user, world }: Inventory): Finding[] {
  const { address, port } = settings.prismCentral;
  if ("problem" in user) return [refused(user.problem)];
  const where = `https://${address}:${port}`;
  return [
    ...(world ? checkCentral(settings, where, world) : []),
    access.ok(`${where} takes us for ${user.found}`),
  ];
}

function refused(problem: Problem): Finding {
  const { said, remedy = "", status } = problem;
  const check = status === 401 || status === 403 ? access : central;
  return check.failure(said, remedy === "" ? "Check address and port of prismCentral." : remedy);
}

function checkCentral(settings: Settings, where: string, { clusters }: World): Finding[] {
  if ("problem" in clusters)
    return clusters.problem.status === 404
      ? [central.failure(clusters.problem.said, NOT_CENTRAL)]
      : [];
  const version = versionOf(clusters.found, "PRISM_CENTRAL");
  if (version === undefined)
    return [central.failure(`${where} knows of no Prism Central`, NOT_CENTRAL)];
  const { capxVersion, version: clusterApi } = settings.clusterApi;
  const chosen = { kubernetes: settings.kubernetesVersion, clusterApi, capx: capxVersion };
  const old = impossiblePairs({ ...chosen, prismCentral: version }).find(
    ({ of }) => of === "prismCentral",
  );
  if (old)
    return [
      central.failure(
        `${where} is ${version}, and must be ${old.allowed}`,
        "Upgrade Prism Central, or choose an older clusterApi.capxVersion.",
      ),
    ];
  return [central.ok(`${where} answers, ${version}`)];
}

const NOT_CENTRAL =
  "Give the address of a Prism Central of version 2024.3 or newer: a Prism Element does not do.";

/** The version that a cluster of a kind says it has. */
export function versionOf(clusters: Cluster[], softwareType: string): string | undefined {
  return clusters
    .flatMap(({ config }) => config?.clusterSoftwareMap ?? [])
    .find((software) => software.softwareType === softwareType)?.version;
}

/** What CAPX and this program read, and the permissions that a role needs for it. */
const NEEDED: Record<string, string> = {
  clusters: "View Cluster",
  subnets: "View Subnet",
  images: "View Image",
  vms: "View Virtual Machine",
  categories: "View Category Mapping, View Name Category and View Value Category",
};

/** What the doctor alone reads, and what it cannot tell without. */
const USEFUL: Record<string, string> = {
  hosts: "capacity",
  containers: "storage",
  volumeGroups: "volume groups",
};

/** What the role lets us read. What it lets us make, only making shows. */
export function checkRights({ world }: Inventory): Finding[] {
  if (!world) return [];
  const { elements, subnets, ...single } = world;
  const all: [string, Answer<unknown>][] = [
    ...Object.entries(single),
    ...Object.values(subnets).map((answer): [string, Answer<unknown>] => ["subnets", answer]),
    ...Object.values(elements).map(({ hosts }): [string, Answer<unknown>] => ["hosts", hosts]),
  ];
  const problems = all.flatMap(([what, answer]) =>
    "problem" in answer ? [{ what, problem: answer.problem }] : [],
  );
  if (problems.length === 0) return [rights.ok("may read all that the lab reads")];
  return problems
    .filter(({ what, problem }) => !(what === "clusters" && problem.status === 404))
    .map(({ what, problem }) => refusedRead(what, problem));
}

function refusedRead(what: string, { said, status, remedy }: Problem): Finding {
  const useful = USEFUL[what];
  if (useful !== undefined)
    return rights.warning(said, `Without it nobody looked at ${useful}: let the role view it.`);
  return status === 403
    ? rights.failure(said, `Give the user a role with ${NEEDED[what] ?? what} (docs/doctor.md).`)
    : rights.failure(said, remedy ?? "Look at Prism Central's own health, then try again.");
}
