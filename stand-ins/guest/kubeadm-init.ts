// `kubeadm init` of a guest: cut in three where the real one would wait at addresses that nobody listens on
// (N, 127.0.0.1).
import { readFileSync } from "node:fs";
import type { Machine } from "./hardware";
import { rewriteInit } from "./kubeadm-config";
import {
  prepareSite,
  rewriteKubeconfigs,
  run,
  waitForApiServer,
  waitHere,
  writeConfig,
} from "./kubeadm-run";
import { relayUrl } from "./relay";

const beforeKubelet = ["certs", "kubeconfig", "etcd", "control-plane"];
const kubelet = ["kubelet-start"];
const online = [
  "upload-config",
  "upload-certs",
  "mark-control-plane",
  "bootstrap-token",
  "kubelet-finalize",
  "addon",
  "show-join-command",
];
const never = ["preflight", "wait-control-plane"];

/** Makes the first control plane; answers kubeadm's exit code. */
export async function initCluster(
  machine: Machine,
  config: string,
  rest: string[],
): Promise<number> {
  const original = readFileSync(config, "utf8");
  const site = prepareSite(machine, original);
  const part = (name: string, skip: string[], proxy?: string) => {
    const file = writeConfig(name, rewriteInit(original, site, [...never, ...skip]));
    return run(machine, ["init", "--config", file, ...rest], proxy);
  };
  let code = await part("init-files", [...kubelet, ...online]);
  if (code !== 0) return code;
  rewriteKubeconfigs(machine);
  code = await part("init-kubelet", [...beforeKubelet, ...online]);
  if (code !== 0) return code;
  await waitHere("a healthy kubelet", `http://${machine.twin}:10248/healthz`);
  await waitForApiServer(machine);
  return part("init-online", [...beforeKubelet, ...kubelet], relayUrl(machine.twin));
}
