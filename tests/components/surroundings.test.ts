// What machines are told of the network around them, and that nothing is said where nothing has to be.

import { controlPlane } from "../../components/workload-cluster/control-plane";
import { poolObjects } from "../../components/workload-cluster/pool";
import type { WorkloadClusterSpec } from "../../components/workload-cluster/spec";
import { surroundings, type Surroundings } from "../../components/workload-cluster/surroundings";
import { pool, spec } from "../support/workload-spec";

const of = (given: Surroundings) => surroundings({ ...spec, surroundings: given });

test("nothing", () => {
  expect(surroundings(spec)).toEqual({ files: [], commands: [] });
  expect(of({ dns: [], ntp: [], mirrors: {} })).toEqual({ files: [], commands: [] });
});

test("name servers, time and the size of packets", () => {
  const { files, commands, ntp } = of({
    dns: ["10.0.0.2", "10.0.0.3"],
    ntp: ["time.lab.example"],
    mtu: 1442,
  });
  expect(files.map(({ path, content }) => [path, content])).toEqual([
    ["/etc/systemd/resolved.conf.d/50-lab.conf", "[Resolve]\nDNS=10.0.0.2 10.0.0.3\nDomains=~.\n"],
    [
      "/etc/systemd/network/50-lab-mtu.link",
      "[Match]\nOriginalName=en* eth*\n\n[Link]\nMTUBytes=1442\n",
    ],
  ]);
  expect(commands).toEqual([
    "systemctl restart systemd-resolved",
    'for nic in /sys/class/net/e*; do ip link set dev "${nic##*/}" mtu 1442; done',
  ]);
  expect(ntp).toEqual({ enabled: true, servers: ["time.lab.example"] });
});

test("a proxy, and all that goes around it", () => {
  const { files, commands } = of({
    proxy: { http: "http://proxy:3128", noProxy: [".lab.example"] },
  });
  const content = [
    "[Service]",
    'Environment="HTTP_PROXY=http://proxy:3128"',
    'Environment="HTTPS_PROXY=http://proxy:3128"',
    'Environment="NO_PROXY=localhost,127.0.0.1,.svc,.cluster.local,10.244.0.0/16,10.96.0.0/16,10.42.73.14,' +
      'pc.lab.example,.lab.example"',
    "",
  ].join("\n");
  const rights = { owner: "root:root", permissions: "0644", content };
  expect(files).toEqual([
    { ...rights, path: "/etc/systemd/system/containerd.service.d/50-lab-proxy.conf" },
    { ...rights, path: "/etc/systemd/system/kubelet.service.d/50-lab-proxy.conf" },
  ]);
  expect(commands).toEqual(["systemctl daemon-reload", "systemctl restart containerd"]);
});

test.each([
  [
    "registry.k8s.io",
    "harbor.lab.example/k8s",
    'server = "https://registry.k8s.io"\n\n[host."https://harbor.lab.example/v2/k8s"]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n',
  ],
  [
    "docker.io",
    "harbor.lab.example:5000",
    'server = "https://registry-1.docker.io"\n\n[host."https://harbor.lab.example:5000"]\n  capabilities = ["pull", "resolve"]\n',
  ],
])("a mirror of %s", (registry, mirror, content) => {
  const { files } = of({
    mirrors: { [registry]: mirror, "ghcr.io/kube-vip": "harbor.lab.example/vip" },
  });
  expect(files.map(({ path, content: text }) => [path, text])).toEqual([
    [`/etc/containerd/certs.d/${registry}/hosts.toml`, content],
  ]);
});

test("control plane and workers have it before kubeadm runs, and get other names with it", () => {
  const told = { ...spec, surroundings: { mtu: 1442, ntp: ["time.lab.example"] } };
  const made = (from: WorkloadClusterSpec) => ({
    plane: controlPlane(from),
    workers: poolObjects(from, pool),
  });
  const [before, after] = [made(spec), made(told)];
  const { kubeadmConfigSpec: plane } = after.plane.object["spec"] as {
    kubeadmConfigSpec: { files: object[]; preKubeadmCommands: string[] };
  };
  expect(plane.preKubeadmCommands.map((command) => command.split(" ")[0])).toEqual(["for", "if"]);
  expect(plane.files).toHaveLength(3);
  expect(after.workers.config["spec"]).toMatchObject({
    template: {
      spec: {
        files: [{ path: "/etc/systemd/network/50-lab-mtu.link" }],
        ntp: { enabled: true, servers: ["time.lab.example"] },
      },
    },
  });
  expect(before.workers.config["spec"]).toEqual({
    template: { spec: { joinConfiguration: expect.anything() } },
  });
  const names = ({ plane: { template }, workers }: ReturnType<typeof made>) => [
    template.metadata.name,
    workers.template.metadata.name,
    workers.config.metadata.name,
  ];
  expect(names(after).filter((name, at) => name === names(before)[at])).toEqual([]);
});
