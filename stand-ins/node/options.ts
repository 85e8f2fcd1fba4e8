// What the node is told: flags, and the KubeletConfiguration that kubeadm writes.
import { statfsSync } from "node:fs";
import { cpus, hostname, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { twin } from "../shared/addresses";
import type { Endpoint } from "../shared/relay";
import type { NodeIdentity } from "./types";

/** The flags as commander gives them. */
export interface Flags {
  kubeconfig: string;
  bootstrapKubeconfig?: string;
  config?: string;
  hostnameOverride?: string;
  nodeIp: string;
  rootDir: string;
  systemUuid?: string;
  providerId?: string;
  cloudProvider?: string;
  capacity?: string;
  nodeLabels?: string;
  registerWithTaints?: string;
  registerSchedulable?: string;
  podCidr?: string;
  kubeletVersion: string;
  catalogue?: string;
  var: string[];
  streams?: string;
  shim?: string;
}

/** The part of a KubeletConfiguration that is read. */
export interface KubeletConfiguration {
  staticPodPath?: string;
  healthzBindAddress?: string;
  healthzPort?: number;
  registerWithTaints?: Taint[];
  nodeLeaseDurationSeconds?: number;
  maxPods?: number;
  authentication?: { x509?: { clientCAFile?: string } };
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export interface NodeOptions {
  identity: NodeIdentity;
  kubeconfig: string;
  bootstrapKubeconfig?: string;
  rootDir: string;
  systemUuid: string;
  providerId?: string;
  /** Addresses, and what is not known of the cloud otherwise, are a cloud controller manager's to set. */
  externalCloud: boolean;
  capacity: Record<string, string>;
  labels: Record<string, string>;
  taints: Taint[];
  schedulable: boolean;
  podCidr?: string;
  kubeletVersion: string;
  catalogueFiles: string[];
  variables: Record<string, string>;
  streams?: string;
  shim?: string;
  staticPodPath?: string;
  clientCaFile?: string;
  leaseSeconds: number;
  healthz?: Endpoint;
}

/** Joins flags and configuration to what the node works with. */
export function nodeOptions(flags: Flags, configuration: KubeletConfiguration): NodeOptions {
  const loopback = twin(flags.nodeIp);
  const name = (flags.hostnameOverride ?? hostname()).toLowerCase();
  return {
    identity: { name, ip: flags.nodeIp, loopback },
    kubeconfig: flags.kubeconfig,
    bootstrapKubeconfig: flags.bootstrapKubeconfig,
    rootDir: flags.rootDir,
    systemUuid: flags.systemUuid ?? "00000000-0000-0000-0000-000000000000",
    providerId: flags.providerId,
    externalCloud: isExternal(flags.cloudProvider),
    capacity: { ...machineCapacity(configuration.maxPods), ...pairs(flags.capacity) },
    labels: pairs(flags.nodeLabels),
    taints: [...(configuration.registerWithTaints ?? []), ...taints(flags.registerWithTaints)],
    schedulable: flags.registerSchedulable !== "false",
    podCidr: flags.podCidr,
    kubeletVersion: flags.kubeletVersion,
    catalogueFiles: list(flags.catalogue),
    variables: { node: process.execPath, ...pairs(flags.var.join(",")) },
    streams: flags.streams,
    shim: shimOf(flags),
    staticPodPath: configuration.staticPodPath,
    clientCaFile: configuration.authentication?.x509?.clientCAFile,
    leaseSeconds: configuration.nodeLeaseDurationSeconds ?? 40,
    healthz: healthz(configuration, loopback),
  };
}

/** Reads a KubeletConfiguration; unknown fields are of no concern here. */
export function readConfiguration(text: string): KubeletConfiguration {
  return (parse(text) ?? {}) as KubeletConfiguration;
}

function isExternal(cloudProvider = ""): boolean {
  if (cloudProvider !== "" && cloudProvider !== "external")
    throw new Error(`--cloud-provider failed: "${cloudProvider}" is neither "external" nor empty.`);
  return cloudProvider === "external";
}

// kubeadm binds healthz to 127.0.0.1, which all nodes of this machine would share.
function healthz(configuration: KubeletConfiguration, loopback: string): Endpoint | undefined {
  const port = configuration.healthzPort ?? 10248;
  if (port === 0) return undefined;
  const host = configuration.healthzBindAddress ?? "127.0.0.1";
  return {
    host: ["127.0.0.1", "0.0.0.0", "::1", "::"].includes(host) ? loopback : twin(host),
    port,
  };
}

// The two programs are built together and lie together. Whoever simulates pods needs none of them.
function shimOf({ shim, streams }: Flags): string | undefined {
  return shim ?? (streams === undefined ? undefined : join(dirname(streams), "container-shim"));
}

function machineCapacity(maxPods = 110): Record<string, string> {
  const { bsize, blocks } = statfsSync("/");
  return {
    "ephemeral-storage": `${Math.floor((bsize * blocks) / 1024)}Ki`,
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(maxPods),
  };
}

function list(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((item) => item !== "");
}

/** "a=b,c=d" as a record. */
export function pairs(text: string | undefined): Record<string, string> {
  return Object.fromEntries(
    list(text).map((item) => {
      const at = item.indexOf("=");
      return at < 0 ? [item, ""] : [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}

/** "key=value:Effect,key:Effect" as taints. */
export function taints(text: string | undefined): Taint[] {
  return list(text).map((item) => {
    const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(item) ?? [];
    if (key === undefined || effect === undefined)
      throw new Error(`--register-with-taints failed: "${item}" is not KEY=VALUE:EFFECT.`);
    return { key, ...(value ? { value } : {}), effect };
  });
}
