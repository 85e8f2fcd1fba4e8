// Proves that the lab goes from zero workers to N, back, to one, and back, by running scaling-test/ when something changed.

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Budgets, ProfileName } from "../scaling-test/budgets";
import type { ScalingTestSettings } from "../scaling-test/settings";
import type { ManagementCluster } from "./management-cluster";
import type { SampleWorkload } from "./sample-workload";
import type { WorkloadCluster } from "./workload-cluster";

export interface ScalingTestArgs {
  /** Run it as a part of `up`; it can be run by itself at any time. */
  run: boolean;
  /** Replicas to ask for in the first round; the second asks for one. */
  replicas: number;
  /** The autoscaler's timing profile, from which the budgets follow. */
  profile: ProfileName;
  /** Seconds of single budgets. @default those of the profile */
  budgets?: Partial<Budgets>;
  /** File to write. */
  report: string;
  prismCentral: ScalingTestSettings["prismCentral"];
  management: ManagementCluster;
  workload: WorkloadCluster;
  sample: SampleWorkload;
  /** What it proves: when one of these changes, it runs again. */
  proves: pulumi.Input<unknown>[];
}

/** A report of 0 -> N -> 0 -> 1 -> 0 from evidence. */
export class ScalingTest extends pulumi.ComponentResource {
  /** The test's settings as JSON: what SCALING_TEST is set to. */
  readonly settings: string;

  constructor(name: string, args: ScalingTestArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:ScalingTest", name, {}, opts);
    this.settings = JSON.stringify(settings(args));
    if (args.run) this.command(name, args);
    this.registerOutputs({ settings: this.settings });
  }

  private command(name: string, args: ScalingTestArgs): void {
    new command.local.Command(
      name,
      {
        create: "node --require ./providers/register.cjs scaling-test/main.ts",
        environment: {
          SCALING_TEST: this.settings,
          MANAGEMENT_KUBECONFIG: args.management.kubeconfig,
          WORKLOAD_KUBECONFIG: args.workload.kubeconfig,
        },
        triggers: [this.settings, args.workload.lifetime.metadata.uid, ...args.proves],
      },
      { parent: this, customTimeouts: { create: "120m", update: "120m" } },
    );
  }
}

/** What the test is told: no credentials, those it takes from its caller's environment. */
function settings(
  args: ScalingTestArgs,
): Omit<ScalingTestSettings, "budgets"> & { budgets?: Partial<Budgets> } {
  const { address, port, insecure, trustBundle } = args.prismCentral;
  const { replicas, profile, budgets = {} } = args;
  return {
    ...args.workload.objects,
    workload: args.sample.target,
    replicas,
    profile,
    ...(Object.keys(budgets).length > 0 ? { budgets } : {}),
    prismCentral: {
      address,
      port,
      ...(insecure ? { insecure } : {}),
      ...(trustBundle ? { trustBundle } : {}),
    },
    report: args.report,
  };
}
