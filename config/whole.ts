// What only the whole of a stack can tell: groups held against each other.

import type { LabConfig } from "./lab-config";
import { ownRange } from "./network";
import { rules } from "./rules";
import type { Section } from "./section";
import { type Chosen, impossiblePairs } from "./versions";

/** The key that each version comes from. */
const KEYS: Record<keyof Chosen, string> = {
  kubernetes: "kubernetesVersion",
  clusterApi: "clusterApi.version",
  capx: "clusterApi.capxVersion",
  managementKubernetes: "managementCluster.nodeImage",
  prismCentral: "prismCentral.version",
  autoscaler: "clusterAutoscaler.image.tag",
  autoscalerChart: "clusterAutoscaler.chartVersion",
};

const UPSTREAM_CHARTS = "kubernetes.github.io/autoscaler";

/** Notes what groups make impossible together. What is wrong by itself is left out. */
export function checkWhole(top: Section, config: LabConfig, preview: boolean): void {
  checkVersions(top, config);
  checkPrismCentral(top, config);
  const { address, credentials } = config.prismCentral;
  if (config.workloadCluster.csi === "nutanix" && "apiKey" in credentials)
    top.mistake(
      "workloadCluster.csi",
      "nutanix with an API key",
      "none: its driver logs in by name",
    );
  if (!preview && address.endsWith(".example"))
    top.mistake("prismCentral.address", `the example ${address}`, "the address of your own");
}

function checkVersions(top: Section, config: LabConfig): void {
  const chosen = versionsOf(config);
  const { kubernetes, clusterApi, capx } = chosen;
  if ([kubernetes, clusterApi, capx].includes("")) return;
  for (const { of, allowed } of impossiblePairs(chosen))
    top.mistake(KEYS[of], chosen[of] ?? "", allowed);
}

function versionsOf(config: LabConfig): Chosen {
  const { clusterAutoscaler, managementCluster, prismCentral } = config;
  const { tag } = clusterAutoscaler.image;
  const upstream = clusterAutoscaler.repository?.includes(UPSTREAM_CHARTS) ?? false;
  return {
    kubernetes: config.kubernetesVersion,
    clusterApi: config.clusterApi.version,
    capx: config.clusterApi.capxVersion,
    managementKubernetes: /:(v\d+\.\d+\.\d+)/.exec(managementCluster.nodeImage ?? "")?.[1],
    prismCentral: prismCentral.version,
    // A tag of one's own says nothing.
    autoscaler: rules.version.accepts(tag) ? tag : undefined,
    autoscalerChart: upstream ? clusterAutoscaler.chartVersion : undefined,
  };
}

function checkPrismCentral(top: Section, { prismCentral, workloadCluster }: LabConfig): void {
  const { address } = prismCentral;
  if (address === "") return;
  const range = ownRange(address, workloadCluster);
  if (range !== undefined)
    top.mistake(
      "prismCentral.address",
      address,
      `an address outside of ${range}, or nodes miss it`,
    );
  if (address.endsWith(".nutanix.com"))
    top.mistake("prismCentral.address", address, "a Prism Central, not Nutanix's own console");
  if (address === workloadCluster.prismElement)
    top.mistake(
      "workloadCluster.prismElement",
      address,
      "a Prism Element's name, not Prism Central",
    );
  const { endpoint, vip } = workloadCluster;
  if ([endpoint.host, vip].includes(address))
    top.mistake("workloadCluster.endpoint.host", address, "another address than Prism Central's");
}
