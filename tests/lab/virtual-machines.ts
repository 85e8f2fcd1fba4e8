// Virtual machines made with curl, as somebody does who has nothing else of the lab.

import { execFileSync } from "node:child_process";
import { X509Certificate, createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import * as path from "node:path";
import { labProcesses } from "../../lab/processes";
import { kill, kubectl, program, type House } from "./house";

interface Entity {
  extId: string;
  config?: { clusterFunction: string[] };
}

interface Task {
  status: string;
  entitiesAffected: { extId: string; rel: string }[];
}

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

function dataFlags(body: unknown): string[] {
  if (body === undefined) return [];
  if (typeof body === "string")
    return ["-H", "content-type: application/octet-stream", "--data-binary", `@${body}`];
  return ["-H", "content-type: application/json", "--data-binary", JSON.stringify(body)];
}

/** Looks every 100 ms, at most for 30 s. */
function waitUntil<T>(what: string, look: () => T | false): T {
  for (let round = 0; round < 300; round++) {
    const found = look();
    if (found !== false) return found;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  throw new Error(`not seen within 30 s: ${what}`);
}

const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, "utf8");

export class VirtualMachines {
  private readonly house: House;

  constructor(house: House) {
    this.house = house;
  }

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
    const task = this.ended(this.curl("POST", "/vmm/v4.2/ahv/config/vms", body));
    const vm = task.entitiesAffected.find((item) => item.rel === "vmm:ahv:config:vm")!.extId;
    this.ended(
      this.curl("POST", `/vmm/v4.2/ahv/config/vms/${vm}/$actions/power-on`, undefined, vm),
    );
    return vm;
  }

  remove(vm: string): void {
    this.ended(this.curl("DELETE", `/vmm/v4.2/ahv/config/vms/${vm}`, undefined, vm));
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
    const { data = [] } = this.curl("GET", "/vmm/v4.2/ahv/config/vms") as { data?: Entity[] };
    return data.map(({ extId }) => extId);
  }

  /** How many virtual machines there are. */
  count(): number {
    const route = "/vmm/v4.2/ahv/config/vms?%24limit=1";
    const { metadata } = this.curl("GET", route) as { metadata: { totalAvailableResults: number } };
    return metadata.totalAvailableResults;
  }

  /** All categories, as key:value. */
  categories(): string[] {
    const { data = [] } = this.curl("GET", "/prism/v4.2/config/categories") as {
      data?: { key: string; value: string }[];
    };
    return data.map(({ key, value }) => `${key}:${value}`);
  }

  /** Names of all files of virtual machines, disks and images. */
  files(): string[] {
    const folders = ["vms", "disks", "images"].map((name) =>
      path.join(this.house.lab.directory, "prism-central", name),
    );
    return folders.flatMap((folder) => readdirSync(folder));
  }

  /** Ends everything that runs in a VM, at once. */
  crash(vm: string): void {
    const own = labProcesses(this.house.lab.id).filter(({ pid }) =>
      environmentOf(pid).includes(vm),
    );
    for (const { pid } of own) kill(pid);
  }

  /** Makes an image from a file. */
  upload(name: string, file: string): void {
    const body = {
      metadata: { kind: "image" },
      spec: { name, resources: { image_type: "DISK_IMAGE" } },
    };
    const made = this.curl("POST", "/nutanix/v3/images", body) as { metadata: { uuid: string } };
    const route = `/nutanix/v3/images/${made.metadata.uuid}`;
    const state = () =>
      (this.curl("GET", route) as { status: { state: string } }).status.state === "COMPLETE";
    waitUntil(`${name} can be filled`, state);
    this.curl("PUT", `${route}/file`, file);
    waitUntil(`${name} is filled`, state);
  }

  /** Names and states of all images, as the v3 API tells them. */
  images(): { name: string; state: string }[] {
    const { entities } = this.curl("POST", "/nutanix/v3/images/list", { kind: "image" }) as {
      entities: { status: { name: string; state: string } }[];
    };
    return entities.map(({ status: { name, state } }) => ({ name, state }));
  }

  private first(route: string, of: (item: Entity) => boolean = () => true): string {
    return (this.curl("GET", route) as { data: Entity[] }).data.find(of)!.extId;
  }

  /** A body that is a text is the name of a file. */
  private curl(method: string, route: string, body?: unknown, etagOf?: string): unknown {
    const { username, password } = JSON.parse(
      readFileSync(path.join(this.house.lab.directory, "credentials.json"), "utf8"),
    ) as { username: string; password: string };
    const address = `https://127.0.0.1:${this.house.lab.addresses.prismCentralPort}/api`;
    const always = ["-sk", "--max-time", "30", "-u", `${username}:${password}`];
    const run = (...args: string[]) =>
      execFileSync("curl", [...always, ...args], { encoding: "utf8" });
    const head =
      etagOf && run("-D", "-", "-o", "/dev/null", `${address}/vmm/v4.2/ahv/config/vms/${etagOf}`);
    const etag = head ? ["-H", `If-Match: ${/^etag: (.*)$/im.exec(head)![1]!.trim()}`] : [];
    const id = ["-H", `NTNX-Request-Id: ${randomUUID()}`];
    const answer = run("-X", method, ...id, ...etag, ...dataFlags(body), address + route);
    return answer === "" ? undefined : JSON.parse(answer);
  }

  /** The task that an answer names, when it has succeeded. */
  private ended(answer: unknown): Task {
    const { extId } = (answer as { data: Entity }).data;
    return waitUntil(`task ${extId} has ended`, () => {
      const { data } = this.curl("GET", `/prism/v4.2/config/tasks/${extId}`) as { data: Task };
      if (data.status === "FAILED") throw new Error(JSON.stringify(data));
      return data.status === "SUCCEEDED" && data;
    });
  }
}
