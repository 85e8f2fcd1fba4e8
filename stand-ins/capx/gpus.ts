// GPUs of a machine: one of the Prism Element's that is not in use, passed through or virtual, by name or device id.

import type { Gpu } from "./objects";
import { quoted } from "../shared/prism-client";
import type { PrismClient } from "../shared/prism-client";
import { TerminalError } from "./prism-lookup";
import { typed, vmm } from "./vm-types";

interface GpuConfig {
  deviceName?: string;
  deviceId?: number;
  isInUse?: boolean;
  type?: string;
  vendorName?: string;
}
interface Profile {
  extId?: string;
  physicalGpuConfig?: GpuConfig;
  virtualGpuConfig?: GpuConfig;
}

const vendors: Record<string, string> = { nvidia: "NVIDIA", intel: "INTEL", amd: "AMD" };

/** The GPUs as the create call has them. Two of one kind are two devices. */
export async function gpusOf(
  prism: PrismClient,
  wanted: Gpu[],
  clusterExtId: string,
): Promise<object[]> {
  const found: object[] = [];
  const taken = new Set<string>();
  for (const gpu of wanted) found.push(await pick(prism, gpu, { clusterExtId, taken }));
  return found;
}

async function pick(
  prism: PrismClient,
  gpu: Gpu,
  from: { clusterExtId: string; taken: Set<string> },
): Promise<object> {
  const candidates = [
    ...(await profiles(prism, gpu, { ...from, kind: "physical" })),
    ...(await profiles(prism, gpu, { ...from, kind: "virtual" })),
  ].filter(({ config, key }) => config.isInUse !== true && !from.taken.has(key));
  const [first] = candidates;
  if (!first)
    throw new TerminalError(
      `Prism Element ${from.clusterExtId} has no free GPU ${gpu.name ?? String(gpu.deviceID)}.`,
    );
  from.taken.add(first.key);
  const { config, mode } = first;
  return typed(`${vmm}.Gpu`, {
    name: config.deviceName,
    deviceId: config.deviceId,
    mode,
    vendor: vendors[config.vendorName?.toLowerCase() ?? ""] ?? "UNKNOWN",
  });
}

async function profiles(
  prism: PrismClient,
  gpu: Gpu,
  { clusterExtId, kind }: { clusterExtId: string; kind: "physical" | "virtual" },
): Promise<{ config: GpuConfig; key: string; mode: string }[]> {
  const path = `config/clusters/${clusterExtId}/${kind}-gpu-profiles`;
  const rows = await prism.list<Profile>("clustermgmt", path, filterOf(gpu, `${kind}GpuConfig`));
  return rows.flatMap((row, index) => {
    const config = row[`${kind}GpuConfig`];
    const key = `${kind}/${row.extId ?? index}`;
    return config ? [{ config, key, mode: modeOf(kind, config) }] : [];
  });
}

function filterOf({ name, deviceID }: Gpu, config: string): string {
  if (deviceID !== undefined) return `${config}/deviceId eq ${deviceID}`;
  if (name) return `${config}/deviceName eq ${quoted(name)}`;
  throw new TerminalError("A GPU needs a name or a deviceID.");
}

function modeOf(kind: "physical" | "virtual", { type }: GpuConfig): string {
  if (kind === "virtual") return "VIRTUAL";
  return type === "PASSTHROUGH_GRAPHICS" ? "PASSTHROUGH_GRAPHICS" : "PASSTHROUGH_COMPUTE";
}
