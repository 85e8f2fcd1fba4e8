// How a cluster comes into a program's hands: made, gone on with after a run that was cut off, or taken over. One of
// that name is only taken where it is ours by its mark, just being made to the same measure, or given by `adopt`.
import type { Nc2ClusterView, Nc2Task } from "../nc2/api";
import { findClusters, getCluster, getTask, isOver } from "../nc2/clusters";
import { Nc2Error } from "../nc2/errors";
import { told } from "../prism/errors";
import { capacityOf, creation, isOurs, marked } from "./bodies";
import { type Journey, look, pace, pause } from "./follow";
import { type ClusterInputs, differs } from "./inputs";

/** Answers the cluster's id; the journey knows the task that makes it, if there is one. */
export async function clusterFor(journey: Journey, inputs: ClusterInputs): Promise<string> {
  const there = await thatIsThere(journey, inputs);
  if (there) mustFit(there, inputs);
  const id = there?.id ?? (await make(journey, inputs));
  if (there === undefined || !isOurs(there, inputs.owner)) await mark(journey, id, inputs);
  return id;
}

async function thatIsThere(
  journey: Journey,
  inputs: ClusterInputs,
): Promise<Nc2ClusterView | undefined> {
  const { client, name } = journey;
  if (inputs.importId !== undefined) return imported(journey, inputs.importId);
  const found = await findClusters(client, name, inputs.organizationId);
  const [cluster, ...others] = found;
  if (!cluster) return undefined;
  const list = found.map((one) => `${one.id} (${one.status ?? "status unknown"})`).join(", ");
  if (others.length > 0)
    throw new Nc2Error(
      `Making cluster ${name} failed: the organization has ${found.length} clusters of that name: ${list}. Take one of them over by the option import, or give another name.`,
    );
  const how = reasonToTake(cluster, inputs);
  if (how === undefined)
    throw new Nc2Error(
      `Making cluster ${name} failed: the organization has a cluster of that name that this stack did not make: ${list}. Take it over with adopt: true or by the option import, or give another name.`,
    );
  journey.log(`${name}: ${how}: ${list}`);
  return cluster;
}

function reasonToTake(cluster: Nc2ClusterView, inputs: ClusterInputs): string | undefined {
  if (inputs.adopt) return "taking over the cluster that is there";
  if (isOurs(cluster, inputs.owner)) return "going on with the cluster that an earlier run began";
  // Cut off before it was marked: nobody else makes one of that name and measure in the same hour.
  if (cluster.status === "creating" && misfits(cluster, inputs).length === 0)
    return "going on with the cluster that is being created under that name";
  return undefined;
}

async function imported({ client, name }: Journey, id: string): Promise<Nc2ClusterView> {
  const cluster = await getCluster(client, id);
  if (cluster && cluster.status !== "terminated") return cluster;
  throw new Nc2Error(
    `Importing cluster ${id} as ${name} failed: the console has no cluster of that id. Check the id, and that the key is one of its organization.`,
  );
}

function mustFit(cluster: Nc2ClusterView, inputs: ClusterInputs): void {
  const wrong = misfits(cluster, inputs);
  if (wrong.length === 0) return;
  throw new Nc2Error(
    `Taking over cluster ${cluster.id} as ${inputs.name} failed: it has ${wrong.join(", ")}. Correct the program, or take another cluster.`,
  );
}

/** What is other than wished; what the console does not say is not compared. */
function misfits(cluster: Nc2ClusterView, inputs: ClusterInputs): string[] {
  const facts: [string, unknown, unknown][] = [
    ["name", cluster.name, inputs.name],
    ["organization", cluster.organization_id, inputs.organizationId],
    ["cloud account", cluster.cloud_account_id, inputs.cloudAccountId],
    ["region", cluster.region, inputs.region],
    ["capacity", capacityOf(cluster), inputs.capacity],
  ];
  return facts
    .filter(([, is, wished]) => is !== undefined && differs(is, wished))
    .map(([what, is, wished]) => `${what} ${shown(is)} instead of ${shown(wished)}`);
}

const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

async function make(journey: Journey, inputs: ClusterInputs): Promise<string> {
  const { client, name } = journey;
  const { name: call, body } = creation(inputs);
  let task: Nc2Task | undefined;
  try {
    task = await client.call<Nc2Task>(call, { body });
  } catch (error) {
    const failure = `Making cluster ${name} failed: ${told(error)}`;
    if (!(error instanceof Nc2Error && error.passes)) throw new Nc2Error(failure, { cause: error });
    journey.log(`${name}: ${told(error)} Looking whether it was begun all the same.`);
    await pause(journey, 5_000);
    const begun = await byName(journey, inputs);
    // Never asked twice: of two clusters of metal one would stay unknown.
    if (begun === undefined)
      throw new Nc2Error(`${failure} No cluster came of it: run pulumi up again.`, {
        cause: error,
      });
    return begun;
  }
  journey.task = task.id;
  return idFrom(journey, inputs, task);
}

/** A task's cluster may be known a little later than the task. */
async function idFrom(journey: Journey, inputs: ClusterInputs, first: Nc2Task): Promise<string> {
  for (let task: Nc2Task | undefined = first; ;) {
    if (task?.cluster_id) return task.cluster_id;
    const id = await byName(journey, inputs);
    if (id !== undefined) return id;
    if (task && isOver(task)) {
      const reason = task.status_details?.description ?? "the console gives no reason.";
      throw new Nc2Error(
        `Making cluster ${inputs.name} failed: the console's task ${task.id} ended ${task.status}: ${reason} Correct what it names, then run pulumi up again.`,
      );
    }
    await pause(journey, pace(journey));
    task = await look(journey, () => getTask(journey.client, first.id));
  }
}

async function byName(journey: Journey, inputs: ClusterInputs): Promise<string | undefined> {
  const { client, name } = journey;
  const [cluster] = await look(journey, () => findClusters(client, name, inputs.organizationId));
  return cluster?.id;
}

/** Writes whose it is into the cluster's description: what a run that is cut off is found again by. */
export async function mark(journey: Journey, id: string, inputs: ClusterInputs): Promise<void> {
  const body = { data: { description: marked(inputs) } };
  await journey.client.call("describe", { id, body }).catch((error: unknown) => {
    journey.log(`${journey.name}: its description could not be set: ${told(error)}`);
  });
}
