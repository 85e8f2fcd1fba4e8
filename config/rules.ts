// What texts of the configuration may look like.

import type { Rule } from "./section";

const matching = (pattern: RegExp, allowed: string): Rule => ({
  allowed,
  accepts: (value) => pattern.test(value),
});

const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ipv4 = `${octet}(\\.${octet}){3}`;
const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

export const rules = {
  version: matching(/^v\d+\.\d+\.\d+$/, "a version such as v1.36.3"),
  name: matching(new RegExp(`^${label}$`), "lower-case letters, digits and dashes, such as lab-1"),
  host: matching(
    new RegExp(`^(${ipv4}|(?![0-9.]+$)${label}(\\.${label})*)$`),
    "an IPv4 address or a host name, without https:// and port",
  ),
  address: matching(new RegExp(`^${ipv4}$`), "an IPv4 address"),
  cidr: matching(new RegExp(`^${ipv4}/([0-9]|[12]\\d|3[0-2])$`), "a range such as 10.244.0.0/16"),
  size: matching(/^[1-9]\d*(Mi|Gi)$/, "a size such as 8Gi"),
  uuid: matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID"),
  sha256: matching(/^[0-9a-f]{64}$/, "a SHA-256: 64 digits and letters a to f"),
  url: matching(
    /^https?:\/\/[^\s/@]+\/\S+$/,
    "an address such as https://files.example/node.qcow2, without user and password",
  ),
  imageName: {
    allowed: "the name of an image in Prism Central, without comma and semicolon",
    accepts: (value: string) => /^[^,;]+$/.test(value) && value !== "placeholder-image",
  },
  /** At least as many gibibytes. */
  sizeFrom: (gibibytes: number): Rule => ({
    allowed: `a size of at least ${gibibytes}Gi, such as ${2 * gibibytes}Gi`,
    accepts: (value) => rules.size.accepts(value) && mebibytes(value) >= gibibytes * 1024,
  }),
};

/** A size such as 8Gi as a number of mebibytes. */
export function mebibytes(size: string): number {
  const amount = Number.parseInt(size, 10);
  return size.endsWith("Gi") ? amount * 1024 : amount;
}

/** Whether two ranges of IPv4 addresses have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a.first <= b.last && b.first <= a.last;
}

function range(cidr: string): { first: number; last: number } {
  const [address = "", prefix = "32"] = cidr.split("/");
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(prefix));
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}
