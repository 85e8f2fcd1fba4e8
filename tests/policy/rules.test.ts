// Each rule with what it lets pass and what it stops, the remedy included.

import { values } from "../../components/cluster-autoscaler";
import { plain, UNKNOWN } from "../../policy/rule";
import { RULES } from "../../policy/rules";
import { autoscalerRbac } from "../../policy/rules/autoscaler-rbac";
import { ceiling } from "../../policy/rules/ceiling";
import { controlPlane } from "../../policy/rules/control-plane";
import { hashedNames } from "../../policy/rules/hashed-names";
import { network } from "../../policy/rules/network";
import { plainSecrets } from "../../policy/rules/plain-secrets";
import { scaledPools } from "../../policy/rules/scaled-pools";
import { verifiedTls } from "../../policy/rules/verified-tls";
import { versionSkew } from "../../policy/rules/version-skew";
import { shapes } from "../support/workload-shapes";
import { pool, spec } from "../support/workload-spec";
import { cluster, configMap, deployment, edited, guardrails, release, said } from "./resources";

const image = { repository: "registry.k8s.io/autoscaling/cluster-autoscaler", tag: "v1.36.1" };
const ours = values({ image, profile: "default", cluster: "lab", namespace: "default" }, "0f1e");

test.each(Object.entries(shapes))("the project's own objects pass every rule: %s", (_, shape) => {
  const resources = [...cluster(shape), release(ours), guardrails({ machines: 60 })];
  expect(RULES.flatMap((rule) => said(rule, resources))).toEqual([]);
});

describe("autoscaler-rbac", () => {
  const [rule] = ours.rbac.additionalRules;
  const remedy =
    "autoscaler: Its values give it no right to get, list, watch nutanixmachinetemplates of " +
    "infrastructure.cluster.x-k8s.io. Set rbac.create, and add that rule to rbac.additionalRules.";
  test.each<[string, object, string[]]>([
    ["all rights", { rbac: { additionalRules: [{ ...rule, verbs: ["*"] }] } }, []],
    ["another provider", { cloudProvider: "aws", rbac: {} }, []],
    ["no rule", { rbac: { create: true } }, [remedy]],
    [
      "no right to watch",
      { rbac: { additionalRules: [{ ...rule, verbs: ["get", "list"] }] } },
      [remedy],
    ],
    ["no role", { rbac: { ...ours.rbac, create: false } }, [remedy]],
  ])("%s", (_, changed, expected) => {
    expect(said(autoscalerRbac, [release({ ...ours, ...changed })])).toEqual(expected);
  });
});

describe("scaled-pools", () => {
  const bound = "cluster.x-k8s.io/cluster-api-autoscaler-node-group";
  interface Pool {
    metadata: { annotations: Record<string, string> };
    spec: { replicas?: number };
  }
  test.each<[string, (object: Pool) => void, string]>([
    [
      "replicas beside bounds",
      (object) => (object.spec.replicas = 2),
      "It has bounds and spec.replicas. Leave replicas out: its size is the autoscaler's.",
    ],
    [
      "no most",
      (object) => (object.metadata.annotations = { [`${bound}-min-size`]: "0" }),
      `It has only one bound. Set ${bound}-max-size as well.`,
    ],
    [
      "no least",
      (object) => (object.metadata.annotations = { [`${bound}-max-size`]: "5" }),
      `It has only one bound. Set ${bound}-min-size as well.`,
    ],
    [
      "neither",
      (object) => (object.metadata.annotations = {}),
      `It has neither bounds nor replicas. Set ${bound}-min-size and ${bound}-max-size, or spec.replicas.`,
    ],
    [
      "the wrong way round",
      (object) => (object.metadata.annotations[`${bound}-min-size`] = "9"),
      "Its bounds are 9 and 5. Set whole numbers, the least first.",
    ],
  ])("%s", (_, edit, message) => {
    expect(said(scaledPools, edited("MachineDeployment", edit as never))).toEqual([
      `lab-wmd: ${message}`,
    ]);
  });

  test("a fixed pool", () => {
    expect(said(scaledPools, cluster({ pools: [{ ...pool, min: 2, max: 2 }] }))).toEqual([]);
  });
});

describe("verified-tls", () => {
  const insecure = cluster({ prismCentral: { ...spec.prismCentral, insecure: true } });
  const message =
    "It would not verify the certificate of pc.lab.example. Give its CA as prismCentral.trustBundle and leave " +
    "prismCentral.insecure out; or add pc.lab.example to guardrails.insecureTls.";
  test("every object that speaks to Prism Central is found", () => {
    expect(said(verifiedTls, insecure)).toEqual([`lab-ccm: ${message}`, `lab: ${message}`]);
  });
  test("another address is allowed", () => {
    const other = guardrails({ insecureTls: ["127.0.0.1"] });
    expect(said(verifiedTls, [...insecure, other])).toHaveLength(2);
  });
  test("this address is allowed", () => {
    const own = guardrails({ insecureTls: ["pc.lab.example"] });
    expect(said(verifiedTls, [...insecure, own])).toEqual([]);
  });
});

describe("network", () => {
  const inSubnet = (subnetPools: string[], subnetRange = "10.42.73.0/25") =>
    guardrails({ network: { subnetRange, subnetPools } });
  const apart = "Choose ranges apart: workloadCluster.podCidr, serviceCidr and subnetRange.";
  const outside =
    "from which Prism Central gives addresses to machines. Choose one outside of every pool: " +
    "workloadCluster.endpoint.host, or vip behind a floating IP.";

  test("apart", () => {
    expect(said(network, [...cluster(), inSubnet(["10.42.73.50-10.42.73.120"])])).toEqual([]);
  });
  test("pods and Services", () => {
    expect(said(network, cluster({ serviceCidr: "10.244.128.0/20" }))).toEqual([
      `lab: The range of pods, 10.244.0.0/16, and that of Services, 10.244.128.0/20, have addresses in common. ${apart}`,
    ]);
  });
  test("pods and machines", () => {
    expect(said(network, [...cluster(), inSubnet([], "10.244.7.0/24")])).toEqual([
      `lab: The range of pods, 10.244.0.0/16, and that of machines, 10.244.7.0/24, have addresses in common. ${apart}`,
    ]);
  });
  test("an address that a machine may get, as the endpoint and as kube-vip's", () => {
    const pools = ["10.42.73.10-10.42.73.20"];
    const message = `The API server's address 10.42.73.14 is in ${pools[0]}, ${outside}`;
    expect(said(network, [...cluster(), inSubnet(pools)])).toEqual([
      `lab: ${message}`,
      `lab-kcp: ${message}`,
    ]);
  });
  test("behind a floating IP, kube-vip's alone", () => {
    const behind = cluster({ ...shapes["floating-ip"], vip: "192.168.10.60" });
    const pools = inSubnet(["192.168.10.50-192.168.10.200"], "192.168.10.0/24");
    expect(said(network, [...behind, pools])).toEqual([
      `lab-kcp: The API server's address 192.168.10.60 is in 192.168.10.50-192.168.10.200, ${outside}`,
    ]);
  });
});

describe("hashed-names", () => {
  test("a template with a name of somebody's choice, to which nobody refers any more", () => {
    const named = edited("KubeadmConfigTemplate", (object: { metadata: { name: string } }) => {
      object.metadata.name = "lab-workers";
    });
    const lost = cluster().find(({ type }) => type.endsWith(":KubeadmConfigTemplate"))!.name;
    expect(said(hashedNames, named)).toEqual([
      `${lost}: The name lab-workers has no hash of its content at its end. Name it with hashedName(), so that a change is another template.`,
      `lab-wmd: It refers to KubeadmConfigTemplate ${lost}, which the stack does not have. Take the name from the template.`,
    ]);
  });
});

describe("plain-secrets", () => {
  const remedy = "Put it into a Secret, as a Pulumi secret, and refer to that.";
  test.each([
    ["a password", { password: "x" }, "a secret in plain text at data.password"],
    [
      "a key",
      { "tls.key": "-----BEGIN RSA PRIVATE KEY-----\nMIIE" },
      "a private key at data.tls.key",
    ],
    [
      "an address",
      { proxy: "http://me:word@proxy:3128" },
      "an address with a password at data.proxy",
    ],
    [
      "a signature",
      { image: "https://s3.example/n.qcow2?X-Amz-Signature=0f" },
      "a signed address at data.image",
    ],
    ["a Secret's text", { note: "log in with correct horse" }, "what a Secret holds at data.note"],
  ])("%s in a ConfigMap", (_, data, found) => {
    const map = configMap(data);
    expect(said(plainSecrets, [...cluster(), map])).toEqual([
      `settings: It has ${found}. ${remedy}`,
    ]);
  });

  test("Helm's values are looked through as well", () => {
    const values = { createSecret: { clientSecret: "0123456789" } };
    expect(said(plainSecrets, [release(values)])).toEqual([
      `autoscaler: It has a secret in plain text at values.createSecret.clientSecret. ${remedy}`,
    ]);
  });
});

describe("ceiling", () => {
  const remedy = "Lower a pool's max or its machines, or raise the limit under guardrails.";
  test.each<[string, Parameters<typeof guardrails>[0], string[]]>([
    ["six machines of six", { machines: 6, vcpus: 12, memory: "44Gi" }, []],
    ["machines", { machines: 5 }, ["6 machines, and 5 are allowed"]],
    ["CPUs", { vcpus: 10 }, ["12 vCPUs, and 10 are allowed"]],
    ["memory", { memory: "32Gi" }, ["44 GiB of memory, and 32 are allowed"]],
    [
      "cost",
      { costPerHour: 1, prices: { vcpu: 0.05, memoryGi: 0.01, diskGi: 0 } },
      ["a cost of 1.04 an hour, and 1 are allowed"],
    ],
  ])("%s", (_, limits, found) => {
    const expected = found.map((each) => `stack: The stack may grow to ${each}. ${remedy}`);
    expect(said(ceiling, [...cluster(), guardrails(limits)])).toEqual(expected);
  });
});

describe("odd-control-plane", () => {
  test.each([1, 3, 5])("%i", (replicas) => {
    const of = cluster({ controlPlane: { ...spec.controlPlane, replicas } });
    expect(said(controlPlane, of)).toEqual([]);
  });
  test.each([2, 4])("%i", (replicas) => {
    const of = cluster({ controlPlane: { ...spec.controlPlane, replicas } });
    expect(said(controlPlane, of)).toEqual([
      `lab-kcp: It has ${replicas} machines, and etcd needs a majority. Set 1, 3 or 5: workloadCluster.controlPlane.replicas.`,
    ]);
  });
});

describe("version-skew", () => {
  interface Workers {
    spec: { template: { spec: { version: string } } };
  }
  const workers = (version: string) =>
    edited("MachineDeployment", (object: Workers) => (object.spec.template.spec.version = version));
  test.each([
    ["v1.36.3", []],
    ["v1.33.9", []],
    [
      "v1.37.0",
      [
        "lab-wmd: Its workers have v1.37.0 and the control plane has v1.36.3. Choose the same, or at most 3 minor versions older.",
      ],
    ],
    [
      "v1.32.0",
      [
        "lab-wmd: Its workers have v1.32.0 and the control plane has v1.36.3. Choose the same, or at most 3 minor versions older.",
      ],
    ],
  ])("workers of %s", (version, expected) => {
    expect(said(versionSkew, workers(version))).toEqual(expected);
  });

  test("an autoscaler of another minor version", () => {
    const old = release({ ...ours, image: { ...image, tag: "v1.34.0" } });
    expect(said(versionSkew, [...cluster(), old])).toEqual([
      "autoscaler: The cluster-autoscaler v1.34.0 does not go with the rest of the stack. " +
        "Choose v1.36.x: its minor version follows Kubernetes v1.36.3.",
    ]);
  });

  test("a Cluster API that came before this Kubernetes", () => {
    const core = deployment(
      "capi-controller-manager",
      "registry.k8s.io/cluster-api/cluster-api-controller:v1.11.2",
    );
    expect(said(versionSkew, [...cluster(), core])).toEqual([
      "capi-controller-manager: Kubernetes v1.36.3 does not go with the rest of the stack. " +
        "Choose Kubernetes v1.28 to v1.34 with Cluster API v1.11.2.",
    ]);
  });
});

test("what only an update can tell is left out, and hides nothing else", () => {
  const props = new Proxy(
    { later: "x", spec: { replicas: 2 }, list: ["a"] },
    { get: (of, key) => (key === "later" ? fail() : (Reflect.get(of, key) as unknown)) },
  );
  const fail = () => {
    throw new Error("string value at .later can't be known during preview");
  };
  expect(plain({ urn: "u", type: "t", name: "n", props }).props).toEqual({
    later: UNKNOWN,
    spec: { replicas: 2 },
    list: ["a"],
  });
});
