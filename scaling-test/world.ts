// Where the scaling test looks: the questions that it asks both API servers and Prism Central.

import { randomUUID } from "node:crypto";
import type { ApiEvent, ApiObject, ApiServer } from "./api-server";
import * as evidence from "./evidence";
import type { PrismReader } from "./prism";
import type { Evidence, Sample } from "./report/types";
import type { ScalingTestSettings } from "./settings";

export interface Servers {
  management: ApiServer;
  workload: ApiServer;
  prism: PrismReader;
}

/** Both clusters and Prism Central, as the settings point at them. */
export class World {
  readonly servers: Servers;
  readonly settings: ScalingTestSettings;
  private readonly controlPlaneVms = new Set<string>();

  constructor(settings: ScalingTestSettings, servers: Servers) {
    this.settings = settings;
    this.servers = servers;
  }

  /** Asks for replicas of the sample workload; the API server's word that it took the wish. */
  async scale(replicas: number): Promise<Evidence> {
    const { namespace, deployment } = this.settings.workload;
    const time = await this.servers.workload.scale(namespace, deployment, replicas);
    const detail = `replicas ${replicas}`;
    return { kind: "Scale", name: `${namespace}/${deployment}`, time, detail };
  }

  /** Counts of now, worker VMs by category. */
  async count(): Promise<Sample> {
    const [{ items: nodes, date }, pods, { vms }] = await Promise.all([
      this.servers.workload.listed("/api/v1/nodes"),
      this.pods(),
      this.servers.prism.clusterVms(this.settings.cluster),
    ]);
    this.rememberControlPlane(nodes);
    const workers = nodes.filter((node) => !evidence.isControlPlane(node));
    const ready = (object: ApiObject) => evidence.condition(object, "Ready")?.status === "True";
    return {
      time: date,
      vms: vms.filter(({ extId }) => !this.controlPlaneVms.has(extId)).length,
      nodes: workers.length,
      readyNodes: workers.filter(ready).length,
      pods: pods.length,
      readyPods: pods.filter(ready).length,
    };
  }

  /** No worker: counted in Prism Central by category, and as Nodes in the workload cluster. */
  async idle(): Promise<Evidence[] | undefined> {
    const { workload, prism } = this.servers;
    const nodes = await workload.list("/api/v1/nodes");
    this.rememberControlPlane(nodes);
    const { vms, date } = await prism.clusterVms(this.settings.cluster);
    const workers = vms.filter((vm) => !this.controlPlaneVms.has(vm.extId));
    if (workers.length > 0 || nodes.some((node) => !evidence.isControlPlane(node)))
      return undefined;
    return [
      {
        kind: "VM list",
        name: `category KubernetesClusterName:${this.settings.cluster}`,
        time: date,
        detail: `${vms.length} VMs, all of the control plane; ${nodes.length} Nodes, no worker`,
      },
    ];
  }

  private rememberControlPlane(nodes: ApiObject[]): void {
    for (const node of nodes.filter(evidence.isControlPlane)) {
      const vm = evidence.vmOf(node);
      if (vm) this.controlPlaneVms.add(vm);
    }
  }

  /** One request to the Service: its answer as evidence, if one of these pods gave it. */
  async ask(pods: ApiObject[], nodes: ApiObject[]): Promise<Evidence | undefined> {
    const { namespace, service, port } = this.settings.workload;
    const nonce = randomUUID();
    const target = { namespace, name: service, port };
    const reply = await this.servers.workload.request(target, `/?nonce=${nonce}`);
    const url = `${namespace}/${service}:${port}`;
    return evidence.answered(reply, { nonce, url }, { pods, nodes });
  }

  /** The sample workload's pods, without those on their way out. */
  async pods(): Promise<ApiObject[]> {
    const { namespace, deployment } = this.settings.workload;
    const pods = await this.servers.workload.list(`/api/v1/namespaces/${namespace}/pods`, {
      labelSelector: `app=${deployment}`,
    });
    return pods.filter((pod) => !pod.metadata.deletionTimestamp);
  }

  nodes(): Promise<ApiObject[]> {
    return this.servers.workload.list("/api/v1/nodes");
  }

  /** The pool's Machines, without those on their way out. */
  async machines(): Promise<ApiObject[]> {
    const { namespace, machineDeployment } = this.settings;
    const machines = await this.servers.management.list(
      `/apis/cluster.x-k8s.io/v1beta2/namespaces/${namespace}/machines`,
      { labelSelector: `cluster.x-k8s.io/deployment-name=${machineDeployment}` },
    );
    return machines.filter((machine) => !machine.metadata.deletionTimestamp);
  }

  /** The workload cluster's events since a time. */
  async events(since: string): Promise<ApiEvent[]> {
    const from = Date.parse(since) - 1000;
    const events = await this.servers.workload.list<ApiEvent>("/api/v1/events");
    return events.filter((event) => Date.parse(event.metadata.creationTimestamp) >= from);
  }
}
