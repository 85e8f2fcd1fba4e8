// A MachineHealthCheck for each pool, and one for a control plane that can do without a machine for a while. One for
// all, at "40 % of the machines" as CAPX's template has it, would never act in a pool of one or two.

import type { Manifest } from "../kubernetes-object";
import {
  clusterLabel,
  controlPlaneLabel,
  controlPlaneName,
  CORE,
  machineDeploymentName,
  metadata,
  poolLabel,
} from "./names";
import { DEFAULT_PROVISION_TIME } from "./pool";
import type { WorkloadClusterSpec } from "./spec";

/** What makes a node unhealthy, once it lasts. */
const UNHEALTHY = [
  ["Ready", "False"],
  ["Ready", "Unknown"],
  ["MemoryPressure", "True"],
  ["DiskPressure", "True"],
  ["PIDPressure", "True"],
  ["NetworkUnavailable", "True"],
] as const;

/** Later than the autoscaler, which takes a machine back itself: else two would act on one machine. */
const AFTER_AUTOSCALER_SECONDS = 60;

export function healthChecks(spec: WorkloadClusterSpec): { role: string; object: Manifest }[] {
  const pools = spec.pools.map((pool) => {
    const name = machineDeploymentName(spec.name, pool.name);
    const provision = pool.autoscaling.maxNodeProvisionTime ?? DEFAULT_PROVISION_TIME;
    const startup = seconds(provision) + AFTER_AUTOSCALER_SECONDS;
    return { role: pool.name, object: healthCheck(spec, name, { [poolLabel]: name }, startup) };
  });
  if (spec.controlPlane.replicas === 1) return pools;
  const name = controlPlaneName(spec.name);
  const startup = seconds(DEFAULT_PROVISION_TIME);
  const object = healthCheck(spec, name, { [controlPlaneLabel]: name }, startup);
  return [{ role: "control-plane", object }, ...pools];
}

function healthCheck(
  spec: WorkloadClusterSpec,
  name: string,
  labels: Record<string, string>,
  nodeStartupTimeoutSeconds: number,
): Manifest {
  const unhealthyNodeConditions = UNHEALTHY.map(([type, status]) => ({
    type,
    status,
    timeoutSeconds: spec.unhealthySeconds,
  }));
  return {
    apiVersion: `${CORE}/v1beta2`,
    kind: "MachineHealthCheck",
    metadata: metadata(spec, name),
    spec: {
      clusterName: spec.name,
      selector: { matchLabels: { [clusterLabel]: spec.name, ...labels } },
      checks: { nodeStartupTimeoutSeconds, unhealthyNodeConditions },
    },
  };
}

const UNITS: Record<string, number> = { h: 3600, m: 60, s: 1 };

/** Seconds of a duration such as 1h30m. */
function seconds(duration: string): number {
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}
