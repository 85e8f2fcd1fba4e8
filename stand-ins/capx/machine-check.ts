// What is wrong with a machine before anything is asked of Prism Central, in CAPX's words.

import { diskMistakes, mebibytes } from "./data-disks";
import type { NutanixMachineSpec } from "./objects";
import { TerminalError } from "./prism-lookup";

type Check = (spec: NutanixMachineSpec, name: string) => string | undefined;

/** At least so much; both in the unit that the sentence names. */
function atLeast(least: number, given: number, what: string, unit = ""): string | undefined {
  return given < least ? `minimum ${what} is ${least}${unit} but given ${given}${unit}` : undefined;
}

const checks: Check[] = [
  ({ subnet = [] }, name) =>
    subnet.length === 0 ? `at least one subnet is needed to create the VM ${name}` : undefined,
  ({ cluster }, name) =>
    cluster?.name || cluster?.uuid
      ? undefined
      : `cluster name or uuid are required to create the VM ${name}`,
  (spec) => atLeast(20 * 1024, mebibytes(spec.systemDiskSize), "systemDiskSize", "Mib"),
  (spec) => atLeast(2 * 1024, mebibytes(spec.memorySize), "memorySize", "Mib"),
  (spec) => atLeast(1, spec.vcpusPerSocket, "vcpus per socket"),
  (spec) => atLeast(1, spec.vcpuSockets, "vcpu sockets"),
  ({ dataDisks = [] }) => {
    const mistakes = diskMistakes(dataDisks);
    return mistakes.length === 0
      ? undefined
      : `data disks validation errors: [${mistakes.join(" ")}]`;
  },
];

/** Throws a TerminalError for a spec that no VM can be made of. */
export function checkMachine(name: string, spec: NutanixMachineSpec): void {
  for (const check of checks) {
    const mistake = check(spec, name);
    if (mistake !== undefined) throw new TerminalError(mistake);
  }
}
