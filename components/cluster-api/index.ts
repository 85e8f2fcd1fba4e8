// Cluster API with the kubeadm providers and CAPX, from manifest files, one resource per object.

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { SelfSignedCertificate } from "../../providers/certificate";
import { type Mirrors, withMirrors } from "../images";
import { KubernetesObject, type Manifest, resourceName } from "../kubernetes-object";
import type { ManagementCluster } from "../management-cluster";
import { shell } from "../shell";
import {
  awaitingCertManager,
  certificateSecret,
  injectedFrom,
  isCertManagers,
  type WantedCertificate,
  wantedCertificates,
  withCaBundle,
} from "./certificates";
import { withoutDescriptions } from "./descriptions";
import { type ManifestSource, parseManifests, readManifests } from "./manifests";
import { STAGES, stageOf } from "./stages";
import { marks, type PrismCentral, prismSecrets, prismVariables, withSecrets } from "./variables";

export interface ClusterApiArgs {
  /** Manifests by part. */
  sources: {
    core: ManifestSource;
    bootstrap: ManifestSource;
    controlPlane: ManifestSource;
    infrastructure: ManifestSource;
    /** cert-manager's own; needed where it makes the certificates. */
    certManager?: ManifestSource;
  };
  /** Who makes the webhooks' certificates. */
  certificates: "self-signed" | "cert-manager";
  /** Keep the descriptions of CRDs' fields, for `kubectl explain`. */
  crdDescriptions: boolean;
  /** Values of ${NAME} in the manifests; Prism Central's and upstream's defaults apply to the rest. */
  variables: Record<string, string>;
  /** Where images are taken from in the place of upstream's registries. */
  mirrors: Mirrors;
  /** What CAPX falls back to for a cluster that names no Prism Central. */
  prismCentral: PrismCentral;
  /** The cluster that it is installed into. */
  cluster: ManagementCluster;
}

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
    const { certManager, ...providers } = args.sources;
    const managed = args.certificates === "cert-manager";
    const missing: pulumi.Resource[] = [];
    const read = (part: string, source: ManifestSource) => this.read(part, source, args, missing);
    const own = managed && certManager ? read("certManager", certManager) : [];
    const upstream = Object.entries(providers).flatMap(([part, source]) => read(part, source));
    const manifests = managed
      ? [own, upstream].map((objects) => objects.map(awaitingCertManager))
      : [this.signed(name, upstream)];
    this.install(manifests, missing);
    this.registerOutputs({});
  }

  /** The objects of a part. What is not there to be read becomes one resource of `missing`. */
  private read(
    part: string,
    source: ManifestSource,
    args: ClusterApiArgs,
    missing: pulumi.Resource[],
  ): Manifest[] {
    const secrets = prismSecrets(args.prismCentral);
    const plain = { ...prismVariables(args.prismCentral), ...marks(secrets), ...args.variables };
    return readManifests(source, pulumi.getStack()).flatMap(({ text, problem = "" }) => {
      if (text === undefined) {
        missing.push(this.missing(part, problem));
        return [];
      }
      return parseManifests(text, plain)
        .map((object) => (args.crdDescriptions ? object : withoutDescriptions(object)))
        .map((object) => withSecrets(withMirrors(object, args.mirrors), secrets));
    });
  }

  /** Stands in a preview for what cannot be read, and fails an update with a sentence. */
  private missing(part: string, sentence: string): pulumi.Resource {
    void pulumi.log.warn(sentence, this);
    const create = shell`echo ${sentence} >&2; exit 1`;
    return new command.local.Command(`missing/${part}`, { create }, { parent: this });
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

  /** One resource per object, a stage after the other: those of the first list, then those of the next. */
  private install(lists: Manifest[][], missing: pulumi.Resource[]): void {
    let before = missing;
    const stages = lists.flatMap((list) =>
      STAGES.map((stage) => list.filter((object) => stageOf(object) === stage)),
    );
    for (const objects of stages) {
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
