// Whoever speaks to Prism Central sends it a password. Without a look at its certificate, it may be anybody.

import { allowed } from "../allowed";
import type { Resource, Rule } from "../rule";

export const verifiedTls: Rule = {
  name: "verified-tls",
  description: "Certificates are verified, but for Prism Centrals that the stack names.",
  check: (resources) => {
    const { insecureTls } = allowed(resources);
    return resources
      .filter(({ type }) => type !== "lab:index:Guardrails")
      .flatMap((resource) =>
        unverified(resource)
          .filter((address) => !insecureTls.includes(address))
          .map((address) => ({
            urn: resource.urn,
            message:
              `It would not verify the certificate of ${address}. Give its CA as prismCentral.trustBundle and leave ` +
              `prismCentral.insecure out; or add ${address} to guardrails.insecureTls.`,
          })),
      );
  },
};

/** Addresses, each once. */
const unverified = ({ props }: Resource) => [...new Set(within(props))];

/** Groups that have an address and say insecure, at any depth; also as JSON in a text. */
function within(value: unknown): string[] {
  if (typeof value === "string") return inText(value);
  if (typeof value !== "object" || value === null) return [];
  const { address, insecure } = value as { address?: unknown; insecure?: unknown };
  const own = insecure === true && typeof address === "string" ? [address] : [];
  return [...own, ...Object.values(value).flatMap(within)];
}

function inText(text: string): string[] {
  if (!text.includes('"insecure"')) return [];
  return [...text.matchAll(/"address":\s*"([^"]+)"[^{}]*?"insecure":\s*true/g)].map(
    ([, address = ""]) => address,
  );
}
