// Cluster API with the kubeadm providers and CAPX, from manifest files, one resource per object.

import * as command from "@pulumi/command";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SelfSignedCertificate } from "../../providers/certificate";
import { KubernetesObject, type Manifest, resourceName } from "../kubernetes-object";
import type { ManagementCluster } from "../management-cluster";
import { shell } from "../shell";
import {
  certificateSecret,
  injectedFrom,
  isCertManagers,
  type WantedCertificate,
  wantedCertificates,
  withCaBundle,
} from "./certificates";
import { withoutDescriptions } from "./descriptions";
import { type ManifestFile, parseManifests, readManifestFiles } from "./manifests";
import { STAGES, stageOf } from "./stages";

export interface ClusterApiArgs {
  /** Version of Cluster API. */
  version: string;
  /** Folder with a folder per version, with the release's manifest files. */
  manifests: string;
  /** File or folder with the infrastructure provider's manifests. */
  infrastructure: string;
  /** Who makes the webhooks' certificates. */
  certificates: "self-signed" | "cert-manager";
  /** Keep the descriptions of CRDs' fields, for `kubectl explain`. */
  crdDescriptions: boolean;
  /** Values of ${NAME} in the manifests; upstream's defaults apply to the rest. */
  variables: Record<string, string>;
  /** The cluster that it is installed into. */
  cluster: ManagementCluster;
}

const PARTS = ["core", "bootstrap", "control-plane"];

/** Cluster API's controllers, all Available. */
export class ClusterApi extends pulumi.ComponentResource {
  private readonly objectOptions: pulumi.CustomResourceOptions;

  constructor(name: string, args: ClusterApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:ClusterApi", name, {}, opts);
    const { provider, lifetime } = args.cluster;
    this.objectOptions = {
      parent: this,
      provider,
      ...(lifetime ? { deletedWith: lifetime } : {}),
    };
    const folder = `${args.manifests}/${args.version}`;
    const files = readManifestFiles([
      ...PARTS.map((part) => `${folder}/${part}-components.yaml`),
      args.infrastructure,
    ]);
    const missing = files
      .filter(({ text }) => text === undefined)
      .map((file) => this.missing(file));
    const upstream = files.flatMap(({ text }) => parseManifests(text ?? "", args.variables));
    const manifests = args.crdDescriptions ? upstream : upstream.map(withoutDescriptions);
    const selfSigned = args.certificates === "self-signed";
    this.install(selfSigned ? this.signed(name, manifests) : manifests, missing);
    this.registerOutputs({});
  }

  /** Stands in a preview for a file that is not there, and fails an update with a sentence. */
  private missing(file: ManifestFile): pulumi.Resource {
    const sentence =
      `Reading ${file.path} failed: there is no such file. ` +
      "Fill the manifests' cache, or set clusterApi.manifests.";
    void pulumi.log.warn(sentence, this);
    const create = shell`echo ${sentence} >&2; exit 1`;
    return new command.local.Command(
      `missing/${path.basename(file.path)}`,
      { create },
      { parent: this },
    );
  }

  /** The manifests with certificates made here in the place of cert-manager's objects. */
  private signed(name: string, manifests: Manifest[]): Manifest[] {
    const bundles = new Map<string, pulumi.Output<string>>();
    const secrets = wantedCertificates(manifests).map((wanted) => {
      const certificate = this.certificate(name, wanted);
      const bundle = certificate.caPem.apply((pem) => Buffer.from(pem).toString("base64"));
      bundles.set(`${wanted.namespace}/${wanted.name}`, bundle);
      return certificateSecret(wanted, certificate);
    });
    const kept = manifests.filter((object) => !isCertManagers(object));
    const injected = kept.map((object) => {
      const bundle = bundles.get(injectedFrom(object) ?? "");
      return bundle ? withCaBundle(object, bundle) : object;
    });
    return [...injected, ...secrets];
  }

  private certificate(name: string, wanted: WantedCertificate): SelfSignedCertificate {
    return new SelfSignedCertificate(
      `${name}-${wanted.name}`,
      { commonName: wanted.name, dnsNames: wanted.dnsNames },
      { parent: this },
    );
  }

  /** One resource per object, a stage after the other. */
  private install(manifests: Manifest[], missing: pulumi.Resource[]): void {
    let before = missing;
    for (const stage of STAGES) {
      const objects = manifests.filter((object) => stageOf(object) === stage);
      const made = objects.map(
        (object) =>
          new KubernetesObject(resourceName(object), object, {
            ...this.objectOptions,
            dependsOn: before,
          }),
      );
      if (made.length > 0) before = made;
    }
  }
}
