// From what a controller is told about its Prism Central (address, a Secret, a trust bundle) to an endpoint that can be
// dialled, and a client of it that is made anew when any of that changes.

import { createHash } from "node:crypto";
import type { KubeClient, KubeObject, Resource } from "./kube-client";
import { parseCredentials } from "./prism-credentials";
import { PrismClient } from "./prism-client";
import type { Endpoint, Patience } from "./prism-client";

/** How Nutanix's controllers are told where Prism Central is. */
export interface PrismReference {
  address: string;
  /** @default 9440 */
  port?: number;
  /** @default false */
  insecure?: boolean;
  credentialRef?: { kind?: string; name: string; namespace?: string };
  additionalTrustBundle?: {
    kind: "String" | "ConfigMap";
    name?: string;
    namespace?: string;
    data?: string;
  };
}

interface Secret extends KubeObject {
  data?: Record<string, string>;
}
interface ConfigMap extends Secret {
  binaryData?: Record<string, string>;
}

const secrets: Resource<Secret> = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
const configMaps: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
};

/** Reads Secret and trust bundle. References without a namespace are looked for in `namespace`. */
export async function readEndpoint(
  client: KubeClient,
  central: PrismReference,
  namespace: string | undefined,
): Promise<Endpoint> {
  const ref = central.credentialRef;
  if (!ref)
    throw new Error(
      `Reaching Prism Central ${central.address} failed: no credentialRef says where the credentials are. Set it.`,
    );
  const secret = await client.get(secrets, {
    name: ref.name,
    namespace: ref.namespace ?? namespace,
  });
  const encoded = secret?.data?.credentials;
  if (!encoded)
    throw new Error(`Secret ${ref.name} is absent or has no key \`credentials\`. Create it.`);
  return {
    address: central.address,
    port: central.port ?? 9440,
    insecure: central.insecure ?? false,
    credentials: parseCredentials(Buffer.from(encoded, "base64").toString("utf8")),
    trustBundle: await trustBundle(client, central, namespace),
  };
}

async function trustBundle(
  client: KubeClient,
  { additionalTrustBundle: bundle }: PrismReference,
  namespace: string | undefined,
): Promise<string | undefined> {
  if (!bundle) return undefined;
  if (bundle.kind === "String") return bundle.data;
  const ref = { name: bundle.name ?? "", namespace: bundle.namespace ?? namespace };
  const pem = pemOf(await client.get(configMaps, ref));
  if (pem) return pem;
  throw new Error(`ConfigMap ${ref.name} is absent or has no key ca.crt. Create it.`);
}

function pemOf(map: ConfigMap | undefined): string | undefined {
  const binary = map?.binaryData?.["ca.crt"];
  return binary ? Buffer.from(binary, "base64").toString("utf8") : map?.data?.["ca.crt"];
}

/** Clients by key, each rebuilt when its endpoint, credentials or trust changes. */
export class PrismClients {
  private readonly cache = new Map<string, { hash: string; prism: Promise<PrismClient> }>();
  private readonly make: (endpoint: Endpoint) => Promise<PrismClient>;

  /** `ready` proves the credentials of a new client before anybody gets it. */
  constructor(ready: (prism: PrismClient) => Promise<void>, patience?: Patience) {
    this.make = async (endpoint) => {
      const prism = new PrismClient(endpoint, patience);
      await ready(prism);
      return prism;
    };
  }

  async get(key: string, endpoint: Endpoint): Promise<PrismClient> {
    const hash = createHash("sha256").update(JSON.stringify(endpoint)).digest("hex");
    const cached = this.cache.get(key);
    if (cached?.hash === hash) return cached.prism;
    const prism = this.make(endpoint);
    this.cache.set(key, { hash, prism });
    prism.catch(() => this.cache.delete(key));
    return prism;
  }
}
