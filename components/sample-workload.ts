// The function whose replicas the scaling test asks for: each needs most of a worker, so each needs its own.

import * as pulumi from "@pulumi/pulumi";
import { KubernetesObject, type Manifest } from "./kubernetes-object";
import type { WorkloadCluster } from "./workload-cluster";
import type { MachineSize } from "./workload-cluster/spec";

export interface SampleWorkloadArgs {
  namespace: string;
  image: string;
  /** Share of a worker's memory and cpu that one replica asks for. */
  share: number;
  /** Size of the workers that it is to run on. */
  machine: MachineSize;
  workload: WorkloadCluster;
}

const NAME = "hello";
const PORT = 8080;

/** An HTTP function, at zero replicas until somebody asks. */
export class SampleWorkload extends pulumi.ComponentResource {
  /** Where it is, as the scaling test wants it. */
  readonly target: { namespace: string; deployment: string; service: string; port: number };

  constructor(name: string, args: SampleWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lab:index:SampleWorkload", name, {}, opts);
    const { provider, lifetime } = args.workload;
    const options = { parent: this, provider, deletedWith: lifetime };
    const { namespace, deployment, service } = sampleManifests(args);
    const space = new KubernetesObject(`${name}-namespace`, namespace, options);
    new KubernetesObject(`${name}-deployment`, deployment, {
      ...options,
      dependsOn: space,
      ignoreChanges: ["spec.replicas"],
    });
    new KubernetesObject(`${name}-service`, service, { ...options, dependsOn: space });
    this.target = { namespace: args.namespace, deployment: NAME, service: NAME, port: PORT };
    this.registerOutputs({ target: this.target });
  }
}

/** The objects of the function. Pure. */
export function sampleManifests(
  args: Pick<SampleWorkloadArgs, "namespace" | "image" | "share" | "machine">,
) {
  const metadata = { name: NAME, namespace: args.namespace };
  const labels = { app: NAME };
  const namespace: Manifest = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: args.namespace },
  };
  const deployment: Manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, labels },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(args) },
    },
  };
  // Nothing answers while there are no replicas: that is no reason to wait.
  const service: Manifest = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, labels, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: { selector: labels, ports: [{ name: "http", port: PORT, targetPort: PORT }] },
  };
  return { namespace, deployment, service };
}

function podSpec({
  image,
  share,
  machine,
}: Pick<SampleWorkloadArgs, "image" | "share" | "machine">) {
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  return {
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: NAME,
        image,
        ports: [{ name: "http", containerPort: PORT }],
        env: [field("POD_NAME", "metadata.name"), field("NODE_NAME", "spec.nodeName")],
        readinessProbe: { httpGet: { path: "/healthz", port: PORT }, periodSeconds: 1 },
        resources: { requests: requests(machine, share) },
      },
    ],
  };
}

/** The share of a machine in Kubernetes' units. */
function requests(machine: MachineSize, share: number) {
  const millicores = machine.sockets * machine.coresPerSocket * 1000;
  const unit = machine.memory.endsWith("Gi") ? 1024 : 1;
  const mebibytes = Number.parseInt(machine.memory, 10) * unit;
  return {
    cpu: `${Math.floor(millicores * share)}m`,
    memory: `${Math.floor(mebibytes * share)}Mi`,
  };
}
