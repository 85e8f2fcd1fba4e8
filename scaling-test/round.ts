// One round, 0 -> N -> 0: asks for replicas, waits for each phase to show itself, asks for none, waits again.

import type { ApiObject } from "./api-server";
import { whatKeepsFromComing } from "./blockers/coming";
import { whatKeepsFromGoing } from "./blockers/going";
import { distinct, type Found, sentence } from "./blockers/kinds";
import { look } from "./blockers/view";
import * as evidence from "./evidence";
import { OPERATIONS, type PrismTask } from "./prism";
import type { SeenRound } from "./report";
import type { Blocker, Evidence, MachineLife } from "./report/types";
import type { PhaseName } from "./settings";
import { until } from "./wait";
import type { World } from "./world";

/** What is told while it happens. */
export type Told =
  | { type: "phase"; round: number; phase: PhaseName; evidence: Evidence[] }
  | { type: "waiting"; round: number; phase: PhaseName; blockers: string[] };

export interface Surroundings {
  world: World;
  tell: (told: Told) => void;
  signal: AbortSignal;
}

interface Worker {
  machine: string;
  node: string;
  vm: string;
}

const GOING: ReadonlySet<PhaseName> = new Set(["idle", "drained", "vm-deleted", "zero"]);
const BLOCKERS_SECONDS = 5;
const REQUESTS_EACH_LOOK = 4;

/** Thrown when a phase was not seen within its budget. */
export class PhaseMissing extends Error {
  readonly blockers: Blocker[];

  constructor(message: string, blockers: Blocker[]) {
    super(message);
    this.blockers = blockers;
  }
}

export class RoundRun {
  readonly result: SeenRound;
  private readonly number: number;
  private readonly around: Surroundings;

  constructor(number: number, replicas: number, around: Surroundings) {
    this.number = number;
    this.around = around;
    this.result = { replicas, seen: {}, machines: [] };
  }

  /** All phases. Throws PhaseMissing at the first that is not seen. */
  async run(): Promise<void> {
    const { world } = this.around;
    const { result } = this;
    await this.phase("idle", () => world.idle());
    result.asked = await world.scale(result.replicas);
    const workers = await this.up(result.asked.time);
    await this.note(workers);
    result.released = await world.scale(0);
    await this.down(workers, result.released.time);
    await this.note(workers);
  }

  private async up(asked: string): Promise<Worker[]> {
    const { world } = this.around;
    const { prism } = world.servers;
    await this.phase("pending", async () => {
      const events = await world.events(asked);
      return this.all(await world.pods(), (pod) => evidence.pending(events, pod));
    });
    await this.phase("decision", async () => {
      const found = evidence.decision(await world.events(asked), await world.pods());
      return found && [found];
    });
    await this.phase("vm-created", async () => {
      const vms = (await world.machines()).map(evidence.vmOf);
      return this.each(vms, async (vm) =>
        vm === undefined ? undefined : evidence.task(await prism.tasksOf(vm), "create", vm),
      );
    });
    await this.phase("node-ready", async () => {
      const nodes = await world.nodes();
      const vms = (await world.machines()).map(evidence.vmOf);
      return this.all(vms, (vm) => (vm ? evidence.nodeReady(nodes, vm) : undefined));
    });
    await this.phase("running", async () => this.all(await world.pods(), evidence.running));
    const [pods, nodes] = [await world.pods(), await world.nodes()];
    await this.phase("answering", this.answers(pods, nodes));
    return workersOf(await world.machines(), nodes);
  }

  /** Each pod's first answer; the Service chooses who answers, so several requests are made at each look. */
  private answers(pods: ApiObject[], nodes: ApiObject[]): () => Promise<Evidence[] | undefined> {
    const first = new Map<string, Evidence>();
    return async () => {
      for (let left = REQUESTS_EACH_LOOK * pods.length; left > 0; left--) {
        const answer = await this.around.world.ask(pods, nodes);
        if (answer?.uid && !first.has(answer.uid)) first.set(answer.uid, answer);
        if (first.size === pods.length) return [...first.values()];
      }
      return undefined;
    };
  }

  private async down(workers: Worker[], released: string): Promise<void> {
    const { world } = this.around;
    await this.phase("drained", async () => {
      const events = await world.events(released);
      return this.all(workers, ({ node }) => evidence.drained(events, node));
    });
    await this.phase("vm-deleted", () =>
      this.each(workers, async ({ vm }) =>
        evidence.task(await world.servers.prism.tasksOf(vm), "delete", vm),
      ),
    );
    await this.phase("zero", () => world.idle());
  }

  /** The workers' lives by Prism Central's task log. */
  private async note(workers: Worker[]): Promise<void> {
    const { prism } = this.around.world.servers;
    this.result.machines = await Promise.all(
      workers.map(async (worker) => lifeOf(worker, await prism.tasksOf(worker.vm))),
    );
  }

  /** Evidence of each item, or nothing while one lacks it or there are fewer than were asked for. */
  private all<T>(items: T[], show: (item: T) => Evidence | undefined): Evidence[] | undefined {
    const found = items.map(show).filter((item) => item !== undefined);
    return found.length === items.length && found.length >= this.result.replicas
      ? found
      : undefined;
  }

  private async each<T>(items: T[], show: (item: T) => Promise<Evidence | undefined>) {
    return this.all(await Promise.all(items.map(show)), (item) => item);
  }

  private async phase(name: PhaseName, show: () => Promise<Evidence[] | undefined>): Promise<void> {
    const { world, tell, signal } = this.around;
    const seconds = world.settings.budgets[name];
    const since = Date.now();
    const waiting = async () => {
      const blockers = (await this.blockers(name, since)).map(sentence);
      tell({ type: "waiting", round: this.number, phase: name, blockers });
    };
    const meanwhile = { everySeconds: BLOCKERS_SECONDS, tell: waiting };
    const { found, problem } = await until(show, { seconds, meanwhile, signal });
    if (found) {
      this.result.seen[name] = found;
      tell({ type: "phase", round: this.number, phase: name, evidence: found });
      return;
    }
    if (signal.aborted) throw new PhaseMissing(`The test was stopped in phase ${name}.`, []);
    const blockers = await this.blockers(name, since);
    const why = blockers.map(sentence).join(" ") || (problem ?? "nothing shows it");
    throw new PhaseMissing(
      `Waiting for phase ${name} of round ${this.number} failed after ${seconds} s: ${why}`,
      blockers.map((found) => ({ round: this.number, phase: name, ...found })),
    );
  }

  /** What is in the way now; ten seconds are all that looking for it may take. */
  private async blockers(phase: PhaseName, since: number): Promise<Found[]> {
    const { world } = this.around;
    const looking = async () => {
      const view = await look(world.settings, world.servers);
      const from = since - 60_000;
      if (GOING.has(phase)) return distinct(whatKeepsFromGoing(view, from));
      const { machineDeployment } = world.settings;
      const time = { since: from, now: Date.now() };
      return distinct(whatKeepsFromComing(view, await world.pods(), machineDeployment, time));
    };
    return (await until(looking, { seconds: 10 })).found ?? [];
  }
}

/** Machines with their VMs and Nodes, in the order of their names. Pure. */
export function workersOf(machines: ApiObject[], nodes: ApiObject[]): Worker[] {
  return machines
    .flatMap((machine) => {
      const vm = evidence.vmOf(machine);
      const node = nodes.find((item) => evidence.vmOf(item) === vm);
      return vm && node ? [{ machine: machine.metadata.name, node: node.metadata.name, vm }] : [];
    })
    .sort((a, b) => a.machine.localeCompare(b.machine));
}

/** A worker's life out of Prism Central's tasks, oldest first. Pure. */
export function lifeOf(worker: Worker, tasks: PrismTask[]): MachineLife {
  const done = (operation: RegExp) =>
    tasks.find((task) => operation.test(task.operation) && task.status === "SUCCEEDED");
  const [create, powerOn, gone] = [
    done(OPERATIONS.create),
    done(OPERATIONS.powerOn),
    done(OPERATIONS.delete),
  ];
  return {
    ...worker,
    requestedAt: create?.createdTime ?? "",
    createdAt: create?.completedTime ?? "",
    ...(powerOn?.completedTime
      ? { powerOnRequestedAt: powerOn.createdTime, poweredOnAt: powerOn.completedTime }
      : {}),
    ...(gone?.completedTime ? { deletedAt: gone.completedTime } : {}),
  };
}
