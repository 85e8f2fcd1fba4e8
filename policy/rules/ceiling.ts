// The most that a stack can grow to, held against what its owner allows: an autoscaler goes as far as its bounds let it.

import type { GuardrailsArgs } from "../../components/guardrails";
import { mebibytes } from "../../config/rules";
import { allowed } from "../allowed";
import { machineGroups, total } from "../machine-groups";
import { isObject, type Rule } from "../rule";

export const ceiling: Rule = {
  name: "ceiling",
  description:
    "All pools at their most stay within the machines, CPUs, memory and cost that the stack allows.",
  check: (resources) => {
    const groups = machineGroups(resources.filter(isObject).map(({ props }) => props));
    const most = total(groups, "max");
    return mistakes(most, allowed(resources)).map((found) => ({
      message: `${found}. Lower a pool's max or its machines, or raise the limit under guardrails.`,
    }));
  },
};

function mistakes(most: ReturnType<typeof total>, limits: GuardrailsArgs): string[] {
  const { machines, vcpus = Infinity, memory, costPerHour = Infinity, prices } = limits;
  const memoryGi = memory === undefined ? Infinity : mebibytes(memory) / 1024;
  const cost = most.cpus * prices.vcpu + most.memory * prices.memoryGi + most.disk * prices.diskGi;
  const hourly = Number(cost.toFixed(2));
  const pairs: [what: string, found: number, limit: number][] = [
    [`${most.machines} machines`, most.machines, machines],
    [`${most.cpus} vCPUs`, most.cpus, vcpus],
    [`${most.memory} GiB of memory`, most.memory, memoryGi],
    [`a cost of ${hourly} an hour`, hourly, costPerHour],
  ];
  return pairs
    .filter(([, found, limit]) => found > limit)
    .map(([what, , limit]) => `The stack may grow to ${what}, and ${limit} are allowed`);
}
