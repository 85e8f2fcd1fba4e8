// The Node object and its lease: registered once, then kept alive. A Node that is deleted is not made again, as
// with a kubelet: whoever deletes it takes the machine away.
import { readFileSync } from "node:fs";
import { arch, release } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeError } from "../shared/kube-client";
import type { KubeClient, KubeObject, Resource } from "../shared/kube-client";
import { log } from "../shared/log";
import type { NodeView } from "./admission";
import type { Events } from "./events";
import type { NodeOptions } from "./options";

export interface NodeObject extends KubeObject {
  spec?: { podCIDR?: string; providerID?: string; taints?: unknown[]; unschedulable?: boolean };
  status?: { conditions?: { type: string; status: string; lastTransitionTime: string }[] };
}

interface Lease extends KubeObject {
  spec: Record<string, unknown>;
}

const nodes: Resource<NodeObject> = { group: "", version: "v1", plural: "nodes", kind: "Node" };
const leases: Resource<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
};

/** The Node as it is registered, its status included. */
export function nodeObject(options: NodeOptions, now: string): NodeObject {
  const { identity, labels, providerId } = options;
  const taints = [...options.taints, ...(options.externalCloud ? [uninitialized] : [])];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: identity.name, labels: { ...defaultLabels(identity.name), ...labels } },
    spec: {
      ...(providerId === undefined ? {} : { providerID: providerId }),
      ...(taints.length === 0 ? {} : { taints }),
      ...(options.schedulable ? {} : { unschedulable: true }),
    },
    status: nodeStatus(options, undefined, now),
  };
}

/** Keeps pods away until the cloud controller manager has done its part. */
const uninitialized = {
  key: "node.cloudprovider.kubernetes.io/uninitialized",
  value: "true",
  effect: "NoSchedule",
};

function defaultLabels(name: string): Record<string, string> {
  const architecture = arch() === "x64" ? "amd64" : arch();
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
  };
}

const conditions = [
  [
    "MemoryPressure",
    "False",
    "KubeletHasSufficientMemory",
    "kubelet has sufficient memory available",
  ],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
] as const;

/** The Node's status; times of transitions are kept from the last one. */
export function nodeStatus(
  options: NodeOptions,
  before: NodeObject | undefined,
  now: string,
): Record<string, unknown> {
  const { identity, capacity } = options;
  return {
    capacity,
    allocatable: capacity,
    ...(options.externalCloud ? {} : { addresses: ownAddresses(identity) }),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    conditions: conditions.map(([type, status, reason, message]) => {
      const old = before?.status?.conditions?.find((each) => each.type === type);
      const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
      return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime };
    }),
    nodeInfo: {
      machineID: options.systemUuid.replaceAll("-", ""),
      systemUUID: options.systemUuid,
      bootID: bootId(),
      kernelVersion: release(),
      osImage: "Nutanix serverless lab",
      containerRuntimeVersion: "process://1",
      kubeletVersion: options.kubeletVersion,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: arch() === "x64" ? "amd64" : arch(),
    },
  };
}

function ownAddresses({ ip, name }: NodeOptions["identity"]) {
  return [
    { type: "InternalIP", address: ip },
    { type: "Hostname", address: name },
  ];
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

export class Registration {
  private readonly client: KubeClient;
  private readonly options: NodeOptions;
  private readonly events: Events | undefined;
  private node: NodeObject | undefined;

  constructor(client: KubeClient, options: NodeOptions, events?: Events) {
    this.client = client;
    this.options = options;
    this.events = events;
  }

  /** What admission asks of the Node: as last seen, or as it is now. */
  async view(fresh: boolean): Promise<NodeView> {
    const { name } = this.options.identity;
    if (fresh) this.node = (await this.client.get(nodes, { name })) ?? this.node;
    return {
      name,
      allocatable: this.options.capacity,
      labels: this.node?.metadata.labels ?? {},
    };
  }

  /** Registers the Node, or brings an older one of this name up to date. Tries for ever. */
  async register(signal: AbortSignal): Promise<NodeObject> {
    for (let delay = 100; ; delay = Math.min(delay * 2, 2000)) {
      try {
        const node = await this.once();
        this.tell();
        return node;
      } catch (error) {
        log("registering the node failed", { reason: String(error), delay });
        await sleep(delay, undefined, { signal });
      }
    }
  }

  private tell(): void {
    const { name } = this.options.identity;
    const event = (reason: string, message: string) =>
      this.events?.ofNode({ type: "Normal", reason, message });
    event("Starting", "Starting kubelet.");
    event("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
    for (const reason of [
      "NodeHasSufficientMemory",
      "NodeHasNoDiskPressure",
      "NodeHasSufficientPID",
      "NodeReady",
    ])
      event(reason, `Node ${name} status is now: ${reason}`);
  }

  /** The Node's pod range, waited for. */
  async podCidr(signal: AbortSignal): Promise<string> {
    for (;;) {
      const node = await this.client
        .get(nodes, { name: this.options.identity.name })
        .catch(() => undefined);
      if (node?.spec?.podCIDR) return node.spec.podCIDR;
      await sleep(500, undefined, { signal });
    }
  }

  /** Renews the lease four times in its duration, and the status every five minutes. */
  async keepAlive(signal: AbortSignal): Promise<void> {
    const { leaseSeconds } = this.options;
    for (let last = Date.now(); !signal.aborted;) {
      await this.renewLease().catch((error: unknown) =>
        log("renewing the lease failed", { reason: String(error) }),
      );
      if (Date.now() - last > 300_000) {
        await this.patchStatus().catch((error: unknown) =>
          log("node status failed", { reason: String(error) }),
        );
        last = Date.now();
      }
      await sleep((leaseSeconds * 1000) / 4, undefined, { signal }).catch(() => undefined);
    }
  }

  private async once(): Promise<NodeObject> {
    const { options } = this;
    const { name } = options.identity;
    try {
      this.node = await this.client.create(nodes, nodeObject(options, timeNow()));
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
      const wanted = nodeObject(options, timeNow());
      const { providerID } = wanted.spec ?? {};
      this.node = await this.client.patch(
        nodes,
        { name },
        {
          metadata: { labels: wanted.metadata.labels },
          ...(providerID === undefined ? {} : { spec: { providerID } }),
        },
      );
      await this.patchStatus();
    }
    log("registered", { node: name });
    return this.node;
  }

  private async patchStatus(): Promise<void> {
    const status = nodeStatus(this.options, this.node, timeNow());
    const { name } = this.options.identity;
    this.node = await this.client.patch(nodes, { name }, { status }, "status");
  }

  private async renewLease(): Promise<void> {
    const { name } = this.options.identity;
    const namespace = "kube-node-lease";
    const renewTime = new Date().toISOString().replace("Z", "000Z");
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: this.options.leaseSeconds,
      renewTime,
    };
    try {
      await this.client.patch(leases, { name, namespace }, { spec });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
      const uid = this.node?.metadata.uid ?? "";
      const owner = { apiVersion: "v1", kind: "Node", name, uid };
      await this.client.create(leases, {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name, namespace, ownerReferences: [owner] },
        spec,
      });
    }
  }
}

function timeNow(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
