// Runs the image's real kubeadm, and prepares what all of its runs need: a place for configuration files, patches,
// kubeconfigs that dial the twin.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programOf, type Machine } from "./hardware";
import { patches, patchesOf, rewriteKubeconfig, type ConfigSite } from "./kubeadm-config";
import { ended, start } from "./processes";
import { waitForHealth } from "./wait";

const kubernetesFolder = "/etc/kubernetes";
const workFolder = "/run/lab/kubeadm";
const waitSeconds = 240;

/** The kubeconfig that kubeadm writes for itself. */
export const adminKubeconfig = join(kubernetesFolder, "admin.conf");

/** Makes the working folder with its patches, those of the original configuration included. */
export function prepareSite(machine: Machine, config: string): ConfigSite {
  const patchesDirectory = join(workFolder, "patches");
  mkdirSync(patchesDirectory, { recursive: true });
  const given = patchesOf(config);
  if (given !== undefined) cpSync(given, patchesDirectory, { recursive: true });
  for (const [name, patch] of Object.entries(patches(machine)))
    writeFileSync(join(patchesDirectory, name), JSON.stringify(patch));
  return { address: machine.address, twin: machine.twin, patchesDirectory };
}

/** Writes a configuration file for a run. Answers its path. */
export function writeConfig(name: string, text: string): string {
  const file = join(workFolder, `${name}.yaml`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Lets the kubeconfigs that kubeadm has written dial the twin. */
export function rewriteKubeconfigs(machine: Machine): void {
  for (const name of readdirSync(kubernetesFolder).filter((file) => file.endsWith(".conf"))) {
    const file = join(kubernetesFolder, name);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, rewriteKubeconfig(text, machine.address, machine.twin));
  }
}

/** Waits for the machine's own API server, then for the control-plane endpoint that admin.conf names. */
export async function waitForApiServer(machine: Machine): Promise<void> {
  await waitHere("a healthy kube-apiserver", `https://${machine.twin}:6443/livez`);
  const server = /^\s*server: (\S+)/m.exec(readFileSync(adminKubeconfig, "utf8"))?.[1];
  if (server !== undefined) await waitHere("the control-plane endpoint", `${server}/livez`);
}

/** Waits for an address to answer 200, on the console. */
export function waitHere(what: string, url: string): Promise<void> {
  return waitForHealth({
    what,
    url,
    timeoutSeconds: waitSeconds,
    onProgress: (sentence) => process.stdout.write(`[guest] ${sentence}\n`),
  });
}

/**
 * Runs kubeadm; answers its exit code. A proxy is for phases that dial N alone: kubeadm copies proxy variables into
 * the static pods that it writes.
 */
export async function run(machine: Machine, args: string[], proxy?: string): Promise<number> {
  const environment = proxy === undefined ? process.env : { ...process.env, HTTPS_PROXY: proxy };
  const child = start({ command: programOf(machine, "kubeadm"), args, environment }, (line) =>
    process.stdout.write(`${line}\n`),
  );
  return (await ended(child)).code ?? 1;
}

/** Runs kubeadm time after time until one fails; answers that one's exit code. */
export async function runAll(machine: Machine, commands: string[][]): Promise<number> {
  for (const args of commands) {
    const code = await run(machine, args);
    if (code !== 0) return code;
  }
  return 0;
}
