// What a certificate is asked for and what it keeps; what a change of it means. Pure.

export interface CertificateInputs {
  commonName: string;
  dnsNames: string[];
  validityDays: number;
}

export interface CertificateOutputs extends CertificateInputs {
  certificatePem: string;
  privateKeyPem: string;
  caPem: string;
}

/** Any change means a new certificate. */
export function diff(
  olds: CertificateOutputs,
  news: CertificateInputs,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const properties = ["commonName", "dnsNames", "validityDays"] as const;
  const replaces = properties.filter(
    (property) => JSON.stringify(olds[property]) !== JSON.stringify(news[property]),
  );
  return { changes: replaces.length > 0, replaces, deleteBeforeReplace: false };
}
