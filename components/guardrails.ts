// What the owner of a stack allows, as a resource without anything behind it: policies read it there, and a pull
// request that allows more shows in its preview.

import * as pulumi from "@pulumi/pulumi";

export interface GuardrailsArgs {
  /** Addresses of Prism Centrals whose certificate need not be verified. */
  insecureTls: string[];
  /** Most machines: control plane and all pools at their most. */
  machines: number;
  /** Most virtual CPUs of all these machines together. @default no limit */
  vcpus?: number;
  /** Most memory of all these machines together, such as 128Gi. @default no limit */
  memory?: string;
  /** Most that all these machines may cost in an hour, in the currency of the prices. @default no limit */
  costPerHour?: number;
  /** What an hour costs: of one virtual CPU, of a GiB of memory, of a GiB of disk. */
  prices: { vcpu: number; memoryGi: number; diskGi: number };
  /** The machines' subnet, where it is known: its range, and the pools that Prism Central gives addresses from. */
  network: { subnetRange?: string; subnetPools: string[] };
}

export class Guardrails extends pulumi.ComponentResource {
  constructor(name: string, args: GuardrailsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:Guardrails", name, { ...args }, opts);
    this.registerOutputs({ ...args });
  }
}
