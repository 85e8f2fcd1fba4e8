// Any Kubernetes object as a Pulumi resource, under the type token that the SDK's own class for its kind has.

import * as pulumi from "@pulumi/pulumi";

/** A Kubernetes object as plain data; values deeper down may be Pulumi inputs. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export class KubernetesObject extends pulumi.CustomResource {
  /** The live object's metadata. */
  declare readonly metadata: pulumi.Output<{ name: string; namespace?: string; uid: string }>;

  constructor(name: string, manifest: Manifest, opts?: pulumi.CustomResourceOptions) {
    const secretOutputs = manifest.kind === "Secret" ? ["data", "stringData"] : [];
    const secrets = { additionalSecretOutputs: secretOutputs };
    super(typeToken(manifest), name, { ...manifest }, pulumi.mergeOptions(secrets, opts));
  }
}

/** `kubernetes:apps/v1:Deployment`; the core group, which has no name, is called `core`. */
export function typeToken({ apiVersion, kind }: Pick<Manifest, "apiVersion" | "kind">): string {
  const version = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  return `kubernetes:${version}:${kind}`;
}

/** A name for the resource that a reader of a preview recognises: `Deployment/capi-system/manager`. */
export function resourceName({ kind, metadata }: Manifest): string {
  return [kind, metadata.namespace, metadata.name].filter(Boolean).join("/");
}
