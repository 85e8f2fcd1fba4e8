// TLS bootstrap: with the token of a bootstrap kubeconfig, a client certificate for system:node:NAME.
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { certificateRequest } from "../shared/certificates";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import type { KubeObject, Resource } from "../shared/kube-client";
import { log } from "../shared/log";
import type { NodeOptions } from "./options";

interface SigningRequest extends KubeObject {
  spec: Record<string, unknown>;
  status?: {
    certificate?: string;
    conditions?: { type: string; reason?: string; message?: string }[];
  };
}

const requests: Resource<SigningRequest> = {
  group: "certificates.k8s.io",
  version: "v1",
  plural: "certificatesigningrequests",
  kind: "CertificateSigningRequest",
};

/** Writes the kubeconfig when there is only a bootstrap one. Waits for the approval for ever, as a kubelet. */
export async function bootstrap(options: NodeOptions, signal: AbortSignal): Promise<void> {
  const { bootstrapKubeconfig, kubeconfig, identity, rootDir } = options;
  if (existsSync(kubeconfig) || bootstrapKubeconfig === undefined) return;
  const client = new KubeClient(loadKubeConfig(bootstrapKubeconfig));
  const { csr, key } = await certificateRequest({
    commonName: `system:node:${identity.name}`,
    organization: "system:nodes",
  });
  const certificate = await retry(() => request(client, csr, signal), signal);
  const file = join(rootDir, "pki", "kubelet-client-current.pem");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, certificate + key, { mode: 0o600 });
  const text = kubeconfigOf(readFileSync(bootstrapKubeconfig, "utf8"), file);
  mkdirSync(dirname(kubeconfig), { recursive: true });
  writeFileSync(`${kubeconfig}.new`, text, { mode: 0o600 });
  renameSync(`${kubeconfig}.new`, kubeconfig);
  log("TLS bootstrap done", {
    subject: new X509Certificate(certificate).subject.replace("\n", ","),
  });
}

/** The kubeconfig of the node: the bootstrap one's cluster, the certificate's file as its user. */
export function kubeconfigOf(bootstrapText: string, certificateFile: string): string {
  const source = parse(bootstrapText) as Bootstrap;
  const context = source.contexts.find(({ name }) => name === source["current-context"]);
  const cluster = source.clusters.find(({ name }) => name === context?.context.cluster);
  if (!cluster) throw new Error("The bootstrap kubeconfig has no cluster in its current context.");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "default-cluster", cluster: cluster.cluster }],
    users: [
      {
        name: "default-auth",
        user: { "client-certificate": certificateFile, "client-key": certificateFile },
      },
    ],
    contexts: [
      { name: "default-context", context: { cluster: "default-cluster", user: "default-auth" } },
    ],
    "current-context": "default-context",
  });
}

interface Bootstrap {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string } }[];
  "current-context": string;
}

async function request(client: KubeClient, csr: string, signal: AbortSignal): Promise<string> {
  const name = `node-csr-${createHash("sha256").update(csr).digest("base64url").slice(0, 32)}`
    .toLowerCase()
    .replaceAll("_", "x")
    .replace(/-+$/, "");
  await client.create(requests, {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: {
      request: Buffer.from(csr).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    },
  });
  log("waiting for the certificate", { request: name });
  for (;;) {
    const { status } = (await client.get(requests, { name })) ?? {};
    const refusal = status?.conditions?.find(({ type }) => type === "Denied" || type === "Failed");
    if (refusal)
      throw new Error(
        `The certificate request ${name} was refused: ${refusal.message ?? refusal.type}.`,
      );
    if (status?.certificate) return Buffer.from(status.certificate, "base64").toString("utf8");
    await sleep(200, undefined, { signal });
  }
}

async function retry<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let delay = 250; ; delay = Math.min(delay * 2, 5000)) {
    try {
      return await action();
    } catch (error) {
      signal.throwIfAborted();
      log("TLS bootstrap failed", { reason: String(error), delay });
      await sleep(delay, undefined, { signal });
    }
  }
}
