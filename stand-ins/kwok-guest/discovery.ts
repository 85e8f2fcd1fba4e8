// kubeadm's discovery by a bootstrap token: the cluster's public ConfigMap, read without credentials, is signed with the
// token; its CA is one of the pinned ones. Answers a kubeconfig with the token as its user.
import { createHash, createHmac, timingSafeEqual, X509Certificate } from "node:crypto";
import https from "node:https";
import axios from "axios";
import { parse, stringify } from "yaml";
import { twin } from "../shared/addresses";
import type { Discovery } from "./join-plan";

interface ClusterInfo {
  data?: Record<string, string>;
}

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
}

const path = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

/** One try. Rejects with what is wrong with the answer. */
export async function discover(discovery: Discovery): Promise<string> {
  const info = await clusterInfo(dialled(discovery.apiServerEndpoint));
  return bootstrapKubeconfig(info, discovery);
}

/** Checks the ConfigMap's signature and CA; the kubeconfig for the TLS bootstrap. */
export function bootstrapKubeconfig({ data = {} }: ClusterInfo, discovery: Discovery): string {
  const [id = "", secret = ""] = discovery.token.split(".");
  const text = data["kubeconfig"] ?? "";
  const signature = data[`jws-kubeconfig-${id}`];
  if (signature === undefined)
    throw new Error(
      `The cluster-info ConfigMap has no signature for token "${id}": the token is unknown or has expired.`,
    );
  if (!isSignedBy(signature, secret, text))
    throw new Error(`The signature of the cluster-info ConfigMap is not that of token "${id}".`);
  const [first] = (parse(text) as Kubeconfig).clusters;
  if (!first) throw new Error("The cluster-info ConfigMap has no cluster.");
  const authority = first.cluster["certificate-authority-data"];
  refuseUnpinned(authority, discovery.caCertHashes);
  const { protocol, host } = new URL(first.cluster.server);
  const cluster = {
    server: `${protocol}//${dialled(host)}`,
    "certificate-authority-data": authority,
  };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "kubernetes", cluster }],
    users: [{ name: "bootstrap", user: { token: discovery.token } }],
    contexts: [{ name: "bootstrap", context: { cluster: "kubernetes", user: "bootstrap" } }],
    "current-context": "bootstrap",
  });
}

/** A JWS whose payload is detached: header..signature, HMAC-SHA256. */
function isSignedBy(jws: string, secret: string, payload: string): boolean {
  const [header = "", , signature = ""] = jws.split(".");
  const signed = `${header}.${Buffer.from(payload).toString("base64url")}`;
  const expected = createHmac("sha256", secret).update(signed).digest();
  const given = Buffer.from(signature, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function refuseUnpinned(authority: string, pins: string[]): void {
  if (pins.length === 0) return;
  const { publicKey } = new X509Certificate(Buffer.from(authority, "base64"));
  const key = publicKey.export({ type: "spki", format: "der" });
  const pin = `sha256:${createHash("sha256").update(key).digest("hex")}`;
  if (!pins.includes(pin))
    throw new Error(`The cluster's CA has the public key ${pin}, which is none of caCertHashes.`);
}

async function clusterInfo(endpoint: string): Promise<ClusterInfo> {
  const agent = new https.Agent({ rejectUnauthorized: false });
  try {
    const { status, data } = await axios.get<ClusterInfo>(`https://${endpoint}${path}`, {
      httpsAgent: agent,
      proxy: false,
      timeout: 10_000,
      validateStatus: () => true,
    });
    if (status === 200) return data;
    throw new Error(`${endpoint} answered ${status} for cluster-info.`);
  } finally {
    agent.destroy();
  }
}

/** Addresses of 198.18.0.0/15 are dialled at their twins. */
function dialled(endpoint: string): string {
  return endpoint.replace(/^198\.1[89]\.\d+\.\d+/, (address) => twin(address));
}
