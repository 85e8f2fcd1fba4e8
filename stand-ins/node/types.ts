// What the parts of the node tell each other about pods and containers.
import type {
  V1Container,
  V1EnvVar,
  V1EnvVarSource,
  V1HTTPGetAction,
  V1KeyToPath,
  V1PodSpec,
  V1PodStatus,
  V1Probe,
  V1Volume,
  V1VolumeProjection,
} from "@kubernetes/client-node";
import type { KubeObject, Resource } from "../shared/kube-client";

/** client-node's classes as the JSON that the API server sends: times are strings. */
type Plain<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

export interface Pod extends KubeObject {
  spec: Plain<V1PodSpec>;
  status?: Plain<V1PodStatus>;
}

export type Container = Plain<V1Container>;
export type EnvVar = Plain<V1EnvVar>;
export type EnvVarSource = Plain<V1EnvVarSource>;
export type HttpGet = Plain<V1HTTPGetAction>;
export type KeyToPath = Plain<V1KeyToPath>;
export type Probe = Plain<V1Probe>;
export type Volume = Plain<V1Volume>;
export type VolumeProjection = Plain<V1VolumeProjection>;

export const pods: Resource<Pod> = { group: "", version: "v1", plural: "pods", kind: "Pod" };

/** Who the node is, as its pods see it. */
export interface NodeIdentity {
  name: string;
  /** In API objects, of 198.18.0.0/15. */
  ip: string;
  /** What is listened on and dialled. */
  loopback: string;
}

/** A pod's addresses: the one in API objects, and what is listened on and dialled. */
export interface PodAddress {
  ip: string;
  loopback: string;
}

export interface Terminated {
  exitCode: number;
  signal?: number;
  reason: string;
  message?: string;
  startedAt: string;
  finishedAt: string;
  containerID?: string;
}

export type ContainerState =
  | { kind: "waiting"; reason: string; message?: string }
  | { kind: "running"; startedAt: string }
  | { kind: "terminated"; end: Terminated };

/** All that is known of one container of a pod. */
export interface ContainerRecord {
  name: string;
  state: ContainerState;
  last?: Terminated;
  restarts: number;
  started: boolean;
  ready: boolean;
  id?: string;
  imageId?: string;
}

/** What of a container outlives the node's process. */
export interface ContainerMemory {
  record: ContainerRecord;
  run?: { pid: number; start: string; folder: string };
  logFile?: string;
  previousLogFile?: string;
  programs: Record<string, string[]>;
}

/** "namespace/name". */
export function nameOf(pod: { metadata: { namespace?: string; name: string } }): string {
  return `${pod.metadata.namespace ?? "default"}/${pod.metadata.name}`;
}

/** This moment as API objects have it: RFC 3339 with whole seconds. */
export function nowOf(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
