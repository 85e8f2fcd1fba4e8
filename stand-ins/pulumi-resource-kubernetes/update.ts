// Update: server-side apply, after the fields that Create wrote are handed to the applying manager.
// A CustomResourceDefinition is replaced as a whole, as the real plugin does.

import { InitFailedError } from "../pulumi-plugin/errors";
import type { UpdateRequest } from "../pulumi-plugin/provider";
import { hasUnknown, type PropertyMap } from "../pulumi-plugin/values";
import { ruleFor } from "./await/rules";
import { normalize } from "./check";
import { type Checkpoint, outputsOf, parseOutputs, plainObject } from "./checkpoint";
import { type Answer, KubeApiError } from "./client";
import type { Cluster } from "./cluster";
import { fieldManagerFor, ownedByCreator, takeOverPatch, withIgnored } from "./field-managers";
import { ApplyConflictError, explainedConflict } from "./conflict";
import {
  annotationOf,
  at,
  idOf,
  type KubeObject,
  mapsAt,
  nameOf,
  textAt,
  withMetadata,
} from "./kube-object";
import { settle } from "./readiness";
import { isCrd } from "./scope";
import type { Session } from "./session";
import { warnOf } from "./warnings";

interface Change {
  readonly request: UpdateRequest;
  readonly session: Session;
  readonly inputs: KubeObject;
  readonly fieldManager: string;
}

/** Applies the new inputs and waits for the object. */
export async function updateObject(request: UpdateRequest, session: Session): Promise<PropertyMap> {
  const inputs = normalize(plainObject(request.news));
  const old = parseOutputs(request.oldOutputs);
  const fieldManager = fieldManagerFor(inputs, old.fieldManager);
  const change: Change = { request, session, inputs, fieldManager };
  const checkpointWith = (live: KubeObject): Checkpoint => ({
    inputs,
    live,
    fromInputs: request.news,
    initialApiVersion: old.initialApiVersion,
    fieldManager,
  });
  if (request.preview) return previewUpdate(change, checkpointWith);
  ruleFor(inputs);
  const answer = await applyOrKeep(change, (live) => ({
    ...old,
    live,
    fromInputs: request.oldInputs,
  }));
  warnOf(answer.warnings, request);
  const outputs = await settle(session.cluster, {
    checkpoint: checkpointWith(answer.object),
    timeoutSeconds: request.timeoutSeconds,
    context: request,
    explain: (message) => notLive(answer.object, message),
  });
  await relinquish(change, old.fieldManager);
  return outputs;
}

function notLive(live: KubeObject, message: string): string {
  return (
    `the Kubernetes API server reported that "${idOf(live)}" failed to fully ` +
    `initialize or become live: ${message}`
  );
}

/** A refused write leaves the object as it was: the step fails, and what is there stays in state. */
async function applyOrKeep(
  change: Change,
  unchanged: (live: KubeObject) => Checkpoint,
): Promise<Answer> {
  const { request, session, inputs } = change;
  try {
    return await apply(change, session.cluster);
  } catch (error) {
    if (!(error instanceof KubeApiError) && !(error instanceof ApplyConflictError)) throw error;
    const live = await session.cluster.get(inputs);
    if (!live) throw new Error(`update of resource "${request.urn}" failed: ${error.message}`);
    throw new InitFailedError({
      id: idOf(live),
      outputs: outputsOf(unchanged(live)),
      reasons: [notLive(live, error.message)],
    });
  }
}

/** A manager with a new name has taken the fields over; the old one lets go of those that nobody wants any more. */
async function relinquish(change: Change, oldManager: string): Promise<void> {
  const { inputs, session, fieldManager } = change;
  if (oldManager === "" || oldManager === fieldManager || isCrd(inputs)) return;
  const metadata = { name: nameOf(inputs), namespace: at(inputs, "metadata", "namespace") };
  const nothing = { apiVersion: inputs["apiVersion"], kind: inputs["kind"], metadata };
  await session.cluster.apply(nothing, { fieldManager: oldManager, dryRun: false });
}

async function previewUpdate(
  change: Change,
  checkpointWith: (live: KubeObject) => Checkpoint,
): Promise<PropertyMap> {
  const { request, session, inputs } = change;
  if (hasUnknown(inputs)) return request.news;
  try {
    const answer = await session.ifReachable(async (cluster) =>
      (await cluster.mapping(inputs)) ? apply(change, cluster) : undefined,
    );
    if (!answer) return request.news;
    warnOf(answer.warnings, request);
    return outputsOf(checkpointWith(answer.object));
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 403) return request.news;
    throw error;
  }
}

async function apply(change: Change, cluster: Cluster): Promise<Answer> {
  const { request, inputs, fieldManager } = change;
  const found = await cluster.get(inputs);
  if (!found) {
    throw new Error(
      `update of resource "${request.urn}" failed: ${idOf(inputs)} is not in the cluster. ` +
        "Run `pulumi refresh` to make it again.",
    );
  }
  const dryRun = request.preview;
  if (isCrd(inputs)) return replaceCrd(found, change, cluster);
  const live = dryRun ? found : await takeOver(found, change, cluster);
  const { ignoreChanges } = request;
  const wanted = withIgnored(inputs, live, { ignoreChanges, manager: fieldManager });
  const force = mustForce(live, change);
  try {
    return await cluster.apply(wanted, { fieldManager, dryRun, force });
  } catch (error) {
    throw explainedConflict(error, fieldManager);
  }
}

function replaceCrd(found: KubeObject, change: Change, cluster: Cluster): Promise<Answer> {
  const { request, inputs, fieldManager } = change;
  return whileChanging(found, cluster, (live) => {
    const resourceVersion = textAt(live, "metadata", "resourceVersion");
    const whole = withMetadata(inputs, { resourceVersion });
    return cluster.replace(whole, { fieldManager, dryRun: request.preview });
  });
}

async function takeOver(found: KubeObject, change: Change, cluster: Cluster): Promise<KubeObject> {
  return whileChanging(found, cluster, async (live) => {
    const patch = takeOverPatch(live, change.fieldManager);
    return patch ? cluster.jsonPatch(live, patch) : live;
  });
}

const attempts = 5;

/** Writes that name a resourceVersion lose against a controller's status update: they are tried on what is there now. */
async function whileChanging<T>(
  found: KubeObject,
  cluster: Cluster,
  write: (live: KubeObject) => Promise<T>,
): Promise<T> {
  for (let live = found, attempt = 1; ; attempt += 1) {
    try {
      return await write(live);
    } catch (error) {
      const stale = error instanceof KubeApiError && error.reason === "Conflict";
      if (!stale || attempt === attempts) throw error;
      live = (await cluster.get(live)) ?? live;
    }
  }
}

function mustForce(live: KubeObject, change: Change): boolean {
  const { inputs, session, request } = change;
  if (annotationOf(inputs, "pulumi.com/patchForce") === "true") return true;
  if (session.settings.enablePatchForce) return true;
  if (mapsAt(live, "metadata", "managedFields").length === 0) return true;
  return request.preview && ownedByCreator(live);
}
