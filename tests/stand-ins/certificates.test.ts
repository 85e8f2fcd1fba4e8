import "reflect-metadata";
import { X509Certificate, createPrivateKey } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { certificateRequest, selfSigned } from "../../stand-ins/shared/certificates";

describe("selfSigned", () => {
  test("issues a server certificate that the CA vouches for", async () => {
    const issued = await selfSigned({
      commonName: "prism-central",
      dnsNames: ["localhost", "prism.lab"],
      ipAddresses: ["127.0.0.1"],
      days: 2,
    });
    const certificate = new X509Certificate(issued.certificate);
    const ca = new X509Certificate(issued.ca);
    expect({
      subject: certificate.subject,
      names: certificate.subjectAltName,
      usage: certificate.keyUsage,
      isCa: certificate.ca,
      issuedByCa: certificate.checkIssued(ca) && certificate.verify(ca.publicKey),
      keyFits: certificate.checkPrivateKey(createPrivateKey(issued.key)),
      caIsCa: ca.ca,
      days: (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000,
    }).toEqual({
      subject: "CN=prism-central",
      names: "DNS:localhost, DNS:prism.lab, IP Address:127.0.0.1",
      usage: ["1.3.6.1.5.5.7.3.1"],
      isCa: false,
      issuedByCa: true,
      keyFits: true,
      caIsCa: true,
      days: 2,
    });
  });

  test("refuses an address that is none", async () => {
    await expect(selfSigned({ commonName: "x", ipAddresses: ["localhost"] })).rejects.toThrow(
      '"localhost" is no IP address for a certificate.',
    );
  });
});

test("certificateRequest asks in a node's name", async () => {
  const { csr, key } = await certificateRequest({
    commonName: "system:node:worker-1",
    organization: "system:nodes",
  });
  const request = new x509.Pkcs10CertificateRequest(csr);
  expect({
    subject: request.subject,
    signed: await request.verify(),
    key: createPrivateKey(key).asymmetricKeyDetails,
  }).toEqual({
    subject: "O=system:nodes, CN=system:node:worker-1",
    signed: true,
    key: { namedCurve: "prime256v1" },
  });
});
