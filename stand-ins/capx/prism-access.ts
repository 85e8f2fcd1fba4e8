// From a NutanixCluster to a client of its Prism Central.

import type { KubeClient } from "../shared/kube-client";
import type { Patience, PrismClient } from "../shared/prism-client";
import { PrismClients, readEndpoint } from "../shared/prism-endpoint";
import type { NutanixCluster } from "./objects";

export class PrismAccess {
  private readonly client: KubeClient;
  private readonly clients: PrismClients;

  constructor(client: KubeClient, patience?: Patience) {
    this.client = client;
    this.clients = new PrismClients((prism) => prism.login(), patience);
  }

  /** A client whose credentials Prism Central has accepted once. */
  async of({ metadata, spec }: NutanixCluster): Promise<PrismClient> {
    const { name, namespace } = metadata;
    if (!spec.prismCentral)
      throw new Error(
        `NutanixCluster ${name} has no prismCentral, and this stand-in has no manager-wide credentials. Set it.`,
      );
    const endpoint = await readEndpoint(this.client, spec.prismCentral, namespace);
    return this.clients.get(`${namespace ?? ""}/${name}`, endpoint);
  }
}
