// Where manifests, images and charts come from: files, pinned addresses, mirrors.
import * as path from "node:path";
import { parseConfig } from "../../config";
import { least, mistakesOf, source, type Values } from "./stack";

process.chdir(path.join(__dirname, "..", ".."));

const sha256 = "ab".repeat(32);
const url = "https://files.test/components.yaml";
const read = (values: Values) => parseConfig(source({ ...least, ...values }));

test("manifests come from the cache and the repository, from a file, or from a pinned address", () => {
  process.env["LAB_CACHE"] = "/cache";
  try {
    const clusterApi = { core: "./core.yaml", bootstrap: { url, sha256 }, infrastructure: { url } };
    expect(read({ clusterApi }).clusterApi.sources).toEqual({
      core: { path: "./core.yaml" },
      bootstrap: { path: `/cache/fetched/${sha256}`, url, sha256 },
      controlPlane: {
        path: "/cache/manifests/cluster-api/v1.13.6/control-plane-components.yaml",
      },
      infrastructure: { path: "/cache/fetched/unknown", url },
    });
    expect(read({}).clusterApi.sources.infrastructure).toEqual({ path: "manifests/capx" });
  } finally {
    delete process.env["LAB_CACHE"];
  }
});

test("cert-manager's own manifests are read where it makes the certificates", () => {
  const clusterApi = { certificates: "cert-manager", certManager: { url, sha256 } };
  expect(read({ clusterApi }).clusterApi.sources.certManager).toMatchObject({ url, sha256 });
});

test.each<[string, Values, string]>([
  [
    "an address without a group",
    { clusterApi: { core: url } },
    `clusterApi.core: found "${url}"; allowed: a file or folder, or a group of url and sha256`,
  ],
  [
    "an address of another kind",
    { clusterApi: { core: { url: "ftp://files.test/core.yaml" } } },
    'clusterApi.core.url: found "ftp://files.test/core.yaml"; allowed: an address such as ' +
      "https://files.example/components.yaml, without user and password",
  ],
  [
    "an address of another release",
    { clusterApi: { infrastructure: { url: "https://files.test/v1.9.0/capx.yaml", sha256 } } },
    "clusterApi.infrastructure.url: found v1.9.0; allowed: v1.10.3, which capxVersion says",
  ],
  [
    "a short checksum",
    { clusterApi: { core: { url, sha256: "ab" } } },
    'clusterApi.core.sha256: found "ab"; allowed: a SHA-256: 64 digits and letters a to f',
  ],
  [
    "cert-manager without manifests",
    { clusterApi: { certificates: "cert-manager" } },
    "clusterApi.certManager: found nothing; allowed: a file or folder, or a group of url and sha256",
  ],
  [
    "cert-manager's manifests without cert-manager",
    { clusterApi: { certManager: { url, sha256 } } },
    "clusterApi.certManager: found manifests; allowed: manifests only with certificates: cert-manager",
  ],
  [
    "a mirror with https://",
    { registries: { images: { "ghcr.io": "https://harbor.test" } } },
    'registries.images: found "https://harbor.test"; allowed: a registry or its beginning of names, such as ' +
      "harbor.lab.example/k8s, without https://",
  ],
  [
    "charts without a scheme",
    { registries: { charts: { "kubernetes.github.io/autoscaler": "oci://harbor.test" } } },
    'registries.charts: found "kubernetes.github.io/autoscaler"; allowed: an address such as ' +
      "oci://harbor.lab.example/charts, without a slash at its end",
  ],
  [
    "a context of nothing",
    { managementCluster: { context: "lab" } },
    'managementCluster.context: found "lab"; allowed: a context only beside kubeconfig',
  ],
])("%s: one mistake", (_, values, mistake) => {
  expect(mistakesOf(source({ ...least, ...values }))).toEqual([
    "Pulumi.test.yaml has 1 mistake:",
    mistake,
  ]);
});

test("mirrors stand in for what the stack names, and leave what is one's own", () => {
  const autoscaler = "https://kubernetes.github.io/autoscaler";
  const config = read({
    registries: {
      images: { "registry.k8s.io": "harbor.test/k8s", "docker.io": "harbor.test/hub" },
      charts: { [autoscaler]: "oci://harbor.test/charts" },
    },
    managementCluster: { nodeImage: "kindest/node:v1.36.1" },
    clusterAutoscaler: { repository: autoscaler, chartVersion: "9.59.0" },
    sampleWorkload: { image: "registry.lab.test/hello:1" },
  });
  const { clusterAutoscaler, managementCluster, sampleWorkload, workloadCluster } = config;
  expect(clusterAutoscaler).toMatchObject({
    chart: "oci://harbor.test/charts/cluster-autoscaler",
    chartVersion: "9.59.0",
    image: { repository: "harbor.test/k8s/autoscaling/cluster-autoscaler" },
  });
  expect(clusterAutoscaler.repository).toBeUndefined();
  expect([managementCluster.nodeImage, sampleWorkload.image, workloadCluster.kubeVipImage]).toEqual(
    [
      "harbor.test/hub/kindest/node:v1.36.1",
      "registry.lab.test/hello:1",
      "ghcr.io/kube-vip/kube-vip:v0.9.2",
    ],
  );
});

test("a chart repository may be mirrored by another one", () => {
  const charts = { "https://kubernetes.github.io": "https://charts.test" };
  const clusterAutoscaler = { repository: "https://kubernetes.github.io/autoscaler" };
  expect(read({ registries: { charts }, clusterAutoscaler }).clusterAutoscaler).toMatchObject({
    chart: "cluster-autoscaler",
    repository: "https://charts.test/autoscaler",
  });
});
