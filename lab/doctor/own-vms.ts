// The workload cluster's virtual machines: those with the category that CAPX gives them. Pure.

import { foundIn } from "../prism/answer";
import type { Category, Vm } from "../prism/entities";
import type { World } from "./inventory";

/** VMs that carry one of the categories. */
export function vmsWith(categories: Category[], vms: Vm[]): Vm[] {
  const ids = categories.map(({ extId }) => extId);
  return vms.filter((vm) => vm.categories?.some(({ extId = "" }) => ids.includes(extId)));
}

/** Those of the stack's cluster. */
export function ownVms({ vms, categories }: Pick<World, "vms" | "categories">): Vm[] {
  return vmsWith(foundIn(categories) ?? [], foundIn(vms) ?? []);
}
