// What a rule says of an object: ready, not yet, or never. Rules only look; waiting is done elsewhere.

import type { KubeObject } from "../kube-object";

export interface Verdict {
  readonly ready: boolean;
  /** What is waited for, as one line. */
  readonly status: string;
  /** Set when waiting longer cannot help. */
  readonly hopeless?: boolean;
}

/** Fetches another object that the rule needs to see. */
export type Look = (object: KubeObject) => Promise<KubeObject | undefined>;

export type Rule = (live: KubeObject, look: Look) => Verdict | Promise<Verdict>;

export const ready = (status = "ready"): Verdict => ({ ready: true, status });
export const notYet = (status: string): Verdict => ({ ready: false, status });
export const never = (status: string): Verdict => ({ ready: false, status, hopeless: true });
