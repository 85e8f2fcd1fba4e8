// What a scaling test is told, and the defaults of what it may leave out.

import { BUDGETS, type Budgets, budgetsOf, type ProfileName } from "./budgets";
import type { PrismSettings } from "./prism";

export { PHASES, type PhaseName } from "./budgets";

export interface ScalingTestSettings {
  /** Name and namespace of the Cluster in the management cluster. */
  cluster: string;
  namespace: string;
  /** The MachineDeployment that is to go 0 -> N -> 0 -> 1 -> 0. */
  machineDeployment: string;
  /** The sample workload in the workload cluster. */
  workload: { namespace: string; deployment: string; service: string; port: number };
  /** Replicas of the first round, each needing a node of its own; the second round asks for one. @default 1 */
  replicas: number;
  /** The autoscaler's timing profile, from which budgets follow. @default "default" */
  profile: ProfileName;
  /** Longest times in seconds. @default those of the profile */
  budgets: Budgets;
  prismCentral: PrismSettings;
  /** Path of the JSON report; .md and .html are written beside it. */
  report: string;
}

const REQUIRED = [
  "cluster",
  "namespace",
  "machineDeployment",
  "workload",
  "prismCentral",
  "report",
] as const;

/** Reads SCALING_TEST. Throws one Error that lists everything that is missing or unknown. */
export function readSettings(text: string | undefined): ScalingTestSettings {
  if (!text) throw new Error("SCALING_TEST is not set: it holds the settings as JSON.");
  const given = JSON.parse(text) as Partial<ScalingTestSettings>;
  const missing = REQUIRED.filter((key) => given[key] === undefined);
  if (missing.length > 0) throw new Error(`SCALING_TEST lacks ${missing.join(", ")}.`);
  const unknown = Object.keys(given.budgets ?? {}).filter(
    (name) => !(BUDGETS as readonly string[]).includes(name),
  );
  if (unknown.length > 0)
    throw new Error(
      `SCALING_TEST has budgets of ${unknown.join(", ")}; there are ${BUDGETS.join(", ")}.`,
    );
  const profile = given.profile ?? "default";
  return {
    ...(given as ScalingTestSettings),
    replicas: given.replicas ?? 1,
    profile,
    budgets: budgetsOf(profile, given.budgets),
  };
}
