// The server's certificate, kept in DATA/tls so that clients' trust outlives a restart.
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { selfSigned } from "../shared/certificates";

export interface TlsFiles {
  ca: string;
  certificate: string;
  key: string;
}

const A_MONTH = 30 * 24 * 60 * 60 * 1000;

/** Files of a certificate for an address; made when there is none or it is about to end. */
export async function tlsFiles(dataDir: string, host: string, now: Date): Promise<TlsFiles> {
  const folder = join(dataDir, "tls");
  const files = {
    ca: join(folder, "ca.crt"),
    certificate: join(folder, "tls.crt"),
    key: join(folder, "tls.key"),
  };
  if (Object.values(files).every((file) => existsSync(file)) && isGood(files, host, now))
    return files;
  const issued = await selfSigned({
    commonName: "prism-central",
    dnsNames: ["localhost"],
    ipAddresses: [...new Set(["127.0.0.1", host])],
    days: 3650,
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(files.ca, issued.ca);
  writeFileSync(files.certificate, issued.certificate);
  writeFileSync(files.key, issued.key, { mode: 0o600 });
  return files;
}

function isGood(files: TlsFiles, host: string, now: Date): boolean {
  const certificate = new X509Certificate(readFileSync(files.certificate));
  const lasts = certificate.validToDate.getTime() > now.getTime() + A_MONTH;
  return lasts && certificate.checkIP(host) !== undefined;
}
