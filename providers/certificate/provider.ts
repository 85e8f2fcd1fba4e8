// The provider of this room, as Pulumi's dynamic provider process loads it: X.509 only where a certificate is to be made.
import type * as pulumi from "@pulumi/pulumi";
import { diff, type CertificateInputs, type CertificateOutputs } from "./inputs";
import type * as Operations from "./operations";

// eslint-disable-next-line @typescript-eslint/no-require-imports
const operations = () => require("./operations") as typeof Operations;

export const provider: pulumi.dynamic.ResourceProvider<CertificateInputs, CertificateOutputs> = {
  create: (inputs) => operations().create(inputs),
  diff: (_id, olds, news) => Promise.resolve(diff(olds, news)),
};
