import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../config";
import { changed, least, mistakesOf, PROJECT, source, type Values } from "./stack";

process.chdir(path.join(__dirname, "..", ".."));

const sha256 = "5e".repeat(32);

test("the least is enough for a preview", () => {
  expect(mistakesOf(source(least))).toEqual([]);
});

test("defaults", () => {
  expect(parseConfig(source(least)).prismCentral).toEqual({
    address: "pc.lab.test",
    port: 9440,
    insecure: false,
    credentials: { username: "unknown-in-preview", password: expect.anything() as unknown },
  });
  expect(parseConfig(source(least)).workloadCluster).toEqual({
    name: "lab",
    namespace: "default",
    endpoint: { host: "10.0.0.9", port: 6443 },
    vip: "10.0.0.9",
    kubeVip: "arp",
    certSans: [],
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    prismElement: "pe",
    subnet: "vms",
    subnetPools: [],
    surroundings: { dns: [], ntp: [], mirrors: {} },
    failureDomains: [],
    controlPlane: {
      replicas: 1,
      failureDomains: [],
      machine: { sockets: 2, coresPerSocket: 1, memory: "4Gi", disk: "40Gi" },
    },
    pools: [
      {
        name: "wmd",
        min: 0,
        max: 3,
        maxPods: 110,
        machine: { sockets: 2, coresPerSocket: 1, memory: "4Gi", disk: "40Gi" },
        labels: {},
        taints: [],
        gpus: [],
        autoscaling: {},
      },
    ],
    kubeVipImage: "ghcr.io/kube-vip/kube-vip:v0.9.2",
    cloudProvider: "external",
    cloudControllerImage: "ghcr.io/nutanix-cloud-native/cloud-provider-nutanix/controller:v0.7.0",
    cni: "cilium",
    csi: "none",
    storageContainer: "SelfServiceContainer",
    unhealthySeconds: 300,
    timeoutMinutes: 30,
    skipPhases: [],
    sshKeys: [],
  });
});

test.each(["dev", "onprem", "nc2-aws", "nc2-azure"])("stack %s has no mistake", (stack) => {
  const file = path.join(__dirname, "..", "..", `Pulumi.${stack}.yaml`);
  const { config } = parse(readFileSync(file, "utf8")) as { config: Values };
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.slice(PROJECT.length + 1), value]),
  );
  expect(mistakesOf(source(values, { stack }))).toEqual([]);
});

test.each<[string, Values, string]>([
  [
    "an address with its scheme",
    changed("prismCentral", { address: "https://pc:9440" }),
    'prismCentral.address: found "https://pc:9440"; allowed: an IPv4 address or a host name, without https:// and port',
  ],
  [
    "an impossible address",
    changed("prismCentral", { address: "10.0.0.256" }),
    'prismCentral.address: found "10.0.0.256"; allowed: an IPv4 address or a host name, without https:// and port',
  ],
  [
    "a port that is text",
    changed("prismCentral", { port: "9440" }),
    'prismCentral.port: found "9440"; allowed: a whole number from 1 to 65535',
  ],
  [
    "a port out of range",
    changed("prismCentral", { port: 70000 }),
    "prismCentral.port: found 70000; allowed: a whole number from 1 to 65535",
  ],
  [
    "a flag that is text",
    changed("prismCentral", { insecure: "yes" }),
    'prismCentral.insecure: found "yes"; allowed: true or false, without quotes',
  ],
  [
    "a trust bundle that is not there",
    changed("prismCentral", { trustBundle: "/nowhere/ca.pem" }),
    "prismCentral.trustBundle: found /nowhere/ca.pem (ENOENT); allowed: certificates in PEM form or their file",
  ],
  [
    "a password that is a number, which is not shown",
    changed("prismCentral", { password: 12345 }),
    "prismCentral.password: found something that is no text (number); allowed: a text",
  ],
  [
    "a misspelt key",
    changed("prismCentral", { adress: "x" }),
    "prismCentral.adress: unknown key. Did you mean address?",
  ],
  [
    "an unknown key",
    { ...least, scalingTest: { colour: "red" } },
    "scalingTest.colour: unknown key. Known keys: run, replicas, budgets, report.",
  ],
  [
    "a misspelt group",
    { ...least, workloadclusters: {} },
    "workloadclusters: unknown key. Did you mean workloadCluster?",
  ],
  [
    "a group that is a text",
    { ...least, image: "packer/embedded" },
    "image: found a text; allowed: a group of keys",
  ],
  [
    "another platform",
    { ...least, platform: "knative" },
    'platform: found "knative"; allowed: none',
  ],
  [
    "a profile with a slip",
    { ...least, clusterAutoscaler: { profile: "labfast" } },
    'clusterAutoscaler.profile: found "labfast"; allowed: lab-fast | default | cost. Did you mean lab-fast?',
  ],
  [
    "a version without v",
    { ...least, kubernetesVersion: "1.36.3" },
    'kubernetesVersion: found "1.36.3"; allowed: a version such as v1.36.3',
  ],
  [
    "an upper-case name",
    changed("workloadCluster", { name: "Lab" }),
    'workloadCluster.name: found "Lab"; allowed: at most 40 lower-case letters, digits and dashes, such as lab-1',
  ],
  [
    "a range with a prefix too long",
    changed("workloadCluster", { podCidr: "10.0.0.0/33" }),
    'workloadCluster.podCidr: found "10.0.0.0/33"; allowed: a range that begins with its first address, such as 10.244.0.0/16',
  ],
  [
    "an endpoint by name without an address to hold",
    changed("workloadCluster", { endpoint: { host: "api.lab.example" } }),
    "workloadCluster.vip: found nothing; allowed: an IPv4 address",
  ],
  [
    "an even number of control-plane machines",
    changed("workloadCluster", { controlPlane: { replicas: 2 } }),
    "workloadCluster.controlPlane.replicas: found 2; allowed: an odd number: etcd needs a majority",
  ],
  [
    "a machine with too little memory",
    changed("workloadCluster", { workers: { memory: "1024Mi" } }),
    'workloadCluster.workers.memory: found "1024Mi"; allowed: a size of at least 2Gi, such as 4Gi',
  ],
  [
    "bounds the wrong way round",
    changed("workloadCluster", { workers: { min: 4, max: 3 } }),
    "workloadCluster.workers.max: found 3; allowed: at least min, which is 4",
  ],
  [
    "a list that is a text",
    changed("workloadCluster", { skipPhases: "addon/coredns" }),
    'workloadCluster.skipPhases: found "addon/coredns"; allowed: a list of texts',
  ],
  [
    "more replicas than workers",
    { ...least, scalingTest: { replicas: 4 } },
    "scalingTest.replicas: found 4; allowed: a whole number from 1 to 3",
  ],
  [
    "a share above all",
    { ...least, sampleWorkload: { share: 60 } },
    "sampleWorkload.share: found 60; allowed: a number above 0, at most 1",
  ],
  [
    "two sources of the image",
    { ...least, image: { file: "a.img", uuid: "3f1c7a52-0000-4000-8000-000000000001" } },
    "image.uuid: found also file; allowed: only one of recipe, file, url, uuid, name",
  ],
  [
    "a checksum that is none",
    { ...least, image: { url: "https://files.lab/node.qcow2", sha256: "abc" } },
    'image.sha256: found "abc"; allowed: a SHA-256: 64 digits and letters a to f',
  ],
  [
    "an address without a checksum",
    { ...least, image: { url: "https://files.lab/node.qcow2" } },
    "image.sha256: found nothing; allowed: a SHA-256: 64 digits and letters a to f",
  ],
  [
    "an address that tells a password",
    { ...least, image: { url: "https://me:word@files.lab/node.qcow2", sha256 } },
    'image.url: found "https://me:word@files.lab/node.qcow2"; allowed: an address such as ' +
      "https://files.example/node.qcow2, without user and password",
  ],
  [
    "a file that is not there",
    { ...least, image: { file: "images/none.qcow2" } },
    "image.file: found images/none.qcow2 (no such file); allowed: a disk image: raw, qcow2 or vmdk",
  ],
  [
    "a recipe with a slip",
    { ...least, image: { recipe: "packer/embeded" } },
    "image.recipe: found packer/embeded (no such folder); allowed: a folder with a Packer template. " +
      "Did you mean packer/embedded?",
  ],
  [
    "CAPX's placeholder of an image",
    { ...least, image: { name: "placeholder-image" } },
    "image.name: found CAPX's placeholder-image; allowed: the name of an image in Prism Central",
  ],
  [
    "a key of another source",
    { ...least, image: { uuid: "3f1c7a52-0000-4000-8000-000000000001", packer: "packer" } },
    "image.packer: unknown key. Known keys: recipe, file, url, uuid, name.",
  ],
  [
    "variables that are a list",
    { ...least, clusterApi: { variables: ["A"] } },
    'clusterApi.variables: found ["A"]; allowed: names, each with a text',
  ],
])("%s is one mistake", (_, values, mistake) => {
  expect(mistakesOf(source(values))).toEqual(["Pulumi.test.yaml has 1 mistake:", mistake]);
});

test.each<[string, Values, string]>([
  [
    "the example's image",
    { ...least, image: { uuid: "00000000-0000-4000-8000-000000000000" } },
    "image.uuid: found the example 00000000-0000-4000-8000-000000000000; allowed: the UUID of an image in Prism Central",
  ],
  [
    "the example's Prism Central",
    changed("prismCentral", { address: "pc.lab.example" }),
    "prismCentral.address: found the example pc.lab.example; allowed: the address of your own",
  ],
  [
    "a file that is needed now",
    { ...least, image: { file: "images/none.qcow2", sha256 } },
    "image.file: found images/none.qcow2 (no such file); allowed: a disk image: raw, qcow2 or vmdk",
  ],
])("%s is enough for a preview, and one mistake in an update", (_, values, mistake) => {
  const environment = { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "word" };
  expect(mistakesOf(source(values))).toEqual([]);
  expect(mistakesOf(source(values, { environment, preview: false }))).toEqual([
    "Pulumi.test.yaml has 1 mistake:",
    mistake,
  ]);
});

test("all mistakes come out together", () => {
  expect(mistakesOf(source({ prismCentral: { port: 0 } }))).toEqual([
    "Pulumi.test.yaml has 5 mistakes:",
    "workloadCluster.endpoint.host: found nothing; allowed: an IPv4 address or a host name, without https:// and port",
    "workloadCluster.prismElement: found nothing; allowed: a text",
    "workloadCluster.subnet: found nothing; allowed: a text",
    "prismCentral.address: found nothing; allowed: an IPv4 address or a host name, without https:// and port",
    "prismCentral.port: found 0; allowed: a whole number from 1 to 65535",
  ]);
});

test("other namespaces are Pulumi's own", () => {
  const from = source(least);
  from.values["pulumi:disable-default-providers"] = '["kubernetes"]';
  expect(mistakesOf(from)).toEqual([]);
});
