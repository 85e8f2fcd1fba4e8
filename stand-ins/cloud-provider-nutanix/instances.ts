// Nodes as instances of a cloud: does a node's VM exist, is it off, and what is known about it. GET calls only.

import type { KubeClient } from "../shared/kube-client";
import type { PrismClient } from "../shared/prism-client";
import { PrismClients, readEndpoint } from "../shared/prism-endpoint";
import { addressesOf, hasAddresses } from "./addresses";
import type { CloudConfig } from "./cloud-config";
import type { Host, Node, NodeAddress, Vm } from "./objects";
import { clusterOf, placeOf, type Place } from "./topology";

/** What the cloud knows about a node. */
export interface Metadata extends Place {
  providerID: string;
  addresses: NodeAddress[];
  instanceType: string;
  /** Labels of Prism Element and host, when they are asked for. */
  labels: Record<string, string>;
}

export class Instances {
  private readonly client: KubeClient;
  private readonly config: CloudConfig;
  private readonly namespace: string;
  // The v4 API has no login: the first call shows whether the credentials are right.
  private readonly clients = new PrismClients(() => Promise.resolve());

  /** `namespace` is where the credentials Secret is looked for. */
  constructor(client: KubeClient, config: CloudConfig, namespace: string) {
    this.client = client;
    this.config = config;
    this.namespace = namespace;
  }

  async exists(node: Node): Promise<boolean> {
    return (await find(await this.prism(), node)) !== undefined;
  }

  async isShutdown(node: Node): Promise<boolean> {
    return (await vmOf(await this.prism(), node)).powerState === "OFF";
  }

  async metadata(node: Node): Promise<Metadata> {
    const prism = await this.prism();
    const vm = await vmOf(prism, node);
    return {
      providerID: providerIdOf(vm),
      addresses: hasAddresses(node)
        ? (node.status?.addresses ?? [])
        : addressesOf(vm, this.config.isIgnored),
      instanceType: "ahv-vm",
      ...(await placeOf(prism, vm, this.config.topology)),
      labels: this.config.customLabels ? await customLabels(prism, vm) : {},
    };
  }

  private async prism(): Promise<PrismClient> {
    const endpoint = await readEndpoint(this.client, this.config.prismCentral, this.namespace);
    return this.clients.get("", endpoint);
  }
}

/** A custom attribute `providerid:VALUE` decides, whatever its case; else the VM's extId. */
export function providerIdOf({ extId, customAttributes }: Vm): string {
  for (const attribute of customAttributes ?? []) {
    const [key = "", ...value] = attribute.split(":");
    const id = value.join(":").trim();
    if (key.trim().toLowerCase() === "providerid" && id !== "") return `nutanix://${id}`;
  }
  return `nutanix://${extId.toLowerCase()}`;
}

async function find(prism: PrismClient, { metadata, status }: Node): Promise<Vm | undefined> {
  const uuid = status?.nodeInfo?.systemUUID?.toLowerCase();
  if (!uuid) throw new Error(`Node ${metadata.name} has no nodeInfo.systemUUID yet.`);
  return (await prism.get<Vm>("vmm", `ahv/config/vms/${uuid}`))?.value;
}

async function vmOf(prism: PrismClient, node: Node): Promise<Vm> {
  const vm = await find(prism, node);
  if (vm) return vm;
  const uuid = node.status?.nodeInfo?.systemUUID ?? "";
  throw new Error(
    `Finding the VM of node ${node.metadata.name} failed: Prism Central has none with its systemUUID ${uuid}.`,
  );
}

async function customLabels(prism: PrismClient, vm: Vm): Promise<Record<string, string>> {
  const cluster = await clusterOf(prism, vm);
  const place = {
    "nutanix.com/prism-element-uuid": cluster.extId,
    "nutanix.com/prism-element-name": cluster.name,
  };
  if (!vm.host?.extId) return place;
  const path = `config/clusters/${cluster.extId}/hosts/${vm.host.extId}`;
  const host = (await prism.get<Host>("clustermgmt", path))?.value;
  if (!host?.hostName) return place;
  return {
    ...place,
    "nutanix.com/prism-host-uuid": host.extId,
    "nutanix.com/prism-host-name": host.hostName,
  };
}
