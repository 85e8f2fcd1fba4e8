// From a NutanixCluster to a client of its Prism Central.

import type { KubeClient } from "../shared/kube-client";
import type { Endpoint, Patience, PrismClient } from "../shared/prism-client";
import { PrismClients, readEndpoint } from "../shared/prism-endpoint";
import type { PrismReference } from "../shared/prism-endpoint";
import type { NutanixCluster } from "./objects";

/** Milliseconds for which a Secret that was read is good: hundreds of machines ask at once. */
const FRESH = 2000;

interface Read {
  time: number;
  spec: string;
  endpoint: Promise<Endpoint>;
}

export class PrismAccess {
  private readonly client: KubeClient;
  private readonly clients: PrismClients;
  private readonly reads = new Map<string, Read>();

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
    const key = `${namespace ?? ""}/${name}`;
    return this.clients.get(key, await this.endpoint(key, spec.prismCentral, namespace));
  }

  private endpoint(
    key: string,
    reference: PrismReference,
    namespace: string | undefined,
  ): Promise<Endpoint> {
    const known = this.reads.get(key);
    const spec = JSON.stringify(reference);
    if (known?.spec === spec && Date.now() - known.time < FRESH) return known.endpoint;
    const endpoint = readEndpoint(this.client, reference, namespace);
    this.reads.set(key, { time: Date.now(), spec, endpoint });
    endpoint.catch(() => this.reads.delete(key));
    return endpoint;
  }
}
