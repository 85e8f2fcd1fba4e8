// The --config file of kind, as far as it is played: name, one control-plane node, the Service range. The rest is
// refused by name, since a cluster that silently differs is worse than none.
import { parse } from "yaml";

export interface ClusterConfig {
  name?: string;
  image?: string;
  serviceSubnet: string;
}

interface Config {
  name?: string;
  nodes?: Record<string, unknown>[];
  networking?: Record<string, unknown>;
  [key: string]: unknown;
}

export const defaultServiceSubnet = "10.96.0.0/16";

/** Reads the file's text. Throws with all that is not played. */
export function readConfig(text: string): ClusterConfig {
  const config = (parse(text) ?? {}) as Config;
  const { kind, apiVersion, name, nodes = [], networking = {}, ...rest } = config;
  const wrong = [
    ...(kind === "Cluster" ? [] : [`kind ${String(kind)}`]),
    ...(apiVersion === "kind.x-k8s.io/v1alpha4" ? [] : [`apiVersion ${String(apiVersion)}`]),
    ...Object.keys(rest),
    ...(nodes.length > 1 ? [`${nodes.length} nodes`] : []),
    ...nodes.flatMap(wrongInNode),
    ...Object.keys(networking)
      .filter((key) => !["serviceSubnet", "ipFamily"].includes(key))
      .map((key) => `networking.${key}`),
  ];
  if (wrong.length > 0)
    throw new Error(
      `the cluster configuration has what this stand-in does not play: ${wrong.join(", ")}`,
    );
  const serviceSubnet = networking["serviceSubnet"];
  return {
    name,
    image: nodes[0]?.["image"] as string | undefined,
    serviceSubnet: typeof serviceSubnet === "string" ? serviceSubnet : defaultServiceSubnet,
  };
}

function wrongInNode(node: Record<string, unknown>): string[] {
  const role = (node["role"] as string | undefined) ?? "control-plane";
  const others = Object.keys(node).filter((key) => key !== "role" && key !== "image");
  return [
    ...(role === "control-plane" ? [] : [`nodes.role ${role}`]),
    ...others.map((key) => `nodes.${key}`),
  ];
}

/** "300s", "5m", "1h2m3s", "0s" in milliseconds, as Go writes durations. */
export function milliseconds(duration: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (duration === "0") return 0;
  if (parts.map(([whole]) => whole).join("") !== duration || duration === "")
    throw new Error(`invalid duration "${duration}"`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

/** A node image names the version of Kubernetes; another one than ours cannot be had. */
export function checkImage(image: string | undefined, version: string): void {
  const tag = /:(v\d+\.\d+\.\d+)/.exec(image ?? "")?.[1];
  if (tag === undefined || tag === version) return;
  throw new Error(
    `failed to pull image "${image ?? ""}": this stand-in has Kubernetes ${version} only`,
  );
}
