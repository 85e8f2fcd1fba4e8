// The phases of a round, and how long each may take. Seconds everywhere.

/** The phases of one round, in the order in which they must be seen. */
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

/** What has a budget: each phase, and the two ways as a whole. */
export const BUDGETS = [...PHASES, "scaleFromZero", "backToZero"] as const;

export type BudgetName = (typeof BUDGETS)[number];

export type Budgets = Record<BudgetName, number>;

/** The autoscaler's timing profiles (components/cluster-autoscaler.ts). */
export type ProfileName = "lab-fast" | "default" | "cost";

/**
 * Wide enough for a real Prism Element: CAPX's own tests wait 10 minutes for a worker, 5 for its end. `drained` holds
 * the profile's delays (after-add and unneeded time) and a reserve.
 */
const WIDE = {
  idle: 300,
  pending: 60,
  decision: 60,
  "vm-created": 180,
  "node-ready": 600,
  running: 300,
  answering: 60,
  "vm-deleted": 300,
  zero: 120,
  scaleFromZero: 900,
};

const PROFILES: Record<ProfileName, Budgets> = {
  // Delays of 5 s each: what takes longer here is stuck.
  "lab-fast": {
    idle: 90,
    pending: 15,
    decision: 15,
    "vm-created": 60,
    "node-ready": 120,
    running: 60,
    answering: 15,
    drained: 45,
    "vm-deleted": 60,
    zero: 30,
    scaleFromZero: 120,
    backToZero: 75,
  },
  default: { ...WIDE, drained: 1500, backToZero: 1800 },
  cost: { ...WIDE, drained: 900, backToZero: 1200 },
};

/** The budgets of a profile, with those that were given instead. */
export function budgetsOf(profile: ProfileName, given: Partial<Budgets> = {}): Budgets {
  return { ...PROFILES[profile], ...given };
}
