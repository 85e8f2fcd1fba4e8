// From a NutanixCluster to a Prism Central client: credentials, trust and a cache, rebuilt when any of it changes.

import { createHash } from "node:crypto";
import type { KubeClient } from "../shared/kube-client";
import { parseCredentials } from "./credentials";
import { configMaps, secrets } from "./objects";
import type { ConfigMap, NutanixCluster } from "./objects";
import { PrismClient } from "./prism-client";
import type { Endpoint, Patience } from "./prism-client";

export class PrismAccess {
  private readonly client: KubeClient;
  private readonly patience: Patience | undefined;
  private readonly cache = new Map<string, { hash: string; prism: Promise<PrismClient> }>();

  constructor(client: KubeClient, patience?: Patience) {
    this.client = client;
    this.patience = patience;
  }

  /** A client whose credentials Prism Central has accepted once. */
  async of(cluster: NutanixCluster): Promise<PrismClient> {
    const key = `${cluster.metadata.namespace ?? ""}/${cluster.metadata.name}`;
    const endpoint = await this.endpoint(cluster);
    const hash = createHash("sha256").update(JSON.stringify(endpoint)).digest("hex");
    const cached = this.cache.get(key);
    if (cached?.hash === hash) return cached.prism;
    const prism = loggedIn(endpoint, this.patience);
    this.cache.set(key, { hash, prism });
    prism.catch(() => this.cache.delete(key));
    return prism;
  }

  private async endpoint(cluster: NutanixCluster): Promise<Endpoint> {
    const central = cluster.spec.prismCentral;
    if (!central?.credentialRef)
      throw new Error(
        `NutanixCluster ${cluster.metadata.name} has no prismCentral.credentialRef, and this stand-in has no manager-wide credentials. Set it.`,
      );
    const { namespace } = cluster.metadata;
    const secret = await this.client.get(secrets, { name: central.credentialRef.name, namespace });
    const encoded = secret?.data?.credentials;
    if (!encoded)
      throw new Error(
        `Secret ${central.credentialRef.name} is absent or has no key \`credentials\`. Create it.`,
      );
    return {
      address: central.address,
      port: central.port ?? 9440,
      insecure: central.insecure ?? false,
      credentials: parseCredentials(Buffer.from(encoded, "base64").toString("utf8")),
      trustBundle: await this.trustBundle(cluster),
    };
  }

  private async trustBundle(cluster: NutanixCluster): Promise<string | undefined> {
    const bundle = cluster.spec.prismCentral?.additionalTrustBundle;
    if (!bundle) return undefined;
    if (bundle.kind === "String") return bundle.data;
    const ref = { name: bundle.name ?? "", namespace: cluster.metadata.namespace };
    const pem = pemOf(await this.client.get(configMaps, ref));
    if (pem) return pem;
    throw new Error(`ConfigMap ${ref.name} is absent or has no key ca.crt. Create it.`);
  }
}

function pemOf(map: ConfigMap | undefined): string | undefined {
  const binary = map?.binaryData?.["ca.crt"];
  return binary ? Buffer.from(binary, "base64").toString("utf8") : map?.data?.["ca.crt"];
}

async function loggedIn(endpoint: Endpoint, patience?: Patience): Promise<PrismClient> {
  const prism = new PrismClient(endpoint, patience);
  await prism.login();
  return prism;
}
