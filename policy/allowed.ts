// What the stack's owner allows: the resource that components/guardrails.ts makes.

import type { GuardrailsArgs } from "../components/guardrails";
import type { Resource } from "./rule";

/** What holds for a stack that says nothing. */
const STRICT: GuardrailsArgs = {
  insecureTls: [],
  machines: 20,
  prices: { vcpu: 0, memoryGi: 0, diskGi: 0 },
  network: { subnetPools: [] },
};

export function allowed(resources: Resource[]): GuardrailsArgs {
  const found = resources.find(({ type }) => type === "lab:index:Guardrails");
  return { ...STRICT, ...(found?.props as Partial<GuardrailsArgs> | undefined) };
}
