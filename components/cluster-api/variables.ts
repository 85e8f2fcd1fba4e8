// What CAPX's own manifests ask for: where Prism Central is, and the credentials that its manager falls back to for a
// cluster that brings none. Secrets stay secrets: the objects get them as outputs.

import * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../kubernetes-object";

export interface PrismCentral {
  address: string;
  port: number;
  insecure: boolean;
  /** PEM certificates. */
  trustBundle?: string;
  credentials:
    | { username: pulumi.Input<string>; password: pulumi.Input<string> }
    | { apiKey: pulumi.Input<string> };
}

/** Values that stand in the manifests as they are. The bundle is one line of base64, as upstream has it. */
export function prismVariables(prismCentral: PrismCentral): Record<string, string> {
  const { address, port, insecure, trustBundle } = prismCentral;
  return {
    NUTANIX_ENDPOINT: address,
    NUTANIX_PORT: String(port),
    NUTANIX_INSECURE: String(insecure),
    ...(trustBundle
      ? { NUTANIX_ADDITIONAL_TRUST_BUNDLE: Buffer.from(trustBundle).toString("base64") }
      : {}),
  };
}

type Secrets = Record<string, pulumi.Input<string>>;

/** User and password. Upstream's manifests have no place for an API key: there is nothing to fall back to then. */
export function prismSecrets({ credentials }: PrismCentral): Secrets {
  if ("apiKey" in credentials) return { NUTANIX_USER: "", NUTANIX_PASSWORD: "" };
  return { NUTANIX_USER: credentials.username, NUTANIX_PASSWORD: credentials.password };
}

const mark = (name: string) => `\u{e000}${name}\u{e001}`;

/** Stands in the text for each secret until the object takes it. */
export function marks(secrets: Secrets): Record<string, string> {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, mark(name)]));
}

/** The object with secrets in the place of their marks. */
export function withSecrets(object: Manifest, secrets: Secrets): Manifest {
  if (!JSON.stringify(object).includes("\u{e000}")) return object;
  return fill(object, pulumi.secret(pulumi.all(secrets))) as Manifest;
}

function fill(value: unknown, secrets: pulumi.Output<Record<string, string>>): unknown {
  if (typeof value === "string")
    return value.includes("\u{e000}") ? secrets.apply((known) => exchanged(value, known)) : value;
  if (Array.isArray(value)) return value.map((item) => fill(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, secrets)]));
}

/** Between quotes, as in the JSON of a credentials Secret, a value is escaped as JSON has it. */
export function exchanged(text: string, known: Record<string, string>): string {
  return Object.entries(known).reduce(
    (filled, [name, value]) =>
      filled
        .replaceAll(`"${mark(name)}"`, () => JSON.stringify(value))
        .replaceAll(mark(name), () => value),
    text,
  );
}
