// Conditions in both of Cluster API's forms: v1beta1 (severity, reason only when not true) and v1beta2.

import type { Condition } from "./objects";

export interface Verdict {
  type: string;
  status: "True" | "False";
  severity?: "Error" | "Warning" | "Info";
  reason?: string;
  message?: string;
}

export const isTrue = (type: string): Verdict => ({ type, status: "True" });

/** A false condition; Info while something else is awaited, Error when it failed. */
export function isFalse(
  type: string,
  reason: string,
  message: string,
  severity: "Error" | "Warning" | "Info" = "Error",
): Verdict {
  return { type, status: "False", severity, reason, message };
}

/** The list with one condition set; its transition time moves only when its status does. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  verdict: Verdict,
  now: string,
): Condition[] {
  const others = (conditions ?? []).filter(({ type }) => type !== verdict.type);
  const before = (conditions ?? []).find(({ type }) => type === verdict.type);
  const kept = before?.status === verdict.status ? before.lastTransitionTime : now;
  return [...others, { ...verdict, lastTransitionTime: kept }].sort((a, b) =>
    a.type.localeCompare(b.type),
  );
}

/** Reasons that CAPX gives to true conditions in the v1beta2 form; all others have Succeeded. */
const successes: Record<string, string> = {
  VMProvisioned: "Provisioned",
  NoFailureDomainsConfigured: "NoFailureDomainsConfigured",
  FailureDomainSafeForDeletion: "Ready",
};

/** The same conditions in the v1beta2 form, where a reason is always given. */
export function v1beta2Conditions(conditions: readonly Condition[]): object[] {
  return conditions.map(({ type, status, lastTransitionTime, reason, message }) => ({
    type,
    status,
    lastTransitionTime,
    reason: reason ?? successes[type] ?? "Succeeded",
    message: message ?? "",
  }));
}
