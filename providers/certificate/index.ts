// A self-signed certificate as a resource, for Cluster API's webhooks where cert-manager is not used.
import * as pulumi from "@pulumi/pulumi";
import { LateResource } from "../late";

export interface SelfSignedCertificateArgs {
  commonName: pulumi.Input<string>;
  /** Names that the certificate is good for. */
  dnsNames: pulumi.Input<pulumi.Input<string>[]>;
  /** @default 3650 */
  validityDays?: pulumi.Input<number>;
}

/** A certificate and the CA that issued it, made once. */
export class SelfSignedCertificate extends LateResource {
  declare readonly certificatePem: pulumi.Output<string>;
  /** PKCS#8; a secret. */
  declare readonly privateKeyPem: pulumi.Output<string>;
  /** The CA's certificate; its key is kept nowhere. */
  declare readonly caPem: pulumi.Output<string>;

  constructor(name: string, args: SelfSignedCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const made = { certificatePem: undefined, privateKeyPem: undefined, caPem: undefined };
    super(
      { room: "certificate", token: "certificate:SelfSigned" },
      name,
      { validityDays: 3650, ...args, ...made },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKeyPem"] }),
    );
  }
}
