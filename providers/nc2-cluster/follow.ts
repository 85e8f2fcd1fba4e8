// Brings a cluster where it is wished: looks at it, does the next step, follows the console's task, looks again. What
// was begun by an earlier run is found and gone on with; a break of the line is waited out.
import type { CallName, Nc2ClusterView, Nc2Task } from "../nc2/api";
import type { Nc2Client } from "../nc2/client";
import { getCluster, getTask, isOver, openTask } from "../nc2/clusters";
import { Nc2Error } from "../nc2/errors";
import { told } from "../prism/errors";
import { type Action, nextStep, type Wish } from "./transitions";

export interface Journey {
  client: Nc2Client;
  name: string;
  log: (line: string) => void;
  patienceMinutes: number;
  /** Runs before each hibernation; throws where it must not be. */
  beforeHibernation: () => Promise<void>;
  /** Milliseconds that were waited so far. */
  waited: number;
  /** The console's task that is under way, as far as it is known. */
  task?: string | undefined;
}

const ACTIONS: Record<Action, { call: CallName; doing: string }> = {
  hibernate: { call: "hibernate", doing: "Hibernating" },
  resume: { call: "resume", doing: "Resuming" },
  terminate: { call: "terminate", doing: "Terminating" },
};
const DOING: Record<Wish, string> = {
  running: "Bringing up",
  hibernated: "Hibernating",
  gone: "Terminating",
};

/** How often one action is asked for, where the console's answers get lost. */
const ATTEMPTS = 4;
/** How long the line may be broken, and how long a status may lag behind its task. */
const OUTAGE = 15 * 60_000;
const LAG = 3 * 60_000;

/** Still under way when it was given up; nothing is lost. */
export class OutOfPatience extends Nc2Error {}

/** Answers the cluster as it then is; undefined when it is gone. */
export async function reach(
  journey: Journey,
  id: string,
  wish: Wish,
): Promise<Nc2ClusterView | undefined> {
  const attempts = new Map<Action, number>();
  for (;;) {
    if (journey.task !== undefined) await followTask(journey, journey.task);
    const cluster = await look(journey, () => getCluster(journey.client, id));
    const status = cluster?.status ?? "terminated";
    const step = nextStep(status, wish);
    if (step.kind === "reached") return cluster;
    if (step.kind === "refuse")
      throw new Nc2Error(
        `${DOING[wish]} cluster ${journey.name} failed: ${step.why}. ${step.remedy}`,
      );
    if (step.kind === "act") await act(journey, { id, status, action: step.action }, attempts);
    else await rest(journey, id, status);
  }
}

interface Move {
  id: string;
  status: string;
  action: Action;
}

/** Begins an action and follows it until the cluster's status has moved. */
async function act(journey: Journey, move: Move, attempts: Map<Action, number>): Promise<void> {
  const { id, action } = move;
  const { call, doing } = ACTIONS[action];
  const attempt = (attempts.get(action) ?? 0) + 1;
  attempts.set(action, attempt);
  if (action === "hibernate") await journey.beforeHibernation();
  journey.log(`${journey.name}: ${call} is asked of the NC2 console`);
  try {
    const task = await journey.client.call<Nc2Task>(call, { id });
    journey.task = task.id;
  } catch (error) {
    const failure = `${doing} cluster ${journey.name} failed: ${told(error)}`;
    if (!(error instanceof Nc2Error && error.passes)) throw new Nc2Error(failure, { cause: error });
    if (attempt >= ATTEMPTS)
      throw new Nc2Error(`${failure} It was asked ${ATTEMPTS} times.`, { cause: error });
    journey.log(`${journey.name}: ${told(error)} Looking whether it was begun all the same.`);
    await pause(journey, 2_000);
    // The answer may have got lost on its way back.
    journey.task = (await look(journey, () => openTask(journey.client, id)))?.id;
    return;
  }
  await followTask(journey, journey.task);
  await untilMoved(journey, move);
}

/** The task says that it is done: the status follows, sooner or later. */
async function untilMoved(journey: Journey, { id, status, action }: Move): Promise<void> {
  const begin = journey.waited;
  for (;;) {
    const cluster = await look(journey, () => getCluster(journey.client, id));
    if ((cluster?.status ?? "terminated") !== status) return;
    if (journey.waited - begin > LAG)
      throw new Nc2Error(
        `${ACTIONS[action].doing} cluster ${journey.name} failed: its task is done, but the console still says ${status}. Look at the cluster in the console, then run pulumi up again.`,
      );
    await pause(journey, 5_000);
  }
}

/** Something is under way that somebody began: its task is looked for and followed. */
async function rest(journey: Journey, id: string, status: string): Promise<void> {
  const task = await look(journey, () => openTask(journey.client, id));
  if (task) journey.log(`${journey.name}: going on with ${described(task)}`);
  journey.task = task?.id;
  if (task) return;
  journey.log(`${journey.name}: ${status}, ${waitedFor(journey)}`);
  await pause(journey, pace(journey));
}

/** Waits for the end of a task; throws what it failed of. */
async function followTask(journey: Journey, id: string): Promise<void> {
  for (;;) {
    const task = await look(journey, () => getTask(journey.client, id));
    // One that the console forgot is over; the cluster tells how it went.
    if (!task || task.status === "done") break;
    if (isOver(task)) {
      journey.task = undefined;
      const reason = task.status_details?.description ?? "the console gives no reason.";
      throw new Nc2Error(
        `Cluster ${journey.name}: the console's ${described(task)} ended ${task.status}: ${reason} Look at the cluster in the console, then run pulumi up again.`,
      );
    }
    journey.log(`${journey.name}: ${described(task)} is ${task.status}, ${waitedFor(journey)}`);
    await pause(journey, pace(journey));
  }
  journey.task = undefined;
}

/** Asks; a break of the line is told and waited out, up to its limit. */
export async function look<T>(journey: Journey, ask: () => Promise<T>): Promise<T> {
  const begin = journey.waited;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isPassing = error instanceof Nc2Error && error.passes;
      if (!isPassing || journey.waited - begin > OUTAGE) throw error;
      journey.log(`${journey.name}: ${told(error)} Asking again, ${waitedFor(journey)}.`);
      await pause(journey, 15_000);
    }
  }
}

/** Waits, as long as there is patience. */
export async function pause(journey: Journey, milliseconds: number): Promise<void> {
  if (journey.waited >= journey.patienceMinutes * 60_000)
    throw new OutOfPatience(
      `Waiting for cluster ${journey.name} was given up after ${journey.patienceMinutes} min (patienceMinutes). The console goes on with it: run pulumi up again to wait on.`,
    );
  journey.waited += milliseconds;
  await journey.client.clock.sleep(milliseconds);
}

/** Milliseconds: a line every two seconds at first; the console's own example asks once a minute. */
export function pace({ waited }: Journey): number {
  if (waited < 60_000) return 2_000;
  return waited < 600_000 ? 10_000 : 30_000;
}

function described({ display_name: shown, kind, id }: Nc2Task): string {
  return `task ${shown ?? kind ?? "without a name"} (${id})`;
}

function waitedFor({ waited }: Journey): string {
  const seconds = Math.round(waited / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
