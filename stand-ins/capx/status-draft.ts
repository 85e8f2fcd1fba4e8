// A status while an object is reconciled: changed in memory, written as one merge patch of what differs.

import { isDeepStrictEqual } from "node:util";
import { v1beta2Conditions, withCondition } from "./conditions";
import type { Verdict } from "./conditions";
import type { KubeClient, KubeObject, Resource } from "../shared/kube-client";
import type { Condition } from "./objects";

interface WithConditions {
  conditions?: Condition[];
}

export class StatusDraft<S extends WithConditions> {
  readonly status: S;
  private readonly save1: (patch: object) => Promise<unknown>;
  private written: Record<string, unknown>;

  constructor(client: KubeClient, resource: Resource, object: KubeObject & { status?: S }) {
    this.written = structuredClone(object.status ?? {});
    this.status = structuredClone(object.status ?? {}) as S;
    const { name, namespace } = object.metadata;
    this.save1 = (patch) => client.patch(resource, { name, namespace }, patch, "status");
  }

  set(verdict: Verdict): void {
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    this.status.conditions = withCondition(this.status.conditions, verdict, now);
  }

  /** Takes a condition away. */
  remove(type: string): void {
    if (!this.status.conditions) return;
    this.status.conditions = this.status.conditions.filter((condition) => condition.type !== type);
  }

  /** Writes what changed since the last time, if anything did. */
  async save(): Promise<void> {
    const patch = statusPatch(this.written, this.status as Record<string, unknown>);
    if (patch === undefined) return;
    await this.save1({ status: patch });
    this.written = structuredClone(this.status) as Record<string, unknown>;
  }
}

/** The merge patch between two statuses; undefined when they are equal. */
export function statusPatch(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (!isDeepStrictEqual(before[key], after[key])) patch[key] = after[key] ?? null;
  if (Object.keys(patch).length === 0) return undefined;
  if (patch.conditions)
    patch.v1beta2 = { conditions: v1beta2Conditions(patch.conditions as Condition[]) };
  return patch;
}
