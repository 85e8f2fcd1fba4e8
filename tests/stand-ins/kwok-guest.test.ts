import { createHash, createHmac, X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { planBoot } from "../../stand-ins/guest/cloud-config";
import { bootstrapKubeconfig } from "../../stand-ins/kwok-guest/discovery";
import { joinPlanOf } from "../../stand-ins/kwok-guest/join-plan";
import { counter } from "../../stand-ins/kwok-guest/pod-range";
import { runningStatus } from "../../stand-ins/kwok-guest/simulated-pods";
import { selfSigned } from "../../stand-ins/shared/certificates";

const configDrive = (kubeadm: string) =>
  planBoot(
    `## template: jinja
#cloud-config
write_files:
- path: /run/kubeadm/kubeadm-join-config.yaml
  content: |
${kubeadm.replace(/^/gm, "    ")}
- { path: /run/cluster-api/placeholder, content: "not: [yaml" }
runcmd: [kubeadm join]
`,
    { hostname: "node-1" },
  );

describe("what a machine is asked to do", () => {
  test("to join as a worker, as Cluster API writes it", () => {
    const plan = configDrive(`---
apiVersion: kubeadm.k8s.io/v1beta4
discovery:
  bootstrapToken:
    apiServerEndpoint: 127.18.0.10:6443
    caCertHashes: [sha256:aa]
    token: abcdef.0123456789abcdef
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs: [{ name: cloud-provider, value: external }]
  name: '{{ ds.meta_data.hostname }}'
  taints: [{ key: a, value: b, effect: NoSchedule }]
`);
    const { flags, ...join } = joinPlanOf(plan, "vm-name");
    expect(join).toEqual({
      nodeName: "node-1",
      discovery: {
        apiServerEndpoint: "127.18.0.10:6443",
        caCertHashes: ["sha256:aa"],
        token: "abcdef.0123456789abcdef",
      },
    });
    expect(Object.fromEntries(flags)).toEqual({
      "cloud-provider": "external",
      "register-with-taints": "a=b:NoSchedule",
    });
  });

  test.each([
    ["kind: InitConfiguration", "is to be a control plane"],
    ["kind: JoinConfiguration\ncontrolPlane: { localAPIEndpoint: {} }", "is to be a control plane"],
    ["kind: JoinConfiguration\ndiscovery: { file: {} }", "discovery by a bootstrap token"],
    ["kind: KubeletConfiguration", "nothing to join"],
  ])("%j is refused", (kubeadm, sentence) => {
    expect(() => joinPlanOf(configDrive(kubeadm), "vm-name")).toThrow(sentence);
  });
});

describe("discovery", () => {
  const token = "abcdef.0123456789abcdef";
  let kubeconfig: string;
  let pin: string;

  const sign = (secret: string, header = '{"alg":"HS256","kid":"abcdef"}') => {
    const first = Buffer.from(header).toString("base64url");
    const signed = `${first}.${Buffer.from(kubeconfig).toString("base64url")}`;
    return `${first}..${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  };
  const discover = (data: Record<string, string>, caCertHashes: string[] = []) =>
    bootstrapKubeconfig(
      { data: { kubeconfig, ...data } },
      { apiServerEndpoint: "", token, caCertHashes },
    );

  beforeAll(async () => {
    const { ca } = await selfSigned({ commonName: "kubernetes" });
    const authority = Buffer.from(ca).toString("base64");
    kubeconfig = `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${authority}\n    server: https://198.18.0.51:6443\n  name: ""\n`;
    const spki = new X509Certificate(ca).publicKey.export({ type: "spki", format: "der" });
    pin = `sha256:${createHash("sha256").update(spki).digest("hex")}`;
  });

  test("gives a kubeconfig with the token, which dials the twin", () => {
    const text = discover({ "jws-kubeconfig-abcdef": sign("0123456789abcdef") }, ["sha256:0", pin]);
    const read = parse(text) as { users: object[]; clusters: { cluster: { server: string } }[] };
    expect(read.users).toEqual([{ name: "bootstrap", user: { token } }]);
    expect(read.clusters[0]!.cluster.server).toBe("https://127.18.0.51:6443");
  });

  test("refuses an unknown token, another signature and another CA", () => {
    expect(() => discover({})).toThrow('no signature for token "abcdef"');
    expect(() => discover({ "jws-kubeconfig-abcdef": sign("another") })).toThrow(
      'is not that of token "abcdef"',
    );
    const signed = { "jws-kubeconfig-abcdef": sign("0123456789abcdef") };
    expect(() => discover(signed, ["sha256:00"])).toThrow(`the public key ${pin}, which is none`);
  });
});

test("pods get the addresses of the node's range, again and again", () => {
  const next = counter("10.128.7.0/29");
  expect([1, 2, 3, 4, 5, 6].map(() => next())).toEqual([
    "10.128.7.2",
    "10.128.7.3",
    "10.128.7.4",
    "10.128.7.5",
    "10.128.7.6",
    "10.128.7.2",
  ]);
});

test("a pod's containers run, and its gates are open", () => {
  const pod = {
    metadata: { name: "p" },
    spec: {
      containers: [{ name: "c", image: "i:1" }],
      readinessGates: [{ conditionType: "example.com/ready" }],
    },
  };
  const now = "2026-01-01T00:00:00Z";
  const status = runningStatus(pod, { hostIp: "198.18.0.51", podIp: "10.0.0.2", now }) as {
    phase: string;
    conditions: { type: string }[];
    containerStatuses: { ready: boolean; state: object }[];
  };
  expect(status.phase).toBe("Running");
  expect(status.conditions.map(({ type }) => type)).toContain("example.com/ready");
  expect(status.containerStatuses).toMatchObject([
    { ready: true, state: { running: { startedAt: now } } },
  ]);
});
