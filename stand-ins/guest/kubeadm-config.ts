// Fits kubeadm's configuration files to a machine whose address N is never dialled: certificates are also for
// its twin L, the API server advertises N, the kubelet listens on L. Everything else stays as Cluster API wrote it.
import { parseAllDocuments } from "yaml";
import { anyMember, memberName } from "./etcd-names";

type Fields = Record<string, unknown>;

/** What a rewriting needs to know of the machine. */
export interface ConfigSite {
  address: string;
  twin: string;
  /** A folder with the patches. */
  patchesDirectory: string;
}

const socket = "unix:///run/containerd/containerd.sock";

/** The init configuration, with `skip` added to the phases that it skips. */
export function rewriteInit(text: string, site: ConfigSite, skip: string[]): string {
  const documents = parseDocuments(text);
  if (!documents.some((document) => document["kind"] === "InitConfiguration"))
    documents.push({ ...versionOf(documents), kind: "InitConfiguration" });
  if (!documents.some((document) => document["kind"] === "ClusterConfiguration"))
    documents.push({ ...versionOf(documents), kind: "ClusterConfiguration" });
  return serialise(documents.map((document) => rewriteInitDocument(document, site, skip)));
}

/** The join configuration, with `skip` added to the phases that it skips. */
export function rewriteJoin(text: string, site: ConfigSite, skip: string[]): string {
  return serialise(
    parseDocuments(text).map((document) => {
      if (document["kind"] !== "JoinConfiguration") return document;
      return {
        ...registered(document, site),
        ...(document["controlPlane"] === undefined
          ? {}
          : { controlPlane: advertised(record(document["controlPlane"]), site) }),
        skipPhases: withNames(document["skipPhases"], skip),
      };
    }),
  );
}

/** Whether a join configuration is that of a further control plane. */
export function joinsControlPlane(text: string): boolean {
  const { controlPlane } = joinConfiguration(text);
  return controlPlane !== undefined && controlPlane !== null;
}

/** A configuration for `init phase certs`: the cluster's own one, for the machine that joins by `join`. */
export function certificatesConfig(cluster: string, join: string, site: ConfigSite): string {
  const documents = parseDocuments(cluster);
  const { name } = record(joinConfiguration(join)["nodeRegistration"]);
  const machine = {
    ...versionOf(documents),
    kind: "InitConfiguration",
    ...(name === undefined ? {} : { nodeRegistration: { name } }),
  };
  return rewriteInit(serialise([...documents, machine]), site, []);
}

/** The folder of patches that a configuration names itself, to be kept. */
export function patchesOf(text: string): string | undefined {
  for (const document of parseDocuments(text)) {
    const directory = record(document["patches"])["directory"];
    if (typeof directory === "string") return directory;
  }
  return undefined;
}

/**
 * kubeadm's patches, by their files' names. The kubelet listens on the machine's own loopback address. etcd's Pod tells
 * a further control plane's kubeadm where to ask; told by address, the first of them could be a machine that is gone
 * already (its Pod lives for another minute), whose name the certificates of the others are not for.
 */
export function patches({ address, twin }: Omit<ConfigSite, "patchesDirectory">) {
  const url = `https://${memberName(address)}:2379`;
  return {
    "kubeletconfiguration9+merge.json": { address: twin, healthzBindAddress: twin },
    "etcd9+merge.json": {
      metadata: { annotations: { "kubeadm.kubernetes.io/etcd.advertise-client-urls": url } },
    },
  };
}

/** Kubeconfigs dial the twin where kubeadm wrote the machine's address or 127.0.0.1. */
export function rewriteKubeconfig(text: string, address: string, twin: string): string {
  return text.replace(
    /^(\s*server: https:\/\/)([^:/\s]+)(?=[:/])/gm,
    (whole: string, start: string, host: string) =>
      host === address || host === "127.0.0.1" ? `${start}${twin}` : whole,
  );
}

/** A kubeconfig whose only server is the machine's own API server. */
export function localKubeconfig(text: string, twin: string): string {
  return text.replace(/^(\s*server: ).*$/gm, `$1https://${twin}:6443`);
}

function rewriteInitDocument(document: Fields, site: ConfigSite, skip: string[]): Fields {
  if (document["kind"] === "ClusterConfiguration") return certified(document, site.twin);
  if (document["kind"] !== "InitConfiguration") return document;
  return {
    ...advertised(registered(document, site), site),
    skipPhases: withNames(document["skipPhases"], skip),
  };
}

function advertised(document: Fields, site: ConfigSite): Fields {
  const given = record(document["localAPIEndpoint"]);
  return {
    ...document,
    localAPIEndpoint: { bindPort: 6443, ...given, advertiseAddress: site.address },
  };
}

function joinConfiguration(text: string): Fields {
  return parseDocuments(text).find((document) => document["kind"] === "JoinConfiguration") ?? {};
}

function registered(document: Fields, site: ConfigSite): Fields {
  return {
    ...document,
    nodeRegistration: { criSocket: socket, ...record(document["nodeRegistration"]) },
    patches: { directory: site.patchesDirectory },
  };
}

function certified(document: Fields, twin: string): Fields {
  const apiServer = record(document["apiServer"]);
  const etcd = record(document["etcd"]);
  const rewritten = {
    ...document,
    apiServer: { ...apiServer, certSANs: withNames(apiServer["certSANs"], [twin]) },
  };
  if (etcd["external"] !== undefined) return rewritten;
  const local = record(etcd["local"]);
  return {
    ...rewritten,
    etcd: {
      local: {
        ...local,
        serverCertSANs: withNames(local["serverCertSANs"], [twin, anyMember]),
        peerCertSANs: withNames(local["peerCertSANs"], [twin]),
      },
    },
  };
}

function withNames(names: unknown, more: string[]): string[] {
  return [...new Set([...texts(names), ...more])];
}

function versionOf(documents: Fields[]): Fields {
  return { apiVersion: documents[0]?.["apiVersion"] };
}

function parseDocuments(text: string): Fields[] {
  return parseAllDocuments(text, { version: "1.1" })
    .map((document) => document.toJS() as unknown)
    .filter(isRecord);
}

// As JSON: what is a string stays one, whichever YAML version reads it.
function serialise(documents: Fields[]): string {
  return documents.map((document) => `---\n${JSON.stringify(document, null, 2)}\n`).join("");
}

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
