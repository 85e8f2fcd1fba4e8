// Update: server-side apply, after the fields that Create wrote are handed to the applying manager.
// A CustomResourceDefinition is replaced as a whole, as the real plugin does.

import type { UpdateRequest } from "../pulumi-plugin/provider";
import { hasUnknown, type PropertyMap } from "../pulumi-plugin/values";
import { ruleFor } from "./await/rules";
import { normalize } from "./check";
import { type Checkpoint, outputsOf, parseOutputs, plainObject } from "./checkpoint";
import { type Answer, KubeApiError, UnreachableError } from "./client";
import type { Cluster } from "./cluster";
import { fieldManagerFor, ownedByCreator, takeOverPatch, withIgnored } from "./field-managers";
import { annotationOf, idOf, type KubeObject, mapsAt, textAt, withMetadata } from "./kube-object";
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
  const answer = await apply(change, session.cluster);
  warnOf(answer.warnings, request);
  return settle(session.cluster, {
    checkpoint: checkpointWith(answer.object),
    timeoutSeconds: request.timeoutSeconds,
    context: request,
    explain: (message) =>
      `the Kubernetes API server reported that "${idOf(answer.object)}" failed to fully ` +
      `initialize or become live: ${message}`,
  });
}

async function previewUpdate(
  change: Change,
  checkpointWith: (live: KubeObject) => Checkpoint,
): Promise<PropertyMap> {
  const { request, session, inputs } = change;
  if (hasUnknown(inputs)) return request.news;
  try {
    const { cluster } = session;
    if (!(await cluster.mapping(inputs))) return request.news;
    const answer = await apply(change, cluster);
    warnOf(answer.warnings, request);
    return outputsOf(checkpointWith(answer.object));
  } catch (error) {
    const forbidden = error instanceof KubeApiError && error.status === 403;
    if (forbidden || error instanceof UnreachableError) return request.news;
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
  if (isCrd(inputs)) {
    const resourceVersion = textAt(found, "metadata", "resourceVersion");
    return cluster.replace(withMetadata(inputs, { resourceVersion }), { fieldManager, dryRun });
  }
  const live = dryRun ? found : await takeOver(found, change, cluster);
  const { ignoreChanges } = request;
  const wanted = withIgnored(inputs, live, { ignoreChanges, manager: fieldManager });
  const force = mustForce(live, change);
  try {
    return await cluster.apply(wanted, { fieldManager, dryRun, force });
  } catch (error) {
    throw explained(error, fieldManager);
  }
}

async function takeOver(live: KubeObject, change: Change, cluster: Cluster): Promise<KubeObject> {
  const patch = takeOverPatch(live, change.fieldManager);
  return patch ? cluster.jsonPatch(live, patch) : live;
}

function mustForce(live: KubeObject, change: Change): boolean {
  const { inputs, session, request } = change;
  if (annotationOf(inputs, "pulumi.com/patchForce") === "true") return true;
  if (session.settings.enablePatchForce) return true;
  if (mapsAt(live, "metadata", "managedFields").length === 0) return true;
  return request.preview && ownedByCreator(live);
}

function explained(error: unknown, manager: string): unknown {
  if (!(error instanceof KubeApiError) || error.status !== 409) return error;
  return new Error(
    `The resource managed by field manager "${manager}" had an apply conflict: ${error.message}\n` +
      'Leave the field out, ignore its changes, or set the annotation pulumi.com/patchForce: "true" to take it over.',
    { cause: error },
  );
}
