// What a machine of a template will offer, for an autoscaler that scales from zero.

import type { NutanixMachineSpec } from "./objects";

/** NutanixMachineTemplate.status.capacity. */
export function capacityOf(spec: NutanixMachineSpec): Record<string, string> {
  const gpus = spec.gpus?.length ?? 0;
  return {
    cpu: String(spec.vcpusPerSocket * spec.vcpuSockets),
    memory: spec.memorySize,
    ...(gpus > 0 && { "nvidia.com/gpu": String(gpus) }),
  };
}
