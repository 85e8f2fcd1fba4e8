// What a machine must be told of the network around it where the network itself does not tell: name servers, time, the
// size of packets, proxies, and registries in the place of upstream's. Part of its kubeadm configuration: another
// surrounding is another machine.

import type { Mirrors } from "../images";
import type { WorkloadClusterSpec } from "./spec";

export interface Surroundings {
  /** Name servers beside those that the subnet gives by DHCP; these are asked first. @default none */
  dns?: string[];
  /** Time servers. @default those of the image */
  ntp?: string[];
  /** Greatest packet of the machines' NICs in bytes, such as 1442 in an overlay subnet. @default the NIC's own */
  mtu?: number;
  /** For what containerd and kubelet ask of the outside. Addresses of the cluster itself go around it. */
  proxy?: { http?: string; https?: string; noProxy: string[] };
  /** Registry -> the mirror that containerd pulls from: for images that nobody can rename. */
  mirrors?: Mirrors;
}

/** A file of a KubeadmConfig. */
export interface MachineFile {
  path: string;
  owner: "root:root";
  permissions: "0644";
  content: string;
}

type Spec = Pick<
  WorkloadClusterSpec,
  "surroundings" | "podCidr" | "serviceCidr" | "endpoint" | "vip" | "prismCentral"
>;

interface Part {
  files: MachineFile[];
  commands: string[];
}

const file = (path: string, lines: string[]): MachineFile => ({
  path,
  owner: "root:root",
  permissions: "0644",
  content: `${lines.join("\n")}\n`,
});

/** Files, commands to run before kubeadm, and time servers. */
export function surroundings(spec: Spec) {
  const { dns = [], ntp = [], mtu, proxy, mirrors = {} } = spec.surroundings ?? {};
  const parts = [
    ...(dns.length > 0 ? [nameServers(dns)] : []),
    ...(mtu === undefined ? [] : [packets(mtu)]),
    ...(proxy ? [proxies(proxy, spec)] : []),
    ...registries(mirrors),
  ];
  return {
    files: parts.flatMap(({ files }) => files),
    commands: [...new Set(parts.flatMap(({ commands }) => commands))],
    ...(ntp.length > 0 ? { ntp: { enabled: true, servers: ntp } } : {}),
  };
}

function nameServers(servers: string[]): Part {
  const lines = ["[Resolve]", `DNS=${servers.join(" ")}`, "Domains=~."];
  return {
    files: [file("/etc/systemd/resolved.conf.d/50-lab.conf", lines)],
    commands: ["systemctl restart systemd-resolved"],
  };
}

/** The file serves the next start of the machine; now its NICs are up already. */
function packets(mtu: number): Part {
  const lines = ["[Match]", "OriginalName=en* eth*", "", "[Link]", `MTUBytes=${mtu}`];
  return {
    files: [file("/etc/systemd/network/50-lab-mtu.link", lines)],
    commands: [`for nic in /sys/class/net/e*; do ip link set dev "\${nic##*/}" mtu ${mtu}; done`],
  };
}

function proxies(
  { http, https = http, noProxy }: NonNullable<Surroundings["proxy"]>,
  spec: Spec,
): Part {
  const { podCidr, serviceCidr, endpoint, vip, prismCentral } = spec;
  const cluster = [podCidr, serviceCidr, endpoint.host, vip, prismCentral.address];
  const around = ["localhost", "127.0.0.1", ".svc", ".cluster.local", ...cluster, ...noProxy];
  const variables = {
    HTTP_PROXY: http,
    HTTPS_PROXY: https,
    NO_PROXY: [...new Set(around)].join(","),
  };
  const lines = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`Environment="${name}=${value}"`],
  );
  return {
    files: ["containerd", "kubelet"].map((unit) =>
      file(`/etc/systemd/system/${unit}.service.d/50-lab-proxy.conf`, ["[Service]", ...lines]),
    ),
    commands: ["systemctl daemon-reload", "systemctl restart containerd"],
  };
}

/** containerd reads these at each pull. A mirror below a path is asked as it is, without `/v2` before the path. */
function registries(mirrors: Mirrors): Part[] {
  return Object.entries(mirrors)
    .filter(([registry]) => !registry.includes("/"))
    .map(([registry, mirror]) => {
      const [host = "", ...path] = mirror.split("/");
      const below = path.length > 0;
      const address = `https://${[host, "v2", ...path].slice(0, below ? undefined : 1).join("/")}`;
      const lines = [
        `server = "https://${registry === "docker.io" ? "registry-1.docker.io" : registry}"`,
        "",
        `[host."${address}"]`,
        '  capabilities = ["pull", "resolve"]',
        ...(below ? ["  override_path = true"] : []),
      ];
      const certificates = `/etc/containerd/certs.d/${registry}/hosts.toml`;
      return { files: [file(certificates, lines)], commands: [] };
    });
}
