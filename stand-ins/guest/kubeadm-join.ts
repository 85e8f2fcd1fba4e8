// `kubeadm join` of a guest. A worker's is one run of the real one. A further control plane's certificates must be
// for its twin too, which only the cluster's own configuration can ask for: they are made before kubeadm looks.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { programOf, type Machine } from "./hardware";
import { certificatesConfig, joinsControlPlane, rewriteJoin } from "./kubeadm-config";
import {
  adminKubeconfig,
  prepareSite,
  rewriteKubeconfigs,
  run,
  runAll,
  waitForApiServer,
  writeConfig,
} from "./kubeadm-run";
import { relayUrl } from "./relay";

const kubectlTimeout = "--request-timeout=30s";
const withTwin = ["apiserver", "etcd-server", "etcd-peer"];
// At level 1 kubeadm says why discovery does not come on (a wrong or expired token), while it still tries.
const talkative = "--v=1";

/** Joins a worker or a further control plane; answers kubeadm's exit code. */
export async function joinCluster(
  machine: Machine,
  config: string,
  rest: string[],
): Promise<number> {
  const original = readFileSync(config, "utf8");
  const site = prepareSite(machine, original);
  if (!joinsControlPlane(original)) {
    const file = writeConfig("join", rewriteJoin(original, site, ["preflight"]));
    return run(machine, ["join", "--config", file, talkative, ...rest]);
  }
  const skipped = ["preflight", "control-plane-prepare", "wait-control-plane"];
  const file = writeConfig("join", rewriteJoin(original, site, skipped));
  const prepare = (what: string, ...more: string[]) => [
    "join",
    "phase",
    "control-plane-prepare",
    what,
    "--config",
    file,
    ...more,
  ];
  let code = await run(machine, prepare("kubeconfig", talkative));
  if (code !== 0) return code;
  const certificates = writeConfig(
    "join-certificates",
    certificatesConfig(await clusterConfiguration(machine), original, site),
  );
  code = await runAll(machine, [
    ...withTwin.map((name) => ["init", "phase", "certs", name, "--config", certificates]),
    prepare("certs"),
    prepare("control-plane"),
  ]);
  if (code !== 0) return code;
  rewriteKubeconfigs(machine);
  code = await run(machine, ["join", "--config", file, talkative, ...rest], relayUrl(machine.twin));
  if (code === 0) await waitForApiServer(machine);
  return code;
}

async function clusterConfiguration(machine: Machine): Promise<string> {
  const path = "jsonpath={.data.ClusterConfiguration}";
  const words = ["get", "configmap", "kubeadm-config", "--namespace=kube-system", "-o", path];
  const { stdout } = await promisify(execFile)(programOf(machine, "kubectl"), [
    `--kubeconfig=${adminKubeconfig}`,
    kubectlTimeout,
    ...words,
  ]);
  return stdout;
}
