// The report, version 1. README.md says the same in words; what changes meaning gets another version.
// Times are RFC 3339, durations seconds, sizes counts.

import type { BudgetName, PhaseName, ProfileName } from "../budgets";

/** One thing that shows that a phase was reached, and when its own source says so. */
export interface Evidence {
  /** "Pod", "Event", "Task", "Node", "HTTP response", "VM list", "Scale". */
  kind: string;
  /** Which one: namespace/name, task id, URL. */
  name: string;
  /** UID of an object or extId of a VM. */
  uid?: string;
  /** Time given by the source; whole seconds where the source has no more. */
  time: string;
  detail?: string;
}

export interface Phase {
  /** 1 for 0 -> N -> 0, 2 for 0 -> 1 -> 0. */
  round: number;
  name: PhaseName;
  /** Time of the latest evidence. */
  time: string;
  /** What `seconds` counts from: the phase before, or that replicas were asked for, or given back. */
  since: PhaseName | "asked" | "released" | "";
  seconds: number;
  budgetSeconds: number;
  withinBudget: boolean;
  evidence: Evidence[];
}

/** A way as a whole, with its budget. */
export interface Duration {
  seconds: number;
  budgetSeconds: number;
  withinBudget: boolean;
}

/** Where the time from Pending to the first answer went, in seconds; they add up to it. */
export interface Shares {
  /** The autoscaler: from Pending to its decision. */
  autoscaler: number;
  /** Cluster API and CAPX: until Prism Central is asked for the VM, and again to power it on. */
  clusterApi: number;
  /** Prism Central's tasks: VM create and power on. */
  prismCentral: number;
  /** The machine: from powered on to a Ready node. */
  node: number;
  /** Scheduling and the pod's start, to its first answer. */
  pod: number;
}

export interface Round {
  round: number;
  replicas: number;
  /** The API server took the wish for replicas. */
  asked?: Evidence;
  /** The API server took the wish for none. */
  released?: Evidence;
  /** From the first pod Pending to the first answered request. */
  scaleFromZero?: Duration & { shares?: Shares };
  /** The same until every replica has answered. */
  allAnsweredSeconds?: number;
  /** From `released` to zero. */
  backToZero?: Duration;
  machines: MachineLife[];
}

/** A worker's life, from Prism Central's task log. */
export interface MachineLife {
  machine: string;
  node: string;
  /** extId of the VM. */
  vm: string;
  requestedAt: string;
  createdAt: string;
  powerOnRequestedAt?: string;
  poweredOnAt?: string;
  deletedAt?: string;
}

/** Counts at one moment; a line is written when one of them has changed. */
export interface Sample {
  /** By the workload cluster's API server. */
  time: string;
  /** Worker VMs in Prism Central, by category. */
  vms: number;
  nodes: number;
  readyNodes: number;
  /** Pods of the sample workload. */
  pods: number;
  readyPods: number;
}

/** Why something that should come or go does not. */
export interface Blocker {
  round: number;
  phase: PhaseName;
  /** One word for machines: pool-at-max, pod-does-not-fit, pdb, local-storage, ... (blockers/kinds.ts). */
  kind: string;
  /** What is in the way: namespace/name. */
  subject: string;
  /** A sentence for people. */
  message: string;
  /** Which outside interface said so. */
  source: string;
}

export interface Savings {
  /** What "always on" means here. */
  assumption: string;
  windowSeconds: number;
  alwaysOnVmHours: number;
  usedVmHours: number;
  savedVmHours: number;
  /** 0 to 100. */
  savedPercent: number;
}

export interface ScalingTestReport {
  /** Of this format. */
  version: 1;
  passed: boolean;
  cluster: string;
  namespace: string;
  machineDeployment: string;
  replicas: number;
  profile: ProfileName;
  budgets: Record<BudgetName, number>;
  startedAt: string;
  finishedAt: string;
  /** Of the first round; absent when nothing ever answered. */
  scaleFromZeroSeconds?: number;
  rounds: Round[];
  phases: Phase[];
  samples: Sample[];
  savings?: Savings;
  blockers: Blocker[];
  /** What went wrong, in sentences. */
  failures: string[];
}
