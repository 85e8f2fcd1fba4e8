// What the guest runs as `kubeadm`: the real kubeadm of the image, on configuration files fitted to the machine.
// init is cut in three where the real one would wait at addresses that nobody listens on (N, 127.0.0.1).
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programOf, type Machine } from "./hardware";
import {
  kubeletPatch,
  patchesOf,
  rewriteInit,
  rewriteJoin,
  rewriteKubeconfig,
  type ConfigSite,
} from "./kubeadm-config";
import { ended, start } from "./processes";
import { startRelay } from "./relay";
import { waitForHealth } from "./wait";

const kubernetesFolder = "/etc/kubernetes";
const workFolder = "/run/lab/kubeadm";
const waitSeconds = 240;
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

/** Runs kubeadm; answers its exit code. */
export async function kubeadm(machine: Machine, args: string[]): Promise<number> {
  try {
    const { verb, config, rest } = readCommand(args);
    if (config === undefined) return await run(machine, args);
    return await (verb === "init" ? init : joinCluster)(machine, config, rest);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Takes a whole `init` or `join` with its configuration file apart; single phases are kubeadm's own business. */
export function readCommand(args: string[]): {
  verb: string | undefined;
  config: string | undefined;
  rest: string[];
} {
  const rest: string[] = [];
  let config: string | undefined;
  const [verb, ...words] = args;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--config") config = words.shift();
    else if (word.startsWith("--config=")) config = word.slice("--config=".length);
    else rest.push(word);
  }
  const whole = (verb === "init" || verb === "join") && rest[0] !== "phase";
  return { verb, config: whole ? config : undefined, rest };
}

async function init(machine: Machine, config: string, rest: string[]): Promise<number> {
  const original = readFileSync(config, "utf8");
  const site = prepareSite(machine, original);
  const part = (name: string, skip: string[], proxy?: string) => {
    const file = join(workFolder, `${name}.yaml`);
    writeFileSync(file, rewriteInit(original, site, [...never, ...skip]), { mode: 0o600 });
    return run(machine, ["init", "--config", file, ...rest], proxy);
  };
  let code = await part("init-files", [...kubelet, ...online]);
  if (code !== 0) return code;
  rewriteKubeconfigs(machine);
  code = await part("init-kubelet", [...beforeKubelet, ...online]);
  if (code !== 0) return code;
  await waitHere("a healthy kubelet", `http://${machine.twin}:10248/healthz`);
  await waitHere("a healthy kube-apiserver", `https://${machine.twin}:6443/livez`);
  const relay = await startRelay(machine.twin);
  try {
    return await part("init-online", [...beforeKubelet, ...kubelet], relay.url);
  } finally {
    relay.close();
  }
}

async function joinCluster(machine: Machine, config: string, rest: string[]): Promise<number> {
  const original = readFileSync(config, "utf8");
  const file = join(workFolder, "join.yaml");
  const rewritten = rewriteJoin(original, prepareSite(machine, original));
  writeFileSync(file, rewritten, { mode: 0o600 });
  // At level 1 kubeadm says why discovery does not come on (a wrong or expired token), while it still tries.
  return run(machine, ["join", "--config", file, "--v=1", ...rest]);
}

function prepareSite(machine: Machine, config: string): ConfigSite {
  const patchesDirectory = join(workFolder, "patches");
  mkdirSync(patchesDirectory, { recursive: true });
  const given = patchesOf(config);
  if (given !== undefined) cpSync(given, patchesDirectory, { recursive: true });
  writeFileSync(
    join(patchesDirectory, "kubeletconfiguration9+merge.json"),
    kubeletPatch(machine.twin),
  );
  return { address: machine.address, twin: machine.twin, patchesDirectory };
}

function rewriteKubeconfigs(machine: Machine): void {
  for (const name of readdirSync(kubernetesFolder).filter((file) => file.endsWith(".conf"))) {
    const file = join(kubernetesFolder, name);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, rewriteKubeconfig(text, machine.address, machine.twin));
  }
}

function waitHere(what: string, url: string): Promise<void> {
  return waitForHealth({
    what,
    url,
    timeoutSeconds: waitSeconds,
    onProgress: (sentence) => process.stdout.write(`[guest] ${sentence}\n`),
  });
}

// The proxy is for the online phases alone: kubeadm copies proxy variables into the static pods it writes.
async function run(machine: Machine, args: string[], proxy?: string): Promise<number> {
  const environment = proxy === undefined ? process.env : { ...process.env, HTTPS_PROXY: proxy };
  const child = start({ command: programOf(machine, "kubeadm"), args, environment }, (line) =>
    process.stdout.write(`${line}\n`),
  );
  return (await ended(child)).code ?? 1;
}
