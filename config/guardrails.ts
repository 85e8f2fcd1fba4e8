// What the owner of a stack allows. The policies hold the stack's objects against it.

import { optional } from "./groups";
import type { GuardrailsConfig } from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";

/** Enough for a lab, and few enough to be noticed before the bill is. */
const MACHINES = 20;

export function guardrails(section: Section): GuardrailsConfig {
  const prices = section.section("prices");
  const value: GuardrailsConfig = {
    insecureTls: section.texts("insecureTls", rules.host),
    machines: section.count("machines", MACHINES, { min: 1, max: 10_000 }),
    ...optional("vcpus", optionalCount(section, "vcpus")),
    ...optional("memory", section.optionalText("memory", rules.size)),
    ...optional(
      "costPerHour",
      section.has("costPerHour") ? section.amount("costPerHour") : undefined,
    ),
    prices: {
      vcpu: prices.amount("vcpu"),
      memoryGi: prices.amount("memoryGi"),
      diskGi: prices.amount("diskGi"),
    },
  };
  checkPrices(section, value);
  prices.close();
  section.close();
  return value;
}

/** A ceiling of costs that nothing counts towards holds nothing up. */
function checkPrices(section: Section, { costPerHour, prices }: GuardrailsConfig): void {
  if (costPerHour !== undefined && Object.values(prices).every((price) => price === 0))
    section.mistake(
      "prices",
      "no price beside costPerHour",
      "what an hour of vcpu, memoryGi or diskGi costs",
    );
}

function optionalCount(section: Section, key: string): number | undefined {
  return section.has(key) ? section.count(key, 1, { min: 1, max: 100_000 }) : undefined;
}
