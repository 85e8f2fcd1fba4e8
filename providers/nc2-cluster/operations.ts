// The life of an NC2 cluster: made or taken over, hibernated and resumed, changed in capacity, terminated. Whatever is
// cut short keeps the cluster's id and the console's task, so that the next update goes on with it.
import type { Nc2ClusterView, Nc2Task } from "../nc2/api";
import { getCluster } from "../nc2/clusters";
import { Nc2Error } from "../nc2/errors";
import { told } from "../prism/errors";
import { capacityBody, capacityOf, unmarked } from "./bodies";
import { type Journey, reach } from "./follow";
import type { ClusterInputs, ClusterOutputs, Difference } from "./inputs";
import { difference, differs, fixedChanges, inputsIn, mistakesIn } from "./inputs";
import { clusterFor, mark } from "./making";
import { clientFor, HERE, prismFor, type Surroundings } from "./surroundings";
import { headedFor } from "./transitions";
import { mustBeIdle } from "./virtual-machines";

export { configure, HERE, type Surroundings } from "./surroundings";
export type { ClusterInputs, ClusterOutputs } from "./inputs";

/** Cut short, with what Pulumi keeps of it. */
export class Unfinished extends Nc2Error {
  readonly id: string;
  readonly reasons: string[];
  readonly properties: ClusterOutputs;

  constructor(message: string, properties: ClusterOutputs) {
    super(message);
    this.id = properties.clusterId;
    this.reasons = [message];
    this.properties = properties;
  }
}

/** Finds what is wrong with the inputs by themselves, in a preview already. */
export function check(news: ClusterInputs): {
  inputs: ClusterInputs;
  failures: { property: string; reason: string }[];
} {
  return { inputs: news, failures: mistakesIn(news) };
}

export async function create(
  inputs: ClusterInputs,
  surroundings = HERE,
): Promise<{ id: string; outs: ClusterOutputs }> {
  const journey = journeyFor(inputs, surroundings);
  const id = await clusterFor(journey, inputs);
  const outs = await kept(journey, { ...inputs, clusterId: id, status: "" }, async () => {
    // Up first, also to hibernate at once: only a running cluster can.
    const status = (await getCluster(journey.client, id))?.status ?? "";
    if (status === "creating") await reach(journey, id, "running");
    return reach(journey, id, wishOf(inputs));
  });
  return { id, outs };
}

export function diff(olds: ClusterOutputs, news: ClusterInputs): Difference {
  return difference(olds, news);
}

/** What is there now. An empty id tells Pulumi that the cluster is gone. */
export async function read(
  id: string,
  props: ClusterOutputs,
  surroundings = HERE,
): Promise<{ id: string; props?: ClusterOutputs; inputs?: ClusterInputs }> {
  const cluster = await getCluster(clientFor(props.console, surroundings), id);
  if (!cluster || cluster.status === "terminated") return { id: "" };
  const status = cluster.status ?? "";
  const now: ClusterOutputs = {
    ...props,
    clusterId: id,
    name: cluster.name,
    region: cluster.region ?? props.region,
    capacity: capacityOf(cluster) ?? props.capacity,
    // What the program does not say is not its business.
    ...(props.description !== undefined && {
      description: unmarked(cluster.description ?? "", props.owner),
    }),
    desiredState: headedFor(status),
    status,
  };
  return { id, props: now, inputs: inputsIn(now) };
}

export async function update(
  id: string,
  olds: ClusterOutputs,
  { news, surroundings = HERE }: { news: ClusterInputs; surroundings?: Surroundings },
): Promise<{ outs: ClusterOutputs }> {
  const fixed = fixedChanges(olds, news);
  if (fixed.length > 0)
    throw new Nc2Error(
      `Changing ${fixed.join(", ")} of cluster ${news.name} failed: it matters only when a cluster is made. Put it back, or change the cluster in the console or by LCM and leave it out of the program.`,
    );
  const journey = journeyFor(news, surroundings);
  journey.task = olds.task;
  const { status, task } = olds;
  const now: ClusterOutputs = {
    ...news,
    clusterId: id,
    status,
    ...(task !== undefined && { task }),
  };
  const outs = await kept(journey, now, async () => {
    if (differs(olds.description, news.description) || olds.owner !== news.owner)
      await mark(journey, id, news);
    if (differs(olds.capacity, news.capacity)) await resize(journey, id, news);
    return reach(journey, id, wishOf(news));
  });
  return { outs };
}

export async function remove(
  id: string,
  props: ClusterOutputs,
  surroundings = HERE,
): Promise<void> {
  const journey = journeyFor(props, surroundings);
  journey.task = props.task;
  await reach(journey, id, "gone");
}

function journeyFor(inputs: ClusterInputs, surroundings: Surroundings): Journey {
  const { name, prismCentral, patienceMinutes } = inputs;
  return {
    client: clientFor(inputs.console, surroundings),
    name,
    log: surroundings.log,
    patienceMinutes,
    waited: 0,
    beforeHibernation: async () => {
      if (prismCentral === undefined)
        throw new Nc2Error(
          `Hibernating cluster ${name} failed: whether VMs run on it is not known. Give prismCentral.`,
        );
      await mustBeIdle(prismFor(prismCentral, surroundings), name, prismCentral);
    },
  };
}

/** Does something to a cluster that is known by id; what is cut short throws with all that is known. */
async function kept(
  journey: Journey,
  before: ClusterOutputs,
  work: () => Promise<Nc2ClusterView | undefined>,
): Promise<ClusterOutputs> {
  const done = { ...before };
  delete done.task;
  try {
    const cluster = await work();
    return { ...done, status: cluster?.status ?? "" };
  } catch (error) {
    const { task } = journey;
    const cluster = await getCluster(journey.client, before.clusterId).catch(() => undefined);
    const status = cluster?.status ?? before.status;
    throw new Unfinished(told(error), { ...done, status, ...(task !== undefined && { task }) });
  }
}

/** A hibernated cluster has no hosts to add to. */
async function resize(journey: Journey, id: string, news: ClusterInputs): Promise<void> {
  const cluster = await getCluster(journey.client, id);
  if (cluster && !differs(capacityOf(cluster), news.capacity)) return;
  if (news.desiredState !== "running")
    throw new Nc2Error(
      `Changing the capacity of cluster ${news.name} failed: its desiredState is hibernated. Change it while the cluster is running.`,
    );
  await reach(journey, id, "running");
  const body = { data: capacityBody(news) };
  const task = await journey.client.call<Nc2Task>("updateCapacity", { id, body });
  journey.task = task.id;
}

function wishOf({ desiredState }: ClusterInputs): "running" | "hibernated" {
  return desiredState === "hibernated" ? "hibernated" : "running";
}
