// The address of the control plane as this machine sees it: free before the cluster is made, answering afterwards. Pure.

import type { LabConfig } from "../../config/lab-config";
import { isLoopback } from "../prism-central";
import { type Finding, findingsOf } from "./finding";
import type { World } from "./inventory";
import { ownVms } from "./own-vms";
import type { Dialled } from "./ports";

const { ok, warning, failure } = findingsOf("control-plane endpoint");

const SSH = 22;

/** What to dial: the API server, and ssh, which tells whether any machine has the address. */
export function portsToDial({ workloadCluster }: LabConfig): { host: string; port: number }[] {
  const { endpoint, vip, kubeVip } = workloadCluster;
  const hosts = [...new Set([endpoint.host, ...(kubeVip === "arp" ? [vip] : [])])];
  return hosts.flatMap((host) => [
    { host, port: endpoint.port },
    // A loopback address is this machine, whose own sshd says nothing of a cluster.
    ...(isLoopback(host) ? [] : [{ host, port: SSH }]),
  ]);
}

/** `world` is absent where Prism Central was not asked: nobody knows then whether the cluster is there. */
export function checkEndpoint(
  config: LabConfig,
  dialled: Dialled[],
  world: World | undefined,
): Finding[] {
  const { host, port } = config.workloadCluster.endpoint;
  const api = dialled.find((each) => each.host === host && each.port === port);
  const unknown = dialled.find(({ code }) => code === "ENOTFOUND" || code === "EAI_AGAIN");
  if (unknown)
    return [failure(`${unknown.host} is no known host`, "Give it an address in DNS, or use one.")];
  const { name } = config.workloadCluster;
  if (world && ownVms(world).length > 0)
    return [
      api?.sound === "answers"
        ? ok(`cluster ${name} is there, and answers at ${host}:${port}`)
        : failure(
            `cluster ${name} has virtual machines, and ${host}:${port} ${SAYS[api?.sound ?? "silent"]}`,
            "Open the way from this machine to that port (route, firewall, floating IP), or look at the control plane's console in Prism Central.",
          ),
    ];
  return checkFree(config, dialled);
}

function checkFree(config: LabConfig, dialled: Dialled[]): Finding[] {
  const { kubeVip, endpoint } = config.workloadCluster;
  const taken = dialled.filter(
    ({ host, sound }) => sound === "answers" || (sound === "refuses" && !isLoopback(host)),
  );
  const [first] = taken;
  if (!first) return [ok(`${endpoint.host}:${endpoint.port} is free: nobody answers`)];
  const text = `${first.host}:${first.port} ${SAYS[first.sound]} before there is a cluster`;
  if (kubeVip === "none")
    return [
      warning(text, "Right where it is a load balancer: see that it leads to this cluster alone."),
    ];
  return [
    failure(
      `${text}: somebody has that address`,
      "Choose a free address, or end what has it. If it is this stack's own cluster, look at it first: npm run lab -- status.",
    ),
  ];
}

const SAYS: Record<Dialled["sound"], string> = {
  answers: "answers",
  refuses: "refuses connections",
  silent: "is silent",
  unreachable: "cannot be reached",
};
