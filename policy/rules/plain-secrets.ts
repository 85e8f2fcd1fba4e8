// What is secret stands in Secrets, which Pulumi encrypts and does not show: nowhere else in a cluster.

import { isObject, type Resource, type Rule, UNKNOWN } from "../rule";

/** Keys whose text is a secret. A reference to one (secretName, credentialRef) has another name. */
const SECRET_KEY =
  /^(password|passwd|passphrase|api[-_]?key|client[-_]?secret|secret[-_]?key|access[-_]?token|token)$/i;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/;
const WITH_PASSWORD = /\bhttps?:\/\/[^\s/:@]+:[^\s/@]+@/;
const SIGNED = /\bhttps?:\/\/\S+[?&](X-Amz-Signature|sig)=/;

/** Shorter ones are found everywhere. */
const LEAST_LENGTH = 8;

export const plainSecrets: Rule = {
  name: "plain-secrets",
  description: "Passwords, keys and tokens stand in Secrets alone.",
  check: (resources) => {
    const secret = secretTexts(resources);
    return resources
      .filter((resource) => isShown(resource))
      .flatMap(({ urn, props }) =>
        findings(props, secret).map((found) => ({
          urn,
          message: `It has ${found}. Put it into a Secret, as a Pulumi secret, and refer to that.`,
        })),
      );
  },
};

/** Objects but Secrets, and Helm releases, whose values are stored as they are. */
function isShown(resource: Resource): boolean {
  const helm = resource.type.startsWith("kubernetes:helm");
  return helm || (isObject(resource) && !resource.type.endsWith(":Secret"));
}

/** Passwords and keys that Secrets hold, in their own or as JSON in a text. */
function secretTexts(resources: Resource[]): string[] {
  const held = resources.filter(({ type }) => type.endsWith(":Secret"));
  const texts = held.flatMap(({ props }) => [...leaves(props["stringData"])]);
  const within = texts.flatMap(({ text }) => [
    ...[...text.matchAll(/\\?"(?:password|apiKey)\\?":\s*\\?"((?:[^"\\]|\\.)+?)\\?"/g)].map(
      ([, value = ""]) => value,
    ),
  ]);
  return [...new Set(within)].filter((text) => text.length >= LEAST_LENGTH);
}

interface Leaf {
  path: string;
  key: string;
  text: string;
}

/** Every text of a value, with the path and the last key to it. */
function* leaves(value: unknown, path = "", key = ""): Generator<Leaf> {
  if (typeof value === "string" && value !== UNKNOWN) yield { path, key, text: value };
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value))
    yield* leaves(item, path === "" ? name : `${path}.${name}`, name);
}

/** What is secret in a value, each with its place and never with its text. */
function findings(props: Record<string, unknown>, secret: string[]): string[] {
  return [...leaves(props)].flatMap(({ path, key, text }) => {
    const what = kindOf(key, text, secret);
    return what === undefined ? [] : [`${what} at ${path}`];
  });
}

function kindOf(key: string, text: string, secret: string[]): string | undefined {
  if (PRIVATE_KEY.test(text)) return "a private key";
  if (WITH_PASSWORD.test(text)) return "an address with a password";
  if (SIGNED.test(text)) return "a signed address";
  if (secret.some((known) => text.includes(known))) return "what a Secret holds";
  return SECRET_KEY.test(key) && text !== "" ? "a secret in plain text" : undefined;
}
