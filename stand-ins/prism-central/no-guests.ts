// For whoever tests against Prism Central's APIs alone: VMs are rows, nothing boots, on any operating system.
import type { Hypervisor } from "../hypervisor/types";

/** A hypervisor whose guests are always said to run. */
export const noGuests: Hypervisor = {
  powerOn: () => Promise.resolve(),
  powerOff: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  state: () => "running",
  consoleFile: () => "",
};
