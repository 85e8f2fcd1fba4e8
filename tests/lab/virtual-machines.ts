// Virtual machines made with curl, as somebody does who has nothing else of the lab.

import { X509Certificate, createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import * as path from "node:path";
import { labProcesses } from "../../lab/processes";
import { kill, kubectl, program } from "./house";
import { type Entity, PrismByCurl } from "./prism-by-curl";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const vmBody = (name: string, of: { image: string; subnet: string; cluster: string }) => ({
  name,
  numSockets: 1,
  numCoresPerSocket: 1,
  memorySizeBytes: 2 * 2 ** 30,
  cluster: { extId: of.cluster },
  nics: [{ networkInfo: { subnet: { extId: of.subnet } } }],
  disks: [
    {
      backingInfo: {
        $objectType: "vmm.v4.ahv.config.VmDisk",
        dataSource: {
          reference: { $objectType: "vmm.v4.ahv.config.ImageReference", imageExtId: of.image },
        },
      },
    },
  ],
});

const cloudInit = (name: string, userData: string) => ({
  config: {
    $objectType: "vmm.v4.ahv.config.CloudInit",
    datasourceType: "CONFIG_DRIVE_V2",
    metadata: base64(JSON.stringify({ hostname: name, uuid: randomUUID() })),
    cloudInitScript: { $objectType: "vmm.v4.ahv.config.Userdata", value: base64(userData) },
  },
});

const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, "utf8");

export class VirtualMachines extends PrismByCurl {
  /** Makes a VM from the first image there is, powers it on, and answers its extId. */
  create(name: string, userData: string): string {
    const image = this.first("/vmm/v4.2/content/images");
    const subnet = this.first("/networking/v4.2/config/subnets");
    const cluster = this.first(
      "/clustermgmt/v4.2/config/clusters",
      (item) => item.config?.clusterFunction.includes("AOS") === true,
    );
    const body = {
      ...vmBody(name, { image, subnet, cluster }),
      guestCustomization: cloudInit(name, userData),
    };
    const task = this.ended(this.call("POST", "/vmm/v4.2/ahv/config/vms", body));
    const vm = task.entitiesAffected.find((item) => item.rel === "vmm:ahv:config:vm")!.extId;
    this.ended(
      this.call("POST", `/vmm/v4.2/ahv/config/vms/${vm}/$actions/power-on`, undefined, vm),
    );
    return vm;
  }

  remove(vm: string): void {
    this.ended(this.call("DELETE", `/vmm/v4.2/ahv/config/vms/${vm}`, undefined, vm));
  }

  consoleOf(vm: string): string {
    const folder = path.join(this.house.lab.directory, "prism-central", "vms", vm);
    const file = path.join(folder, "console.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Executables of the guest's processes; those of the host's own system (shells, sleep) are left out. */
  guestPrograms(vm: string): string[] {
    return labProcesses(this.house.lab.id)
      .filter(({ pid }) => environmentOf(pid).includes(vm))
      .map(({ pid }) => readlinkSync(`/proc/${pid}/exe`))
      .filter((file) => !/^(\/usr)?\/s?bin\//.test(file));
  }

  /** The bootstrap data of a worker, with something wrong in it. */
  joinConfig(wrong: { token?: string; hash?: string }): string {
    const { host } = this.house.lab.addresses.controlPlaneEndpoint;
    const kubeconfig = path.join(this.house.lab.directory, "workload-kubeconfig");
    const token =
      wrong.token ??
      program(this.house, "kubeadm", "token", "create", "--kubeconfig", kubeconfig).trim();
    return `#cloud-config
write_files:
  - path: /run/kubeadm/kubeadm-join-config.yaml
    content: |
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: JoinConfiguration
      discovery:
        bootstrapToken:
          apiServerEndpoint: ${host}:6443
          token: ${token}
          caCertHashes: ["${wrong.hash ?? this.caHash()}"]
      timeouts: { discovery: 10s }
      nodeRegistration: { name: impostor }
runcmd:
  - kubeadm join --config /run/kubeadm/kubeadm-join-config.yaml
`;
  }

  /** The bootstrap data of a control plane of its own: the whole of kubeadm's files, no add-ons. */
  initConfig(): string {
    return `#cloud-config
write_files:
  - path: /run/kubeadm/kubeadm.yaml
    content: |
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      kubernetesVersion: v1.36.3
      clusterName: by-curl
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: InitConfiguration
      nodeRegistration: { name: by-curl }
      skipPhases: [addon/coredns, addon/kube-proxy]
runcmd:
  - kubeadm init --config /run/kubeadm/kubeadm.yaml && echo the control plane is up
`;
  }

  private caHash(): string {
    const args = ["get", "configmap", "-n", "kube-public", "cluster-info", "-o", "yaml"];
    const info = kubectl(this.house, "workload", ...args);
    const pem = Buffer.from(/certificate-authority-data: (\S+)/.exec(info)![1]!, "base64");
    const key = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
    return `sha256:${createHash("sha256").update(key).digest("hex")}`;
  }

  /** Ids of all virtual machines. */
  ids(): string[] {
    const { data = [] } = this.call("GET", "/vmm/v4.2/ahv/config/vms") as { data?: Entity[] };
    return data.map(({ extId }) => extId);
  }

  /** How many virtual machines there are. */
  count(): number {
    const route = "/vmm/v4.2/ahv/config/vms?%24limit=1";
    const { metadata } = this.call("GET", route) as { metadata: { totalAvailableResults: number } };
    return metadata.totalAvailableResults;
  }

  /** Ends everything that runs in a VM, at once. */
  crash(vm: string): void {
    const own = labProcesses(this.house.lab.id).filter(({ pid }) =>
      environmentOf(pid).includes(vm),
    );
    for (const { pid } of own) kill(pid);
  }
}
