// cert-manager's part, done here: which certificates the manifests ask for, and where their CA must stand. Or left to
// cert-manager: then what it has to do is waited for.

import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../kubernetes-object";

/** A serving certificate that the manifests ask cert-manager for. */
export interface WantedCertificate {
  name: string;
  namespace: string;
  secretName: string;
  dnsNames: string[];
}

export const isCertManagers = ({ apiVersion }: Manifest) =>
  apiVersion.startsWith("cert-manager.io/");

/** The certificates that the manifests ask for. */
export function wantedCertificates(manifests: Manifest[]): WantedCertificate[] {
  return manifests
    .filter((object) => isCertManagers(object) && object.kind === "Certificate")
    .map(({ metadata, spec }) => {
      const { secretName, dnsNames } = spec as Pick<WantedCertificate, "secretName" | "dnsNames">;
      return { name: metadata.name, namespace: metadata.namespace ?? "", secretName, dnsNames };
    });
}

/** `namespace/name` of the certificate whose CA belongs into the object, by cert-manager's own annotation. */
export function injectedFrom({ metadata }: Manifest): string | undefined {
  return metadata.annotations?.["cert-manager.io/inject-ca-from"];
}

/** The object with the CA in each of its webhooks, or in its conversion webhook. `bundle` is base64 of PEM. */
export function withCaBundle(object: Manifest, bundle: pulumi.Input<string>): Manifest {
  const webhooks = object["webhooks"] as { clientConfig: object }[] | undefined;
  if (webhooks)
    return {
      ...object,
      webhooks: webhooks.map((webhook) => ({
        ...webhook,
        clientConfig: { ...webhook.clientConfig, caBundle: bundle },
      })),
    };
  const spec = object["spec"] as
    { conversion?: { webhook?: { clientConfig: object } } } | undefined;
  const webhook = spec?.conversion?.webhook;
  if (!webhook) return object;
  const clientConfig = { ...webhook.clientConfig, caBundle: bundle };
  return {
    ...object,
    spec: { ...spec, conversion: { ...spec.conversion, webhook: { ...webhook, clientConfig } } },
  };
}

/** Annotations of what cert-manager puts a CA into. */
const INJECTED = ["cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret"];

/** The object, made only once cert-manager has done its part: issued the certificate, put in the CA. */
export function awaitingCertManager(object: Manifest): Manifest {
  const { metadata } = object;
  const conditions = waitsFor(object);
  if (conditions.length === 0) return object;
  const annotations = {
    ...metadata.annotations,
    "pulumi.com/waitFor": waitForText(conditions),
  };
  return { ...object, metadata: { ...metadata, annotations } };
}

const waitForText = ([first = "", ...more]: string[]) =>
  more.length === 0 ? first : JSON.stringify([first, ...more]);

function waitsFor(object: Manifest): string[] {
  if (isCertManagers(object)) return object.kind === "Certificate" ? ["condition=Ready"] : [];
  const { annotations = {} } = object.metadata;
  if (!INJECTED.some((name) => name in annotations)) return [];
  if ("webhooks" in object) return ["jsonpath={.webhooks[0].clientConfig.caBundle}"];
  const { conversion } = (object["spec"] ?? {}) as { conversion?: { webhook?: object } };
  if (conversion?.webhook === undefined) return [];
  const bundle = "jsonpath={.spec.conversion.webhook.clientConfig.caBundle}";
  return ["condition=Established", bundle];
}

/** The Secret that a manager mounts, as cert-manager would have made it. */
export function certificateSecret(
  { secretName, namespace }: WantedCertificate,
  files: { certificatePem: unknown; privateKeyPem: unknown; caPem: unknown },
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: secretName, namespace },
    type: "kubernetes.io/tls",
    stringData: {
      "tls.crt": files.certificatePem,
      "tls.key": files.privateKeyPem,
      "ca.crt": files.caPem,
    },
  };
}
