import { execFileSync } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { fillTemplate, planBoot, scriptOf } from "../../stand-ins/guest/cloud-config";
import { createConsole, lineSplitter } from "../../stand-ins/guest/console";
import type { Machine } from "../../stand-ins/guest/hardware";
import { readCommand } from "../../stand-ins/guest/kubeadm";
import {
  kubeletPatch,
  localKubeconfig,
  rewriteInit,
  rewriteJoin,
  rewriteKubeconfig,
} from "../../stand-ins/guest/kubeadm-config";
import { kubeletArguments, readFlags } from "../../stand-ins/guest/kubelet";
import { startRelay, targetOf } from "../../stand-ins/guest/relay";
import { backOff } from "../../stand-ins/guest/service";

const site = { address: "198.18.80.50", twin: "127.18.80.50", patchesDirectory: "/run/patches" };

describe("cloud-config", () => {
  test("becomes a plan, as Cluster API writes it", () => {
    const zipped = gzipSync("zipped\n").toString("base64");
    const userData = `## template: jinja
#cloud-config

write_files:
-   path: /a
    owner: root:root
    permissions: '0640'
    content: |
      host {{ ds.meta_data.hostname }} {{ unknown }}
-   { path: /b, encoding: gzip+base64, content: ${zipped}, permissions: 0600 }
-   { path: /c, encoding: b64, content: Yw==, append: true }
runcmd:
  - 'kubeadm init --config /a  && echo success > /done'
  - [echo, "it's", 3]
ntp: { enabled: true }
`;
    expect(planBoot(userData, { hostname: "node-1" })).toEqual({
      hostname: "node-1",
      files: [
        {
          path: "/a",
          content: Buffer.from("host node-1 {{ unknown }}\n"),
          mode: 0o640,
          owner: "root:root",
          append: false,
        },
        {
          path: "/b",
          content: Buffer.from("zipped\n"),
          mode: 0o600,
          owner: undefined,
          append: false,
        },
        { path: "/c", content: Buffer.from("c"), mode: 0o644, owner: undefined, append: true },
      ],
      bootCommands: [],
      commands: ["kubeadm init --config /a  && echo success > /done", "'echo' 'it'\\''s' '3'"],
      ignored: ["ntp"],
    });
  });

  test("is left alone without the template's first line", () => {
    expect(fillTemplate("#cloud-config\n{{ ds.meta_data.hostname }}", { hostname: "a" })).toBe(
      "#cloud-config\n{{ ds.meta_data.hostname }}",
    );
  });

  test.each([
    ["#!/bin/sh", 'its first line is "#!/bin/sh", not "#cloud-config"'],
    [
      "#cloud-config\nwrite_files: [{ path: /a, encoding: rot13 }]",
      '/a has the unknown encoding "rot13"',
    ],
    ["#cloud-config\nwrite_files: [{ content: a }]", "an entry has no path"],
  ])("refuses %j", (userData, sentence) => {
    expect(() => planBoot(userData, {})).toThrow(sentence);
  });

  test("its commands run as one script, and a failing one is reported", () => {
    const script = scriptOf(["A=1", "false", "echo a$A; echo b >&2", "(exit 4)"], "MARK");
    const output = execFileSync("sh", ["-c", script], { encoding: "utf8" });
    expect(output.split("\n")).toEqual(["MARK 1 1", "a1", "b", "MARK 3 4", ""]);
  });
});

describe("kubeadm's configuration", () => {
  const documents = (text: string) =>
    text
      .split(/^---\n/m)
      .filter(Boolean)
      .map((document) => JSON.parse(document) as unknown);

  test("of init: certificates for the twin, the address advertised, the rest kept", () => {
    const original = `---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer: { certSANs: [localhost], extraArgs: [{ name: v, value: "on" }] }
controlPlaneEndpoint: 127.18.80.10:6443
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: { name: node-1 }
skipPhases: [addon/kube-proxy]
`;
    expect(documents(rewriteInit(original, site, ["preflight"]))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "ClusterConfiguration",
        apiServer: {
          certSANs: ["localhost", "127.18.80.50"],
          extraArgs: [{ name: "v", value: "on" }],
        },
        controlPlaneEndpoint: "127.18.80.10:6443",
        etcd: { local: { serverCertSANs: ["127.18.80.50"], peerCertSANs: ["127.18.80.50"] } },
      },
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "InitConfiguration",
        nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock", name: "node-1" },
        localAPIEndpoint: { advertiseAddress: "198.18.80.50", bindPort: 6443 },
        patches: { directory: "/run/patches" },
        skipPhases: ["addon/kube-proxy", "preflight"],
      },
    ]);
  });

  const join = (more: string) =>
    `apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\nnodeRegistration: { name: w }\n${more}`;

  test("of a worker's join", () => {
    expect(documents(rewriteJoin(join(""), site))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "JoinConfiguration",
        nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock", name: "w" },
        patches: { directory: "/run/patches" },
        skipPhases: ["preflight"],
      },
    ]);
  });

  test("of a further control plane is refused by name", () => {
    expect(() => rewriteJoin(join("controlPlane: {}\n"), site)).toThrow(
      "a further control plane is not done yet",
    );
  });

  test("kubeconfigs dial the twin instead of the machine's address", () => {
    const text = [
      "    server: https://198.18.80.50:6443",
      "    server: https://127.0.0.1:6443",
      "    server: https://127.18.80.10:6443",
      "    server: https://198.18.80.5:6443",
    ].join("\n");
    expect(rewriteKubeconfig(text, site.address, site.twin).split("\n")).toEqual([
      "    server: https://127.18.80.50:6443",
      "    server: https://127.18.80.50:6443",
      "    server: https://127.18.80.10:6443",
      "    server: https://198.18.80.5:6443",
    ]);
    expect(localKubeconfig("  server: https://127.18.80.10:6443\n", site.twin)).toBe(
      "  server: https://127.18.80.50:6443\n",
    );
    expect(JSON.parse(kubeletPatch(site.twin))).toEqual({
      address: "127.18.80.50",
      healthzBindAddress: "127.18.80.50",
    });
  });

  test.each([
    [
      ["init", "--config", "/a", "--upload-certs"],
      { verb: "init", config: "/a", rest: ["--upload-certs"] },
    ],
    [["join", "--config=/a"], { verb: "join", config: "/a", rest: [] }],
    [
      ["init", "phase", "certs", "--config=/a"],
      { verb: "init", config: undefined, rest: ["phase", "certs"] },
    ],
    [["version"], { verb: "version", config: undefined, rest: [] }],
  ])("%j", (args, expected) => {
    expect(readCommand(args)).toEqual(expected);
  });
});

test("the kubelet's command line says what the machine is", () => {
  const machine: Machine = {
    hardware: {
      extId: "ext-1",
      name: "node-1",
      vcpus: 2,
      memoryBytes: 4 * 2 ** 30,
      nics: [],
    },
    imageRoot: "/boot/sha",
    configDrive: "",
    address: "198.18.80.50",
    twin: "127.18.80.50",
  };
  const flags = readFlags(
    'KUBELET_KUBEADM_ARGS="--cloud-provider=external --node-labels=a=b --register-with-taints=c=d:NoSchedule --hostname-override=node-2"\n',
  );
  const words = kubeletArguments(machine, flags, ["/user.yaml"]);
  expect(
    words.filter((_, index) => index % 2 === 0).map((flag, index) => [flag, words[2 * index + 1]]),
  ).toEqual([
    ["--config", "/var/lib/kubelet/config.yaml"],
    ["--bootstrap-kubeconfig", "/etc/kubernetes/bootstrap-kubelet.conf"],
    ["--kubeconfig", "/etc/kubernetes/kubelet.conf"],
    ["--hostname-override", "node-2"],
    ["--node-ip", "198.18.80.50"],
    ["--system-uuid", "ext-1"],
    ["--provider-id", "nutanix://ext-1"],
    ["--capacity", "cpu=2,memory=4194304Ki"],
    ["--catalogue", "/etc/lab/catalogue.yaml,/user.yaml"],
    ["--root-dir", "/var/lib/kubelet"],
    ["--streams", "/boot/sha/usr/bin/kubelet-streams"],
    ["--node-labels", "a=b"],
    ["--register-with-taints", "c=d:NoSchedule"],
    ["--var", "image=/boot/sha"],
    ["--var", "bin=/boot/sha/usr/bin"],
    ["--var", "dist=/boot/sha/usr/lib/lab"],
    ["--var", "vm=ext-1"],
  ]);
});

test("the console gives each line its time and its source", () => {
  const lines: string[] = [];
  const console = createConsole(
    (line) => lines.push(line),
    () => new Date(0),
  );
  const splitter = lineSplitter((line) => console.say("kubelet", line));
  splitter.push("one\ntw");
  splitter.push("o\nthree");
  splitter.end();
  expect(lines).toEqual([
    "1970-01-01T00:00:00.000Z kubelet: one\n",
    "1970-01-01T00:00:00.000Z kubelet: two\n",
    "1970-01-01T00:00:00.000Z kubelet: three\n",
  ]);
});

test("a service that keeps ending is started less and less often", () => {
  expect([1, 2, 3, 7, 20].map(backOff)).toEqual([500, 1000, 2000, 30_000, 30_000]);
});

describe("kubeadm's way to the machine's address", () => {
  test("leads to the twin, and nowhere else", () => {
    expect(
      ["198.18.80.50:6443", "127.18.80.10:6443", "10.0.0.1:443", "example.org:443"].map(targetOf),
    ).toEqual([
      { host: "127.18.80.50", port: 6443 },
      { host: "127.18.80.10", port: 6443 },
      undefined,
      undefined,
    ]);
  });

  test("relays both ways", async () => {
    const server = createServer((_request, response) => response.end("here"));
    await new Promise<void>((resolve) => server.listen(0, "127.18.95.250", resolve));
    const { port } = server.address() as AddressInfo;
    const relay = await startRelay("127.0.0.1");
    const { hostname, port: relayPort } = new URL(relay.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const path = `198.18.95.250:${port}`;
      const tunnel = request({ host: hostname, port: relayPort, method: "CONNECT", path });
      tunnel.on("error", reject);
      tunnel.on("connect", (_response, socket) => {
        let text = "";
        socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
        socket.on("end", () => resolve(text));
        socket.write("GET / HTTP/1.0\r\n\r\n");
      });
      tunnel.end();
    });
    relay.close();
    server.close();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nhere$/);
  });
});
