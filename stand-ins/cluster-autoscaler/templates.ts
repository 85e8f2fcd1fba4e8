// The nodes that groups would make. A machine template's capacity is asked for once: templates do not change.

import type { KubeClient } from "../shared/kube-client";
import { isReady } from "./cluster";
import type { Cluster, NodeGroup } from "./cluster";
import type { SimulatedNode } from "./fits";
import { capacityOf, nodeLike, templateNode } from "./node-template";
import { machineTemplates } from "./objects";
import type { Quantities } from "./objects";

export class Templates {
  private readonly client: KubeClient;
  private readonly known = new Map<string, Quantities>();

  constructor(client: KubeClient) {
    this.client = client;
  }

  /** The node that a group would make; undefined when neither nodes, annotations nor template tell. */
  async of(group: NodeGroup, cluster: Cluster): Promise<SimulatedNode | undefined> {
    const example = cluster.nodesOf(group).find(isReady);
    if (example) return nodeLike(example, cluster);
    const capacity =
      capacityOf(group.deployment, undefined) ??
      capacityOf(group.deployment, await this.templateCapacity(group));
    if (!capacity) return undefined;
    const daemons = cluster.daemonSets.map(({ spec }) => spec.template.spec);
    return templateNode(group.deployment, capacity, daemons);
  }

  private async templateCapacity({ deployment }: NodeGroup): Promise<Quantities | undefined> {
    const ref = deployment.spec.template?.spec?.infrastructureRef;
    if (!ref) return undefined;
    const { namespace } = deployment.metadata;
    const key = `${ref.kind}/${namespace ?? ""}/${ref.name}`;
    const known = this.known.get(key);
    if (known) return known;
    const resource = machineTemplates(ref.apiGroup ?? "infrastructure.cluster.x-k8s.io", ref.kind);
    const found = await this.client.get(resource, { name: ref.name, namespace });
    const capacity = found?.status?.capacity;
    if (capacity) this.known.set(key, capacity);
    return capacity;
  }
}
