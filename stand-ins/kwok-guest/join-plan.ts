// What a simulated machine is asked to do by its config drive: `kubeadm join` as a worker, and with which flags of the
// kubelet.
import { parseAllDocuments } from "yaml";
import type { BootPlan } from "../guest/cloud-config";

/** How a machine finds the cluster that it joins. */
export interface Discovery {
  apiServerEndpoint: string;
  token: string;
  caCertHashes: string[];
}

export interface JoinPlan {
  nodeName: string;
  discovery: Discovery;
  /** The kubelet's flags, as kubeadm passes them on. */
  flags: Map<string, string>;
}

interface JoinConfiguration {
  kind?: string;
  controlPlane?: unknown;
  discovery?: { bootstrapToken?: Partial<Discovery> };
  nodeRegistration?: {
    name?: string;
    taints?: { key: string; value?: string; effect: string }[];
    kubeletExtraArgs?: { name: string; value?: string }[];
  };
}

/** Reads the plan out of the boot plan's files. Throws a sentence for what a simulated machine cannot do. */
export function joinPlanOf(plan: BootPlan, machineName: string): JoinPlan {
  const join = plan.files
    .flatMap(({ content }) => documentsOf(content.toString("utf8")))
    .find(({ kind }) => kind === "JoinConfiguration" || kind === "InitConfiguration");
  if (!join) throw new Error("kubeadm has no configuration on the config drive: nothing to join.");
  if (join.kind === "InitConfiguration" || join.controlPlane)
    throw new Error(
      "Booting failed: the machine is to be a control plane, and machines of this image are simulated workers. Give it an image of processes.",
    );
  const { discovery, nodeRegistration = {} } = join;
  return {
    nodeName: nodeRegistration.name ?? machineName,
    discovery: discoveryOf(discovery?.bootstrapToken),
    flags: flagsOf(nodeRegistration),
  };
}

function discoveryOf(given: Partial<Discovery> = {}): Discovery {
  const { apiServerEndpoint, token, caCertHashes = [] } = given;
  if (!apiServerEndpoint || !token)
    throw new Error("Joining failed: discovery by a bootstrap token is the only one known here.");
  return { apiServerEndpoint, token, caCertHashes };
}

function flagsOf(node: NonNullable<JoinConfiguration["nodeRegistration"]>): Map<string, string> {
  const given = (node.kubeletExtraArgs ?? []).map(
    ({ name, value }) => [name, value ?? "true"] as const,
  );
  const taints = (node.taints ?? []).map(
    ({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`,
  );
  const own = taints.length > 0 ? [["register-with-taints", taints.join(",")] as const] : [];
  return new Map([...own, ...given]);
}

// Most files are no kubeadm configuration, and need not be YAML.
function documentsOf(text: string): JoinConfiguration[] {
  if (!/^kind: (Join|Init)Configuration$/m.test(text)) return [];
  return parseAllDocuments(text).map((document) => document.toJS() as JoinConfiguration);
}
