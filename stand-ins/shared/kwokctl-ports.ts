// The ports of a cluster of kwokctl, which would else look for free ones downwards from 32767, so that two which start
// in the same moment take the same ones.
import { freePort } from "./free-port";

const names = [
  "etcdPort",
  "etcdPeerPort",
  "kubeApiserverPort",
  "kubeControllerManagerPort",
  "kubeSchedulerPort",
  "kwokControllerPort",
] as const;

/** KwokctlConfiguration.options: every port that kwokctl 0.8.0 would choose itself. */
export type KwokctlPorts = Record<(typeof names)[number], number>;

/** Free ports, all different, claimed by this process until the cluster has had time to listen on them. */
export async function kwokctlPorts(): Promise<KwokctlPorts> {
  const ports = await Promise.all(names.map(async (name) => [name, await freePort()]));
  return Object.fromEntries(ports) as KwokctlPorts;
}
