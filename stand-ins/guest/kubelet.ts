// The kubelet's service: how the node program of the image is started once kubeadm has written its files.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { memberName } from "./etcd-names";
import { programOf, standInOf, type Machine } from "./hardware";
import { rewriteKubeconfig } from "./kubeadm-config";
import type { Service } from "./service";

const configFile = "/var/lib/kubelet/config.yaml";
const catalogueFile = "/etc/lab/catalogue.yaml";
const userCatalogueFile = "/etc/lab/user-catalogue.yaml";
const flagsFile = "/var/lib/kubelet/kubeadm-flags.env";
const bootstrapKubeconfig = "/etc/kubernetes/bootstrap-kubelet.conf";
const kubeconfig = "/etc/kubernetes/kubelet.conf";

/** What kubeadm's flags mean to the node program; the others are for a container runtime and are left out. */
const passedFlags = new Set(["node-labels", "register-with-taints"]);

/** The arguments in kubeadm-flags.env, `KUBELET_KUBEADM_ARGS="--a=b --c=d"`. */
export function readFlags(text: string): Map<string, string> {
  const value = /^KUBELET_KUBEADM_ARGS="(.*)"$/m.exec(text)?.[1] ?? "";
  const flags = new Map<string, string>();
  for (const word of value.split(/\s+/)) {
    const flag = /^--([^=]+)(?:=(.*))?$/.exec(word);
    if (flag?.[1] !== undefined) flags.set(flag[1], flag[2] ?? "true");
  }
  return flags;
}

/** The node program's command line; `catalogues` override the image's own. */
export function kubeletArguments(
  machine: Machine,
  flags: Map<string, string>,
  catalogues: string[],
): string[] {
  const { extId, name, vcpus, memoryBytes } = machine.hardware;
  const given: Record<string, string> = {
    config: configFile,
    "bootstrap-kubeconfig": bootstrapKubeconfig,
    kubeconfig,
    "hostname-override": flags.get("hostname-override") ?? name,
    "node-ip": machine.address,
    "system-uuid": extId,
    ...cloudFlags(flags, extId),
    ...(machine.kubernetesVersion && { "kubelet-version": machine.kubernetesVersion }),
    capacity: `cpu=${vcpus},memory=${Math.floor(memoryBytes / 1024)}Ki`,
    catalogue: [catalogueFile, ...catalogues].join(","),
    "root-dir": "/var/lib/kubelet",
    streams: programOf(machine, "kubelet-streams"),
  };
  const variables = {
    image: machine.imageRoot,
    bin: dirname(programOf(machine, "node")),
    dist: dirname(standInOf(machine, "node")),
    vm: extId,
    etcd: memberName(machine.address),
  };
  return [
    ...Object.entries(given),
    ...[...flags].filter(([flag]) => passedFlags.has(flag)),
    ...Object.entries(variables).map(([name, value]) => ["var", `${name}=${value}`] as const),
  ].flatMap(([flag, value]) => [`--${flag}`, value]);
}

/**
 * With an external cloud provider the CCM finds the provider id. Without one nobody would: then the machine itself says
 * what the CCM would.
 */
export function cloudFlags(flags: Map<string, string>, extId: string): Record<string, string> {
  const cloud = flags.get("cloud-provider");
  const given = flags.get("provider-id");
  const id = given ?? (cloud === "external" ? undefined : `nutanix://${extId}`);
  return {
    ...(cloud === undefined ? {} : { "cloud-provider": cloud }),
    ...(id === undefined ? {} : { "provider-id": id }),
  };
}

/** The kubelet's service of a machine. */
export function kubeletService(machine: Machine, environment: NodeJS.ProcessEnv): Service {
  return {
    name: "kubelet",
    ready: () =>
      existsSync(configFile) &&
      existsSync(flagsFile) &&
      (existsSync(kubeconfig) || existsSync(bootstrapKubeconfig)),
    program() {
      dialTwin(machine);
      const flags = readFlags(readFileSync(flagsFile, "utf8"));
      const catalogues = existsSync(userCatalogueFile) ? [userCatalogueFile] : [];
      return {
        command: programOf(machine, "node"),
        args: [standInOf(machine, "node"), ...kubeletArguments(machine, flags, catalogues)],
        environment,
      };
    },
  };
}

// kubeadm lets the kubelet of a joining control plane bootstrap at its own API server, by the machine's address.
function dialTwin({ address, twin }: Machine): void {
  if (!existsSync(bootstrapKubeconfig)) return;
  const text = readFileSync(bootstrapKubeconfig, "utf8");
  writeFileSync(bootstrapKubeconfig, rewriteKubeconfig(text, address, twin));
}
