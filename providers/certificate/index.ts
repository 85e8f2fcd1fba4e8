// A self-signed certificate as a resource, for Cluster API's webhooks where cert-manager is not used.
import * as pulumi from "@pulumi/pulumi";
import { operationsOf } from "../late";
import type * as Operations from "./operations";

export interface SelfSignedCertificateArgs {
  commonName: pulumi.Input<string>;
  /** Names that the certificate is good for. */
  dnsNames: pulumi.Input<pulumi.Input<string>[]>;
  /** @default 3650 */
  validityDays?: pulumi.Input<number>;
}

const operations = () => operationsOf("certificate") as typeof Operations;

const provider: pulumi.dynamic.ResourceProvider<
  Operations.CertificateInputs,
  Operations.CertificateOutputs
> = {
  create: (inputs) => operations().create(inputs),
  diff: (_id, olds, news) => Promise.resolve(operations().diff(olds, news)),
};

/** A certificate and the CA that issued it, made once. */
export class SelfSignedCertificate extends pulumi.dynamic.Resource {
  declare readonly certificatePem: pulumi.Output<string>;
  /** PKCS#8; a secret. */
  declare readonly privateKeyPem: pulumi.Output<string>;
  /** The CA's certificate; its key is kept nowhere. */
  declare readonly caPem: pulumi.Output<string>;

  constructor(name: string, args: SelfSignedCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const made = { certificatePem: undefined, privateKeyPem: undefined, caPem: undefined };
    super(
      provider,
      name,
      { validityDays: 3650, ...args, ...made },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKeyPem"] }),
      "certificate",
      "SelfSigned",
    );
  }
}
