// Drives the test: asks for replicas, looks until each phase shows itself, asks for none, looks again.

import { randomUUID } from "node:crypto";
import type { ApiEvent, ApiObject, ApiServer } from "./api-server";
import * as evidence from "./evidence";
import type { PrismReader } from "./prism";
import type { Evidence } from "./report";
import type { PhaseName, ScalingTestSettings } from "./settings";

export interface World {
  management: ApiServer;
  workload: ApiServer;
  prism: PrismReader;
  /** Told of each phase as it is seen, and of what is waited for. */
  say: (line: string) => void;
}

type Seen = Partial<Record<PhaseName, Evidence[]>>;

interface Worker {
  vm: string;
  node: string;
}

const POLL_MILLISECONDS = 150;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));

/** One run of the test over the given world. */
export class ScalingTestRun {
  readonly seen: Seen = {};
  readonly failures: string[] = [];
  private readonly controlPlaneVms = new Set<string>();

  private readonly settings: ScalingTestSettings;
  private readonly world: World;

  constructor(settings: ScalingTestSettings, world: World) {
    this.settings = settings;
    this.world = world;
  }

  /** Runs all phases; a phase that is not seen within its budget ends the run, after asking for zero again. */
  async run(): Promise<void> {
    const { workload } = this.settings;
    try {
      await this.phase("idle", () => this.idle());
      await this.world.workload.scale(
        workload.namespace,
        workload.deployment,
        this.settings.replicas,
      );
      const workers = await this.up();
      await this.world.workload.scale(workload.namespace, workload.deployment, 0);
      await this.down(workers);
    } catch (error) {
      this.failures.push(error instanceof Error ? error.message : String(error));
      await this.world.workload
        .scale(workload.namespace, workload.deployment, 0)
        .catch((cause: unknown) =>
          this.failures.push(`Scaling back to 0 failed: ${String(cause)}`),
        );
    }
  }

  private async up(): Promise<Worker[]> {
    const { prism, workload } = this.world;
    await this.phase("pending", async () => this.all(await this.pods(), evidence.pending));
    await this.phase("decision", async () => {
      const found = evidence.decision(await this.events(), await this.pods());
      return found && [found];
    });
    await this.phase("vm-created", async () => {
      const vms = (await this.machines()).map(evidence.vmOf);
      return this.each(vms, async (vm) =>
        vm === undefined ? undefined : evidence.task(await prism.tasksOf(vm), "kVmCreate", vm),
      );
    });
    await this.phase("node-ready", async () => {
      const nodes = await workload.list("/api/v1/nodes");
      const vms = (await this.machines()).map(evidence.vmOf);
      return this.all(vms, (vm) => (vm ? evidence.nodeReady(nodes, vm) : undefined));
    });
    await this.phase("running", async () => this.all(await this.pods(), evidence.running));
    await this.phase("answering", () => this.answer());
    const nodes = await workload.list("/api/v1/nodes");
    return nodes.flatMap((node) => {
      const vm = evidence.vmOf(node);
      return vm && !this.controlPlaneVms.has(vm) ? [{ vm, node: node.metadata.name }] : [];
    });
  }

  private async down(workers: Worker[]): Promise<void> {
    await this.phase("drained", async () => {
      const events = await this.events();
      return this.all(workers, ({ node }) => evidence.drained(events, node));
    });
    await this.phase("vm-deleted", () =>
      this.each(workers, async ({ vm }) =>
        evidence.task(await this.world.prism.tasksOf(vm), "kVmDelete", vm),
      ),
    );
    await this.phase("zero", async () => this.idle());
  }

  /** No worker: counted in Prism Central by category, and as Nodes in the workload cluster. */
  private async idle(): Promise<Evidence[] | undefined> {
    const nodes = await this.world.workload.list("/api/v1/nodes");
    const isControlPlane = (node: ApiObject) =>
      "node-role.kubernetes.io/control-plane" in (node.metadata.labels ?? {});
    for (const node of nodes.filter(isControlPlane)) {
      const vm = evidence.vmOf(node);
      if (vm) this.controlPlaneVms.add(vm);
    }
    const { vms, date } = await this.world.prism.clusterVms(this.settings.cluster);
    const workers = vms.filter((vm) => !this.controlPlaneVms.has(vm.extId));
    if (workers.length > 0 || nodes.some((node) => !isControlPlane(node))) return undefined;
    return [
      {
        kind: "VM list",
        name: `category KubernetesClusterName:${this.settings.cluster}`,
        time: date,
        detail: `${vms.length} VMs, all of the control plane; ${nodes.length} Nodes, no worker`,
      },
    ];
  }

  private async answer(): Promise<Evidence[] | undefined> {
    const { namespace, service, port } = this.settings.workload;
    const nonce = randomUUID();
    const reply = await this.world.workload.request(
      { namespace, name: service, port },
      `/?nonce=${nonce}`,
    );
    const body = reply.body as { nonce?: string; pod?: string; time?: string };
    if (reply.status !== 200 || body.nonce !== nonce || !body.time) return undefined;
    const name = `${namespace}/${service}:${port}`;
    const detail = `nonce ${nonce} answered by pod ${body.pod ?? "?"}`;
    return [{ kind: "HTTP response", name, time: body.time, detail }];
  }

  private pods(): Promise<ApiObject[]> {
    const { namespace, deployment } = this.settings.workload;
    return this.world.workload
      .list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: `app=${deployment}` })
      .then((pods) => pods.filter((pod) => !pod.metadata.deletionTimestamp));
  }

  private machines(): Promise<ApiObject[]> {
    const { namespace, machineDeployment } = this.settings;
    return this.world.management.list(
      `/apis/cluster.x-k8s.io/v1beta2/namespaces/${namespace}/machines`,
      { labelSelector: `cluster.x-k8s.io/deployment-name=${machineDeployment}` },
    );
  }

  /** Events since this run began. */
  private async events(): Promise<ApiEvent[]> {
    const since = Date.parse(this.seen.idle?.[0]?.time ?? "") - 1000;
    const events = await this.world.workload.list<ApiEvent>("/api/v1/events");
    return events.filter((event) => Date.parse(event.metadata.creationTimestamp) >= since);
  }

  /** Evidence of each item, or nothing while one lacks it or there are fewer than were asked for. */
  private all<T>(items: T[], show: (item: T) => Evidence | undefined): Evidence[] | undefined {
    const found = items.map(show).filter((item) => item !== undefined);
    return found.length === items.length && found.length >= this.settings.replicas
      ? found
      : undefined;
  }

  private async each<T>(items: T[], show: (item: T) => Promise<Evidence | undefined>) {
    const found = await Promise.all(items.map(show));
    return this.all(found, (item) => item);
  }

  /** Looks until the phase shows itself, at most for its budget. */
  private async phase(name: PhaseName, look: () => Promise<Evidence[] | undefined>): Promise<void> {
    const budget = this.settings.budgets[name];
    const deadline = Date.now() + budget * 1000;
    let problem = "nothing that shows it";
    while (Date.now() < deadline) {
      const found = await look().catch((error: unknown) => {
        problem = error instanceof Error ? error.message : String(error);
        return undefined;
      });
      if (found) {
        this.seen[name] = found;
        this.world.say(`${name}: ${found.map((item) => item.detail ?? item.name).join("; ")}`);
        return;
      }
      await pause();
    }
    throw new Error(`Waiting for phase ${name} failed after ${budget} s: ${problem}.`);
  }
}
