// The pure parts of the kind stand-in: configuration, addresses, kubeconfigs, kwokctl's arguments.
import { parse } from "yaml";
import { checkImage, milliseconds, readConfig } from "../../../stand-ins/kind/cluster-config";
import { kubeconfigFile, kubeconfigOf, merged, without } from "../../../stand-ins/kind/kubeconfig";
import { clusterAddresses } from "../../../stand-ins/kind/places";
import {
  configurationFiles,
  egressSocket,
  kwokctlArguments,
} from "../../../stand-ins/kind/programs";
import { notAgain, type PodView } from "../../../stand-ins/kind/ready";

const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n";

test("a configuration is read as far as it is played", () => {
  const text = `${head}name: a\nnodes: [{ role: control-plane, image: "kindest/node:v1.36.3" }]\nnetworking: { serviceSubnet: 10.97.0.0/16 }`;
  expect(readConfig(text)).toEqual({
    name: "a",
    image: "kindest/node:v1.36.3",
    serviceSubnet: "10.97.0.0/16",
  });
});

test("all that is not played is refused at once", () => {
  const text = `${head}featureGates: {}\nnodes: [{}, { role: worker, extraMounts: [] }]\nnetworking: { disableDefaultCNI: true }`;
  expect(() => readConfig(text)).toThrow(
    "the cluster configuration has what this stand-in does not play: featureGates, 2 nodes, nodes.role worker, nodes.extraMounts, networking.disableDefaultCNI",
  );
});

test.each([
  ["0s", 0],
  ["0", 0],
  ["300s", 300_000],
  ["1h2m3s", 3_723_000],
  ["1.5m", 90_000],
])("the duration %s", (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

test("a wrong duration is refused", () => {
  expect(() => milliseconds("5 minutes")).toThrow('invalid duration "5 minutes"');
});

test("an image of another version cannot be pulled", () => {
  checkImage("kindest/node:v1.36.3@sha256:00", "v1.36.3");
  checkImage(undefined, "v1.36.3");
  expect(() => checkImage("kindest/node:v1.35.0", "v1.36.3")).toThrow(
    'failed to pull image "kindest/node:v1.35.0": this stand-in has Kubernetes v1.36.3 only',
  );
});

test("clusters of a lab have addresses of their own", () => {
  expect([clusterAddresses(6, 0), clusterAddresses(6, 2)]).toEqual([
    { node: "198.18.97.1", podCidr: "198.18.98.0/24" },
    { node: "198.18.97.3", podCidr: "198.18.100.0/24" },
  ]);
});

test("a cluster's entries are merged into a kubeconfig and taken out again", () => {
  const data = Buffer.from("x");
  const own = kubeconfigOf("a", {
    server: "https://127.0.0.1:1",
    ca: data,
    certificate: data,
    key: data,
  });
  const before = {
    clusters: [{ name: "mine", cluster: {} }],
    users: [{ name: "mine", user: {} }],
    contexts: [{ name: "mine", context: {} }],
    "current-context": "mine",
  };
  const both = merged(merged(before, own), own);
  expect(both).toEqual({
    apiVersion: "v1",
    kind: "Config",
    clusters: [...before.clusters, ...(own.clusters ?? [])],
    users: [...before.users, ...(own.users ?? [])],
    contexts: [...before.contexts, ...(own.contexts ?? [])],
    "current-context": "kind-a",
  });
  expect(without(both, "a")).toEqual({
    ...before,
    apiVersion: "v1",
    kind: "Config",
    "current-context": "",
  });
  expect(without(before, "a")).toBeUndefined();
});

test("the kubeconfig is the flag's, else the first of $KUBECONFIG, else in the home folder", () => {
  const environment = { KUBECONFIG: ":/one:/two", HOME: "/home/a" };
  expect([
    kubeconfigFile("/flag", environment),
    kubeconfigFile(undefined, environment),
    kubeconfigFile(undefined, { HOME: "/home/a" }),
  ]).toEqual(["/flag", "/one", "/home/a/.kube/config"]);
});

test("a path that no unix socket can have is refused with what to do", () => {
  const folder = `/${"x".repeat(95)}`;
  expect(egressSocket({ folder: folder.slice(1) })).toBe(`${folder.slice(1)}/egress.sock`);
  expect(() => egressSocket({ folder })).toThrow(
    `${folder}/egress.sock is too long for a unix socket, which takes 107 bytes. Set LAB_DIR to a shorter path.`,
  );
});

test("kwokctl is told everything: its configuration and its arguments", () => {
  const plan = {
    name: "a",
    folder: "/lab/kind/a",
    kwok: "/lab/kind/a/clusters/a",
    bin: "/bin",
    dist: "/dist",
    addresses: { node: "198.18.1.1", podCidr: "198.18.2.0/24" },
    serviceSubnet: "10.96.0.0/16",
    ports: {
      etcdPort: 20_001,
      etcdPeerPort: 20_002,
      kubeApiserverPort: 20_003,
      kubeControllerManagerPort: 20_004,
      kubeSchedulerPort: 20_005,
      kwokControllerPort: 20_006,
    },
    kubernetesVersion: "v1.36.3",
    catalogueFiles: [],
    systemUuid: "u",
    environment: {},
  };
  expect(parse(configurationFiles(plan)["kwokctl.yaml"]!)).toEqual({
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      bindAddress: "127.0.0.1",
      etcdPort: 20_001,
      etcdPeerPort: 20_002,
      kubeApiserverPort: 20_003,
      kubeControllerManagerPort: 20_004,
      kubeSchedulerPort: 20_005,
      kwokControllerPort: 20_006,
    },
  });
  expect(kwokctlArguments(plan)).toEqual(
    `create cluster --name a --runtime binary --config /lab/kind/a/kwokctl.yaml
     --kubeconfig /lab/kind/a/kwokctl-context.yaml
     --components etcd,kube-apiserver,kube-controller-manager,kube-scheduler
     --etcd-binary /bin/etcd --kube-apiserver-binary /bin/kube-apiserver
     --kube-controller-manager-binary /bin/kube-controller-manager --kube-scheduler-binary /bin/kube-scheduler
     --extra-args kube-apiserver=service-cluster-ip-range=10.96.0.0/16
     --extra-args kube-apiserver=egress-selector-config-file=/lab/kind/a/egress-selector.yaml
     --extra-args kube-apiserver=kubelet-client-certificate=/lab/kind/a/clusters/a/pki/admin.crt
     --extra-args kube-apiserver=kubelet-client-key=/lab/kind/a/clusters/a/pki/admin.key
     --extra-args kube-apiserver=kubelet-preferred-address-types=InternalIP
     --extra-args kube-apiserver=advertise-address=198.18.1.1`.split(/\s+/),
  );
});

test("a pod runs again when it is ready and all of its containers were started since", () => {
  const since = Date.parse("2026-01-01T00:00:10.500Z");
  const pod = (name: string, isReady: boolean, startedAt: string, more: object = {}): PodView => ({
    metadata: { name, namespace: "default", ...more },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
      containerStatuses: [{ state: { running: { startedAt } } }],
    },
  });
  const all = [
    pod("again", true, "2026-01-01T00:00:10Z"),
    pod("as-it-was", true, "2026-01-01T00:00:09Z"),
    pod("not-ready", false, "2026-01-01T00:00:11Z"),
    pod("going", false, "2026-01-01T00:00:09Z", { deletionTimestamp: "2026-01-01T00:00:09Z" }),
    { metadata: { name: "done", namespace: "default" }, status: { phase: "Succeeded" } },
    { metadata: { name: "not-begun", namespace: "default" } },
  ];
  expect(notAgain(all, since)).toEqual([
    "default/as-it-was",
    "default/not-ready",
    "default/not-begun",
  ]);
});
