// Whether each Prism Element that the stack names is there once, can be used, and is new enough. Pure.

import type { LabConfig } from "../../config/lab-config";
import { CAPX, compareVersions, minorOf } from "../../config/versions";
import { type Cluster, prismElements } from "../../providers/prism/clusters";
import { foundIn } from "../prism/answer";
import { versionOf } from "./connection";
import { type Finding, findingsOf } from "./finding";
import { elementsOf } from "./groups";
import type { World } from "./inventory";

const { ok, failure } = findingsOf("Prism Element");

export function checkElements(config: LabConfig, { clusters }: World): Finding[] {
  const all = foundIn(clusters);
  if (!all) return [];
  return elementsOf(config).map((wanted) => checkElement(config, wanted, all));
}

/** CAPX is told a name, and compares it without case. */
export function elementsNamed(all: Cluster[], wanted: string): Cluster[] {
  return prismElements(all).filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
}

function checkElement(config: LabConfig, wanted: string, all: Cluster[]): Finding {
  const fitting = elementsNamed(all, wanted);
  const [element] = fitting;
  const known = prismElements(all).map(({ name }) => name);
  if (!element)
    return failure(
      `${wanted} is not registered with this Prism Central`,
      `Set workloadCluster.prismElement to one of ${known.join(", ") || "those registered: there is none"}.`,
    );
  if (fitting.length > 1)
    return failure(
      `${wanted} is the name of ${fitting.length} Prism Elements (${fitting.map(({ extId }) => extId).join(", ")})`,
      "Rename all but one of them: CAPX takes a name that only one has.",
    );
  if (element.config?.isAvailable === false)
    return failure(
      `${wanted} cannot be used now`,
      "Look at the cluster's health in Prism Central: CAPX places no machine on it.",
    );
  return oldOr(config, element) ?? ok(`${element.name} (${element.extId})${versionText(element)}`);
}

function oldOr(config: LabConfig, element: Cluster): Finding | undefined {
  const { capxVersion } = config.clusterApi;
  const least = CAPX[minorOf(capxVersion)]?.aos;
  const version = versionOf([element], "NOS");
  if (least === undefined || version === undefined || compareVersions(version, least) >= 0)
    return undefined;
  return failure(
    `${element.name} has AOS ${version}; CAPX ${capxVersion} needs ${least} or newer`,
    "Upgrade AOS, or choose an older clusterApi.capxVersion.",
  );
}

function versionText(element: Cluster): string {
  const version = versionOf([element], "NOS");
  return version === undefined ? "" : `, AOS ${version}`;
}
