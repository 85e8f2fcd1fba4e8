// What the CCM reads: Nodes of Kubernetes, and VMs, clusters, hosts and categories of Prism Central, with the fields
// that it uses.

import type { KubeObject, Resource } from "../shared/kube-client";

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export interface NodeAddress {
  type: string;
  address: string;
}

export interface Node extends KubeObject {
  spec?: { providerID?: string; taints?: Taint[] };
  status?: {
    addresses?: NodeAddress[];
    conditions?: { type: string; status: string }[];
    nodeInfo?: { systemUUID?: string };
  };
}

export const nodes: Resource<Node> = { group: "", version: "v1", plural: "nodes", kind: "Node" };
export const events: Resource = { group: "", version: "v1", plural: "events", kind: "Event" };

export interface Reference {
  extId?: string;
}

interface IpAddress {
  value?: string;
}

/** A NIC's network as the v4 API shows it. */
export interface NicNetwork {
  $objectType?: string;
  ipv4Config?: { ipAddress?: IpAddress; secondaryIpAddressList?: IpAddress[] };
  ipv4Info?: { learnedIpAddresses?: IpAddress[] };
}

export interface Vm {
  extId: string;
  name: string;
  powerState?: string;
  cluster?: Reference;
  host?: Reference;
  customAttributes?: string[];
  categories?: Reference[];
  nics?: { nicNetworkInfo?: NicNetwork }[];
}

export interface Cluster {
  extId: string;
  name: string;
  categories?: string[];
  config?: { clusterSoftwareMap?: { softwareType?: string }[] };
}

export interface Host {
  extId: string;
  hostName?: string;
}

export interface Category {
  key: string;
  value: string;
}
