import { X509Certificate, createPrivateKey } from "node:crypto";
import { diff } from "../../providers/certificate/inputs";
import { create } from "../../providers/certificate/operations";

const inputs = { commonName: "capi-webhook", dnsNames: ["capi.ns.svc"], validityDays: 10 };

test("create makes a certificate that its CA vouches for", async () => {
  const { id, outs } = await create(inputs);
  const certificate = new X509Certificate(outs.certificatePem);
  const ca = new X509Certificate(outs.caPem);
  expect({
    id,
    subject: certificate.subject,
    names: certificate.subjectAltName,
    usage: certificate.keyUsage,
    byCa: certificate.checkIssued(ca) && certificate.verify(ca.publicKey),
    keyFits: certificate.checkPrivateKey(createPrivateKey(outs.privateKeyPem)),
    days: (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000,
  }).toEqual({
    id: certificate.serialNumber.toLowerCase(),
    subject: "CN=capi-webhook",
    names: "DNS:capi.ns.svc",
    usage: ["1.3.6.1.5.5.7.3.1"],
    byCa: true,
    keyFits: true,
    days: 10,
  });
});

test("only what was asked for makes a new one", () => {
  const olds = { ...inputs, certificatePem: "c", privateKeyPem: "k", caPem: "a" };
  const news = { ...inputs, dnsNames: ["other.ns.svc"] };
  expect([diff(olds, inputs), diff(olds, news)]).toEqual([
    { changes: false, replaces: [], deleteBeforeReplace: false },
    { changes: true, replaces: ["dnsNames"], deleteBeforeReplace: false },
  ]);
});
