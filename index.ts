// The lab on one screen, in build order.

import { ClusterApi } from "./components/cluster-api";
import { ClusterAutoscaler } from "./components/cluster-autoscaler";
import { Guardrails } from "./components/guardrails";
import { ManagementCluster } from "./components/management-cluster";
import { SampleWorkload } from "./components/sample-workload";
import { ScalingTest } from "./components/scaling-test";
import { VmImage } from "./components/vm-image";
import { WorkloadCluster } from "./components/workload-cluster";
import { readConfig } from "./config";

const config = readConfig();
const { kubernetesVersion, prismCentral } = config;

const { prismElement, subnetRange, subnetPools } = config.workloadCluster;
new Guardrails("guardrails", { ...config.guardrails, network: { subnetRange, subnetPools } });

const source = config.image;
const image = new VmImage("image", { source, kubernetesVersion, prismCentral, prismElement });

const management = new ManagementCluster("management", config.managementCluster);

const clusterApi = new ClusterApi("cluster-api", {
  ...config.clusterApi,
  mirrors: config.registries.images,
  prismCentral,
  cluster: management,
});

const workload = new WorkloadCluster(
  "workload",
  {
    ...config.workloadCluster,
    charts: config.registries.charts,
    kubernetesVersion,
    prismCentral,
    image,
    management,
  },
  { dependsOn: clusterApi },
);

const autoscaler = new ClusterAutoscaler("autoscaler", {
  ...config.clusterAutoscaler,
  management,
  workload,
});

const [pool] = config.workloadCluster.pools;
const { machine } = pool;
const sample = new SampleWorkload("sample", { ...config.sampleWorkload, machine, workload });

const test = new ScalingTest(
  "scaling-test",
  {
    ...config.scalingTest,
    profile: config.clusterAutoscaler.profile,
    prismCentral,
    management,
    workload,
    sample,
    proves: [image.uuid, autoscaler.revision],
  },
  { dependsOn: [autoscaler, sample] },
);

export const imageName = image.imageName;
export const imageUuid = image.uuid;
export const managementKubeconfig = management.kubeconfig;
export const workloadKubeconfig = workload.kubeconfig;
export const controlPlaneEndpoint = workload.endpoint;
export const scalingTest = test.settings;
export const reportFile = config.scalingTest.report;
