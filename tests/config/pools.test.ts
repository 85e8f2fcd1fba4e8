import { parseConfig } from "../../config";
import { changed, least, mistakesOf, source, type Values } from "./stack";

const pools = (...list: Values[]): Values => changed("workloadCluster", { pools: list });

test("pools in full", () => {
  const full = {
    name: "burst",
    min: 1,
    max: 9,
    sockets: 4,
    coresPerSocket: 2,
    memory: "16Gi",
    disk: "100Gi",
    maxPods: 50,
    labels: { tier: "burst", "node-role.kubernetes.io/burst": "" },
    taints: [{ key: "burst" }, { key: "a.example/b", value: "c", effect: "NoExecute" }],
    gpus: [{ name: "Ampere 40" }, { deviceId: 8757 }],
    failureDomain: "a",
    autoscaling: { scaleDownUnneededTime: "1m30s", scaleDownUtilizationThreshold: 0.7 },
  };
  const failureDomains = [{ name: "a", prismElement: "PE-A", subnets: ["vms"] }];
  const values = changed("workloadCluster", { pools: [full, { name: "x" }], failureDomains });
  const [first, second] = parseConfig(source(values)).workloadCluster.pools;
  const { sockets, coresPerSocket, memory, disk, taints, ...same } = full;
  expect(first).toEqual({
    ...same,
    machine: { sockets, coresPerSocket, memory, disk },
    taints: [{ key: "burst", effect: "NoSchedule" }, taints[1]],
  });
  expect([second?.name, second?.max]).toEqual(["x", 3]);
});

test.each<[string, Values, string[]]>([
  ["no pool", pools(), ["workloadCluster.pools: found no pool; allowed: at least one"]],
  [
    "pools that are no list",
    changed("workloadCluster", { pools: { name: "a" } }),
    [
      'workloadCluster.pools: found {"name":"a"}; allowed: a list of groups of keys',
      "workloadCluster.pools: found no pool; allowed: at least one",
    ],
  ],
  [
    "both forms",
    changed("workloadCluster", { workers: {}, pools: [{ name: "a" }] }),
    [
      "workloadCluster.workers: found both workers and pools; allowed: one of them: workers is a single pool",
    ],
  ],
  [
    "a name twice",
    pools({ name: "a" }, { name: "a" }),
    ["workloadCluster.pools: found two pools called a; allowed: another name for each"],
  ],
  [
    "a name that the cluster has itself",
    pools({ name: "kcp" }),
    [
      "workloadCluster.pools: found a pool called kcp; allowed: another name: the cluster's own objects have it",
    ],
  ],
  [
    "a slip of the pen",
    pools({ name: "a", label: { tier: "x" } }),
    ["workloadCluster.pools[0].label: unknown key. Did you mean labels?"],
  ],
  [
    "bounds the wrong way round",
    pools({ name: "a" }, { name: "b", min: 4 }),
    ["workloadCluster.pools[1].max: found 3; allowed: at least min, which is 4"],
  ],
  [
    "a label that a kubelet may not have",
    pools({ name: "a", labels: { "kubernetes.io/role": "x" } }),
    [
      "workloadCluster.pools[0].labels: found kubernetes.io/role; allowed: a prefix of your own: Kubernetes gives such labels itself",
    ],
  ],
  [
    "an effect of one's own",
    pools({ name: "a", taints: [{ key: "k", effect: "NoScedule" }] }),
    [
      'workloadCluster.pools[0].taints[0].effect: found "NoScedule"; allowed: NoSchedule | PreferNoSchedule | NoExecute. Did you mean NoSchedule?',
    ],
  ],
  [
    "a GPU without a name",
    pools({ name: "a", gpus: [{}] }),
    [
      "workloadCluster.pools[0].gpus[0].name: found both or neither of name and deviceId; allowed: one of them",
    ],
  ],
  [
    "a time without a unit",
    pools({ name: "a", autoscaling: { scaleDownUnneededTime: "60" } }),
    [
      'workloadCluster.pools[0].autoscaling.scaleDownUnneededTime: found "60"; allowed: a duration such as 90s, 15m or 1h30m',
    ],
  ],
  [
    "a failure domain that is none",
    changed("workloadCluster", {
      failureDomains: [{ name: "rack-a", prismElement: "PE", subnets: ["vms"] }],
      pools: [{ name: "a", failureDomain: "rack-b" }],
    }),
    [
      "workloadCluster.pools a failureDomain: found rack-b; allowed: one of failureDomains: rack-a. Did you mean rack-a?",
    ],
  ],
  [
    "volumes by API key",
    {
      ...changed("prismCentral", { apiKey: "k" }),
      ...{ workloadCluster: { ...(least["workloadCluster"] as Values), csi: "nutanix" } },
    },
    [
      "workloadCluster.csi: found nutanix with an API key; allowed: none: its driver logs in by name",
    ],
  ],
])("%s: named", (_, values, mistakes) => {
  expect(mistakesOf(source(values)).slice(1)).toEqual(mistakes);
});

test("a name without kube-vip needs no address", () => {
  const values = { endpoint: { host: "api.lab.test" }, kubeVip: "none" };
  expect(mistakesOf(source(changed("workloadCluster", values)))).toEqual([]);
});
