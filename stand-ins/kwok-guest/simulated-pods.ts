// The pods of a simulated node: Running and Ready at once, gone as soon as they are deleted. Nothing runs.
import type { KubeClient, KubeObject } from "../shared/kube-client";
import { pathOf } from "../shared/kube-client";
import { KubeStore } from "../shared/kube-store";
import { log } from "../shared/log";
import { pods as resource } from "../node/types";
import type { Resource } from "../shared/kube-client";

export interface SimulatedPod extends KubeObject {
  spec?: {
    hostNetwork?: boolean;
    containers: { name: string; image: string }[];
    readinessGates?: { conditionType: string }[];
  };
  status?: { phase?: string };
}

const pods = resource as unknown as Resource<SimulatedPod>;

/** What a pod's status needs to know of its node. */
export interface Host {
  nodeName: string;
  nodeIp: string;
  /** The next free address of the node's pod range, or undefined when it has none. */
  nextIp: () => Promise<string | undefined>;
}

/** Plays a node's pods until the signal comes. */
export function simulatePods(client: KubeClient, host: Host, signal: AbortSignal): void {
  const store = new KubeStore(client, pods, undefined, `spec.nodeName=${host.nodeName}`);
  store.onChange((pod, gone) => {
    if (gone) return;
    act(client, host, pod).catch((error: unknown) => {
      log("playing a pod failed", { pod: pod.metadata.name, reason: String(error) });
    });
  });
  store.start();
  signal.addEventListener("abort", () => store.stop());
}

async function act(client: KubeClient, host: Host, pod: SimulatedPod): Promise<void> {
  const { metadata, status, spec } = pod;
  if (metadata.deletionTimestamp) {
    await client.call("DELETE", `${pathOf(pods, metadata)}?gracePeriodSeconds=0`).catch(ignoreGone);
    return;
  }
  if (status?.phase !== undefined && status.phase !== "Pending") return;
  const podIp = spec?.hostNetwork ? host.nodeIp : await host.nextIp();
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const patch = { status: runningStatus(pod, { hostIp: host.nodeIp, podIp, now }) };
  await client.patch(pods, metadata, patch, "status").catch(ignoreGone);
}

/** The status of a pod whose containers run and are ready. */
export function runningStatus(
  { spec }: SimulatedPod,
  { hostIp, podIp, now }: { hostIp: string; podIp: string | undefined; now: string },
): object {
  const gates = (spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const types = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", ...gates];
  return {
    phase: "Running",
    startTime: now,
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    conditions: [...types, "PodScheduled"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime: now,
    })),
    containerStatuses: (spec?.containers ?? []).map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      containerID: `kwok://${name}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } },
    })),
  };
}

function ignoreGone(error: unknown): void {
  if ((error as { status?: number }).status !== 404) throw error;
}
