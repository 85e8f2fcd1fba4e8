// Certificates for the stand-ins that speak TLS: a throw-away CA and a server certificate under it, and the
// request that a kubelet sends in its TLS bootstrap. ECDSA P-256 everywhere, as kubeadm's newer defaults.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

export interface CertificateOptions {
  commonName: string;
  dnsNames?: string[];
  ipAddresses?: string[];
  /** How long both certificates are valid. @default 365 */
  days?: number;
}

/** All PEM; the key is PKCS#8. */
export interface IssuedCertificate {
  certificate: string;
  key: string;
  ca: string;
}

export interface RequestOptions {
  commonName: string;
  organization?: string;
  dnsNames?: string[];
  ipAddresses?: string[];
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

x509.cryptoProvider.set(webcrypto as Crypto);

/** A new CA and a server certificate that it issued; the CA's own key is forgotten. */
export async function selfSigned(options: CertificateOptions): Promise<IssuedCertificate> {
  const notBefore = new Date(Date.now() - 60_000);
  const notAfter = new Date(notBefore.getTime() + (options.days ?? 365) * DAY);
  const caKeys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: distinguishedName(`${options.commonName} CA`),
    notBefore,
    notAfter,
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: distinguishedName(options.commonName),
    issuer: ca.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ...alternativeNames(options),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  return {
    certificate: pem(certificate),
    key: await privateKeyPem(keys.privateKey),
    ca: pem(ca),
  };
}

/** A certificate signing request and its new key, as a kubelet makes them for its TLS bootstrap. */
export async function certificateRequest(
  options: RequestOptions,
): Promise<{ csr: string; key: string }> {
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: distinguishedName(options.commonName, options.organization),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: alternativeNames(options),
  });
  return { csr: pem(request), key: await privateKeyPem(keys.privateKey) };
}

function newKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as Promise<CryptoKeyPair>;
}

// Built as data, not as text: a colon or comma in a name (system:node:x) needs no escaping then.
function distinguishedName(commonName: string, organization?: string): x509.JsonName {
  const rest = [{ CN: [commonName] }];
  return organization === undefined ? rest : [{ O: [organization] }, ...rest];
}

function alternativeNames(options: {
  dnsNames?: string[];
  ipAddresses?: string[];
}): x509.SubjectAlternativeNameExtension[] {
  const wrong = (options.ipAddresses ?? []).find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new Error(`"${wrong}" is no IP address for a certificate.`);
  const names: x509.JsonGeneralNames = [
    ...(options.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(options.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

/** 16 random bytes, positive, as RFC 5280 asks. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function pem(item: x509.X509Certificate | x509.Pkcs10CertificateRequest): string {
  return `${item.toString("pem").trim()}\n`;
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY").trim()}\n`;
}
