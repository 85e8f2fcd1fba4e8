// What texts of the configuration may look like.

import { isNetwork } from "./address-range";
import type { Rule } from "./section";

const matching = (pattern: RegExp, allowed: string): Rule => ({
  allowed,
  accepts: (value) => pattern.test(value),
});

const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ipv4 = `${octet}(\\.${octet}){3}`;
const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

const CIDR = new RegExp(`^${ipv4}/([0-9]|[12]\\d|3[0-2])$`);

export const rules = {
  version: matching(/^v\d+\.\d+\.\d+$/, "a version such as v1.36.3"),
  prismCentralVersion: matching(/^(pc\.)?\d+(\.\d+)+$/, "a version such as pc.7.5"),
  name: matching(new RegExp(`^${label}$`), "lower-case letters, digits and dashes, such as lab-1"),
  /** With the cluster's name before and a random ending behind, it still is a host name. */
  poolName: matching(
    new RegExp(`^(?=.{1,15}$)${label}$`),
    "at most 15 lower-case letters, digits and dashes, such as burst",
  ),
  /** Machines' names begin with it, and a host name has at most 63 characters. */
  clusterName: matching(
    new RegExp(`^(?=.{1,40}$)${label}$`),
    "at most 40 lower-case letters, digits and dashes, such as lab-1",
  ),
  sshKey: matching(
    /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)) AAAA[A-Za-z0-9+/=]+( .*)?$/,
    "public keys, such as ssh-ed25519 AAAA... me@home",
  ),
  host: matching(
    new RegExp(`^(${ipv4}|(?![0-9.]+$)${label}(\\.${label})*)$`),
    "an IPv4 address or a host name, without https:// and port",
  ),
  address: matching(new RegExp(`^${ipv4}$`), "an IPv4 address"),
  /** A range of addresses, written with its first address. */
  range: {
    allowed: "a range that begins with its first address, such as 10.244.0.0/16",
    accepts: (value: string) => CIDR.test(value) && isNetwork(value),
  },
  /** First and last address of a pool. */
  pool: matching(new RegExp(`^${ipv4} ?- ?${ipv4}$`), "a pool such as 10.0.0.50-10.0.0.120"),
  /** As Go writes it. The least unit is a second. */
  duration: matching(/^(?=\d)(\d+h)?(\d+m)?(\d+s)?$/, "a duration such as 90s, 15m or 1h30m"),
  /** The key of a label or a taint. */
  labelKey: matching(
    new RegExp(`^(${label}(\\.${label})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`),
    "a key such as tier or example.com/tier",
  ),
  labelValue: matching(
    /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
    "at most 63 letters, digits, dashes, dots and underscores",
  ),
  size: matching(/^[1-9]\d*(Mi|Gi)$/, "a size such as 8Gi"),
  uuid: matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID"),
  sha256: matching(/^[0-9a-f]{64}$/, "a SHA-256: 64 digits and letters a to f"),
  url: matching(
    /^https?:\/\/[^\s/@]+\/\S+$/,
    "an address such as https://files.example/node.qcow2, without user and password",
  ),
  proxy: matching(
    /^https?:\/\/[^\s/@:]+(:\d+)?\/?$/,
    "an address such as http://proxy.example:3128, without user and password",
  ),
  /** Manifests may also be a file of this machine. */
  manifestUrl: matching(
    /^(https?:\/\/[^\s/@]+|file:\/\/)\/\S+$/,
    "an address such as https://files.example/components.yaml, without user and password",
  ),
  imagePrefix: matching(
    /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9._-]+)*$/,
    "a registry or its beginning of names, such as harbor.lab.example/k8s, without https://",
  ),
  chartPrefix: matching(
    /^(https?|oci):\/\/[^\s@]+[^\s@/]$/,
    "an address such as oci://harbor.lab.example/charts, without a slash at its end",
  ),
  imageName: {
    allowed: "the name of an image in Prism Central, without comma and semicolon",
    accepts: (value: string) => /^[^,;]+$/.test(value),
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
