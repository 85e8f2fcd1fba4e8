import { createServer, request } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { memberAddress, memberName } from "../../stand-ins/guest/etcd-names";
import { readCommand } from "../../stand-ins/guest/kubeadm";
import {
  certificatesConfig,
  joinsControlPlane,
  localKubeconfig,
  patches,
  rewriteInit,
  rewriteJoin,
  rewriteKubeconfig,
} from "../../stand-ins/guest/kubeadm-config";
import { argvOf, findImage, readCatalogue } from "../../stand-ins/node/images";
import { relayUrl, startRelay, targetOf } from "../../stand-ins/guest/relay";

const site = { address: "198.18.80.50", twin: "127.18.80.50", patchesDirectory: "/run/patches" };

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
        etcd: {
          local: {
            serverCertSANs: ["127.18.80.50", "*.etcd.internal"],
            peerCertSANs: ["127.18.80.50"],
          },
        },
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

  const joining = (more: string) =>
    `apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\nnodeRegistration: { name: w }\n${more}`;

  test("of a worker's join", () => {
    expect(documents(rewriteJoin(joining(""), site, ["preflight"]))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "JoinConfiguration",
        nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock", name: "w" },
        patches: { directory: "/run/patches" },
        skipPhases: ["preflight"],
      },
    ]);
  });

  test("of a further control plane's join: the address advertised", () => {
    const controlPlane = joining("controlPlane: { localAPIEndpoint: { bindPort: 7443 } }\n");
    expect([joining(""), controlPlane].map(joinsControlPlane)).toEqual([false, true]);
    expect(documents(rewriteJoin(controlPlane, site, ["wait-control-plane"]))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "JoinConfiguration",
        nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock", name: "w" },
        controlPlane: { localAPIEndpoint: { bindPort: 7443, advertiseAddress: "198.18.80.50" } },
        patches: { directory: "/run/patches" },
        skipPhases: ["wait-control-plane"],
      },
    ]);
  });

  test("of its certificates: the cluster's own, for the machine that joins", () => {
    const cluster =
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer: { certSANs: [127.18.80.51] }\n";
    expect(documents(certificatesConfig(cluster, joining("controlPlane: {}\n"), site))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "ClusterConfiguration",
        apiServer: { certSANs: ["127.18.80.51", "127.18.80.50"] },
        etcd: {
          local: {
            serverCertSANs: ["127.18.80.50", "*.etcd.internal"],
            peerCertSANs: ["127.18.80.50"],
          },
        },
      },
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "InitConfiguration",
        nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock", name: "w" },
        localAPIEndpoint: { advertiseAddress: "198.18.80.50", bindPort: 6443 },
        patches: { directory: "/run/patches" },
        skipPhases: [],
      },
    ]);
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
  });

  test("patches: the kubelet listens at the twin, etcd's Pod tells the name that certificates are for", () => {
    const annotations = {
      "kubeadm.kubernetes.io/etcd.advertise-client-urls": "https://198-18-80-50.etcd.internal:2379",
    };
    expect(patches(site)).toEqual({
      "kubeletconfiguration9+merge.json": {
        address: "127.18.80.50",
        healthzBindAddress: "127.18.80.50",
      },
      "etcd9+merge.json": { metadata: { annotations } },
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

describe("etcd of several machines", () => {
  const file = join(__dirname, "../../packer/embedded/catalogue.yaml");
  const image = findImage(
    readCatalogue(parse(readFileSync(file, "utf8")), file),
    "registry.k8s.io/etcd:3.6.8-0",
  );
  const variables = {
    bin: "/bin",
    etcd: memberName(site.address),
    "node.ip": site.address,
    "node.loopback": site.twin,
  };

  test("listens at the twin, and is known by the machine's address", () => {
    const command = [
      "etcd",
      "--advertise-client-urls=https://198.18.80.50:2379",
      "--initial-advertise-peer-urls=https://198.18.80.50:2380",
      "--initial-cluster=a=https://198.18.80.50:2380,b=https://198.18.80.51:2380",
      "--listen-client-urls=https://127.0.0.1:2379,https://198.18.80.50:2379",
      "--listen-peer-urls=https://198.18.80.50:2380",
    ];
    expect(argvOf(image, { command }, variables)).toEqual([
      "/bin/etcd",
      "--advertise-client-urls=https://198-18-80-50.etcd.internal:2379",
      "--initial-advertise-peer-urls=https://198.18.80.50:2380",
      "--initial-cluster=a=https://198.18.80.50:2380,b=https://198.18.80.51:2380",
      "--listen-client-urls=https://127.18.80.50:2379,https://127.18.80.50:2379",
      "--listen-peer-urls=https://127.18.80.50:2380",
    ]);
  });

  test("reaches the others through the guest's relay", () => {
    expect(image.env?.["HTTPS_PROXY"]?.replace("${node.loopback}", site.twin)).toBe(
      relayUrl(site.twin),
    );
    expect([memberAddress(variables.etcd), memberAddress("198.18.80.51")]).toEqual([
      "198.18.80.50",
      "198.18.80.51",
    ]);
  });
});

describe("kubeadm's way to the machine's address", () => {
  test("leads to the twin, and nowhere else", () => {
    expect(
      [
        "198.18.80.50:6443",
        "127.18.80.10:6443",
        "198-18-80-51.etcd.internal:2379",
        "10.0.0.1:443",
        "example.org:443",
      ].map(targetOf),
    ).toEqual([
      { host: "127.18.80.50", port: 6443 },
      { host: "127.18.80.10", port: 6443 },
      { host: "127.18.80.51", port: 2379 },
      undefined,
      undefined,
    ]);
  });

  test("relays both ways", async () => {
    const server = createServer((_request, response) => response.end("here"));
    await new Promise<void>((resolve) => server.listen(0, "127.18.95.250", resolve));
    const { port } = server.address() as AddressInfo;
    const relay = await startRelay("127.0.0.1", 0);
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
