// What a scaling test is told, and the defaults of what it may leave out.

/** The phases in the order in which they must be seen. */
export const PHASES = [
  "idle",
  "pending",
  "decision",
  "vm-created",
  "node-ready",
  "running",
  "answering",
  "drained",
  "vm-deleted",
  "zero",
] as const;

export type PhaseName = (typeof PHASES)[number];

export interface ScalingTestSettings {
  /** Name and namespace of the Cluster in the management cluster. */
  cluster: string;
  namespace: string;
  /** The MachineDeployment that is to go 0 -> N -> 0. */
  machineDeployment: string;
  /** The sample workload in the workload cluster. */
  workload: { namespace: string; deployment: string; service: string; port: number };
  /** Replicas to ask for, each needing a node of its own. */
  replicas: number;
  /** Longest time between a phase and the one before it, in seconds. */
  budgets: Record<PhaseName, number>;
  prismCentral: { address: string; port: number; insecure?: boolean; trustBundle?: string };
  /** Path of the report. */
  report: string;
}

/** Budgets in seconds, wide enough for a real Prism Element (CAPX's own tests wait 10 minutes for a worker). */
export const DEFAULT_BUDGETS: Record<PhaseName, number> = {
  idle: 300,
  pending: 60,
  decision: 60,
  "vm-created": 120,
  "node-ready": 600,
  running: 300,
  answering: 60,
  drained: 1200,
  "vm-deleted": 300,
  zero: 60,
};

/** Reads SCALING_TEST. Throws one Error that lists everything that is missing. */
export function readSettings(text: string | undefined): ScalingTestSettings {
  if (!text) throw new Error("SCALING_TEST is not set: it holds the settings as JSON.");
  const given = JSON.parse(text) as Partial<ScalingTestSettings>;
  const missing = (
    ["cluster", "namespace", "machineDeployment", "workload", "prismCentral", "report"] as const
  ).filter((key) => given[key] === undefined);
  if (missing.length > 0) throw new Error(`SCALING_TEST lacks ${missing.join(", ")}.`);
  const budgets = { ...DEFAULT_BUDGETS, ...given.budgets };
  return { ...(given as ScalingTestSettings), replicas: given.replicas ?? 1, budgets };
}
