import { readFileSync } from "node:fs";
import * as path from "node:path";
import {
  autoscalerFor,
  type Chosen,
  compareVersions,
  impossiblePairs,
  KNOWN_GOOD,
} from "../../config/versions";

const good: Chosen = {
  kubernetes: "v1.36.3",
  clusterApi: "v1.13.6",
  capx: "v1.10.3",
  managementKubernetes: "v1.36.3",
  prismCentral: "pc.7.5",
  autoscaler: "v1.36.1",
  autoscalerChart: "9.59.0",
};

test.each(KNOWN_GOOD)("Kubernetes $kubernetes and what it is known to go with", (known) => {
  const kubernetes = `${known.kubernetes}.3`;
  expect(impossiblePairs({ ...good, ...known, kubernetes })).toEqual([]);
  expect(autoscalerFor(kubernetes)).toBe(known.autoscaler);
});

test.each<[string, Partial<Chosen>, ReturnType<typeof impossiblePairs>]>([
  [
    "Kubernetes older than Cluster API takes",
    { kubernetes: "v1.29.9", autoscaler: "v1.29.0" },
    [{ of: "kubernetes", allowed: "Kubernetes v1.30 to v1.37 with Cluster API v1.13.6" }],
  ],
  [
    "Kubernetes newer than Cluster API knows",
    { kubernetes: "v1.38.0", autoscaler: "v1.38.0" },
    [{ of: "kubernetes", allowed: "Kubernetes v1.30 to v1.37 with Cluster API v1.13.6" }],
  ],
  [
    "a patch of Cluster API from before the Kubernetes release",
    { clusterApi: "v1.12.7" },
    [{ of: "clusterApi", allowed: "v1.12.8 or newer with Kubernetes v1.36.3" }],
  ],
  [
    "Cluster API before v1beta2",
    { clusterApi: "v1.10.4" },
    [{ of: "clusterApi", allowed: "v1.11 to v1.14, which serve v1beta1 and v1beta2" }],
  ],
  [
    "Cluster API without v1beta1",
    { clusterApi: "v1.16.0" },
    [{ of: "clusterApi", allowed: "v1.11 to v1.14, which serve v1beta1 and v1beta2" }],
  ],
  [
    "a management cluster that is too old",
    { managementKubernetes: "v1.31.4" },
    [{ of: "managementKubernetes", allowed: "Kubernetes v1.32 to v1.37 with Cluster API v1.13.6" }],
  ],
  ["CAPX of the lab's first days", { capx: "v1.1.3" }, [{ of: "capx", allowed: "v1.7 to v1.10" }]],
  [
    "Prism Central too old for CAPX",
    { prismCentral: "pc.7.3.1" },
    [{ of: "prismCentral", allowed: "7.5 or newer with CAPX v1.10.3" }],
  ],
  [
    "Prism Central of the years' numbers",
    { capx: "v1.8.2", prismCentral: "pc.2024.3.1" },
    [{ of: "prismCentral", allowed: "7.3 or newer with CAPX v1.8.2" }],
  ],
  [
    "an autoscaler of another minor version",
    { autoscaler: "v1.35.2" },
    [{ of: "autoscaler", allowed: "v1.36.x: its minor version follows Kubernetes v1.36.3" }],
  ],
  [
    "a chart that cannot grant what the autoscaler needs",
    { autoscalerChart: "9.46.6" },
    [
      {
        of: "autoscalerChart",
        allowed: "9.54.1 or newer: older ones cannot let the autoscaler read machine templates",
      },
    ],
  ],
])("%s is refused", (_, changes, pairs) => {
  expect(impossiblePairs({ ...good, ...changes })).toEqual(pairs);
});

test("what is not known goes with everything", () => {
  const { kubernetes, clusterApi, capx } = good;
  expect(impossiblePairs({ kubernetes, clusterApi, capx })).toEqual([]);
});

test.each([
  ["v1.9.9", "v1.10.0", -1],
  ["v1.13", "v1.13.0", 0],
  ["pc.7.5", "pc.2024.3.1", 1],
])("%s against %s", (left, right, sign) => {
  expect(Math.sign(compareVersions(left, right))).toBe(sign);
});

test("what the repository brings along is of the table", () => {
  const [newest] = KNOWN_GOOD;
  const file = (name: string) => readFileSync(path.join(__dirname, "..", "..", name), "utf8");
  const capx = /cluster-api-provider-nutanix\/controller:(\S+)/.exec(
    file("manifests/capx/infrastructure-components.yaml"),
  )?.[1];
  const clusterApi = /sigs\.k8s\.io\/cluster-api (v\S+)/.exec(file("toolchain/cluster-api/go.mod"));
  expect([capx, clusterApi?.[1]]).toEqual([newest.capx, newest.clusterApi]);
});
