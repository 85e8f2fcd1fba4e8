// Secrets out of text: those that this lab has, wherever they stand, and everything that looks like one.

import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import type { Lab } from "./lab";

export const REDACTED = "[redacted]";

/** What a secret looks like, whoever's it is. The first group, if there is one, is kept. */
const PATTERNS: RegExp[] = [
  /-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----[\s\S]*?-----END (?:[A-Z ]+ )?PRIVATE KEY-----/g,
  // PEM in base64, as kubeconfigs and Secrets carry it
  /LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}/g,
  // JSON Web Tokens
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  // bootstrap tokens of kubeadm
  /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g,
  /\b((?:Basic|Bearer) )[\w+/=.~-]{8,}/gi,
  // values under telling names, in YAML, JSON, flags and environments
  /((?:passphrase|password|passwd|secret|token|api[-_]?key|client-key-data|client-certificate-data|certificateKey|encryptionsalt)["']?[ \t]*[:=][ \t]*)(?!["']?(?:$|\{|\[|null\b|\[redacted\]))["']?[^\s"',}]{6,}["']?/gim,
  // Pulumi's ciphertexts
  /\bv1:[A-Za-z0-9+/=]{12,}:[A-Za-z0-9+/=]{12,}/g,
  // user and password in an address
  /(\w+:\/\/)[^\s/:@]+:[^\s/@]+(?=@)/g,
];

/** The text without secrets. Pure. */
export function redact(text: string, secrets: string[]): string {
  const plain = secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  return PATTERNS.reduce(
    (rest, pattern) =>
      rest.replace(pattern, (_: string, kept: unknown) =>
        typeof kept === "string" ? `${kept}${REDACTED}` : REDACTED,
      ),
    plain,
  );
}

const LEAST = 6;

/** The secrets of this lab: passphrase, credentials, what kubeconfigs hold, and those of the environment. */
export function knownSecrets(lab: Lab, environment: NodeJS.ProcessEnv = process.env): string[] {
  const file = (name: string) => path.join(lab.directory, name);
  const texts = [
    ...(existsSync(file("passphrase")) ? [readFileSync(file("passphrase"), "utf8").trim()] : []),
    ...passwordOf(file("credentials.json")),
    ...["kubeconfig", "workload-kubeconfig"].flatMap((name) => kubeconfigSecrets(file(name))),
    ...[
      "NUTANIX_PASSWORD",
      "NUTANIX_API_KEY",
      "PULUMI_CONFIG_PASSPHRASE",
      "PULUMI_ACCESS_TOKEN",
    ].map((name) => environment[name] ?? ""),
  ];
  const all = texts.flatMap((text) => [text, Buffer.from(text).toString("base64")]);
  // The longest first: one may hold another.
  return [...new Set(all)]
    .filter(({ length }) => length >= LEAST)
    .sort((a, b) => b.length - a.length);
}

function passwordOf(file: string): string[] {
  if (!existsSync(file)) return [];
  const { username, password } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return [password ?? "", Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64")];
}

interface Kubeconfig {
  users?: { user?: Record<string, unknown> }[];
}

function kubeconfigSecrets(file: string): string[] {
  if (!existsSync(file)) return [];
  const { users = [] } = (parse(readFileSync(file, "utf8")) ?? {}) as Kubeconfig;
  return users.flatMap(({ user = {} }) =>
    ["client-key-data", "token", "password"].flatMap((key) => {
      const value = user[key];
      return typeof value === "string" ? [value] : [];
    }),
  );
}
