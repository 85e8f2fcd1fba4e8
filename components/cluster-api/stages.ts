// In which order the objects of a provider's manifests can be made. A Service is ready when its pods are, so it
// comes with them. Webhooks come last: one whose server does not answer yet would refuse everything.

import type { Manifest } from "../kubernetes-object";

export type Stage = "namespaces" | "certificates" | "definitions" | "controllers" | "webhooks";

export const STAGES: readonly Stage[] = [
  "namespaces",
  "certificates",
  "definitions",
  "controllers",
  "webhooks",
];

const BY_KIND: Record<string, Stage> = {
  Namespace: "namespaces",
  Issuer: "certificates",
  Certificate: "certificates",
  Service: "controllers",
  Deployment: "controllers",
  MutatingWebhookConfiguration: "webhooks",
  ValidatingWebhookConfiguration: "webhooks",
};

/** The stage of an object; what is not named here are CRDs, accounts, roles and secrets. */
export function stageOf({ kind }: Pick<Manifest, "kind">): Stage {
  return BY_KIND[kind] ?? "definitions";
}
