// Create: one POST, then the wait. A preview asks the API server for a dry run where it can.

import { setTimeout as sleep } from "node:timers/promises";

import type { CreateRequest, CreateResult } from "../pulumi-plugin/provider";
import { hasUnknown, type PropertyMap } from "../pulumi-plugin/values";
import { ruleFor } from "./await/rules";
import { plainObject, outputsOf } from "./checkpoint";
import { type Answer, KubeApiError } from "./client";
import { type Cluster, UnknownKindError } from "./cluster";
import { explainedConflict } from "./conflict";
import { creator, fieldManagerFor } from "./field-managers";
import {
  annotationOf,
  apiVersionOf,
  idOf,
  kindOf,
  type KubeObject,
  namespaceOf,
  without,
} from "./kube-object";
import { settle } from "./readiness";
import type { Session } from "./session";
import { warnOf } from "./warnings";

/** How long a kind or a namespace that is made in the same run may take to appear. */
const patienceMilliseconds = 30_000;

/** Makes the object and waits for it. */
export async function createObject(
  request: CreateRequest,
  session: Session,
): Promise<CreateResult> {
  const inputs = plainObject(request.inputs);
  if (request.preview) return { id: "", outputs: await previewCreate(request, session) };
  ruleFor(inputs);
  const { cluster } = session;
  const fieldManager = fieldManagerFor(inputs);
  const answer = await make(inputs, fieldManager, { request, session });
  warnOf(answer.warnings, request);
  const checkpoint = {
    inputs,
    live: answer.object,
    fromInputs: request.inputs,
    initialApiVersion: apiVersionOf(inputs),
    fieldManager,
  };
  const outputs = await settle(cluster, {
    checkpoint,
    timeoutSeconds: request.timeoutSeconds,
    context: request,
    explain: (message) =>
      `resource "${request.urn}" was successfully created, but the Kubernetes API server ` +
      `reported that it failed to fully initialize or become live: ${message}`,
  });
  return { id: idOf(answer.object), outputs };
}

async function previewCreate(request: CreateRequest, session: Session): Promise<PropertyMap> {
  const inputs = plainObject(request.inputs);
  if (hasUnknown(inputs)) return request.inputs;
  const fieldManager = fieldManagerFor(inputs);
  try {
    const answer = await session.ifReachable(async (cluster) => {
      const served = await cluster.mapping(inputs);
      return served && write(inputs, fieldManager, { cluster, session, dryRun: true });
    });
    if (!answer) return request.inputs;
    warnOf(answer.warnings, request);
    const live = without(answer.object, "status");
    const initialApiVersion = apiVersionOf(inputs);
    return outputsOf({ inputs, live, fromInputs: request.inputs, initialApiVersion, fieldManager });
  } catch (error) {
    if (cannotPreview(error)) return request.inputs;
    throw error;
  }
}

/** Not made yet (its namespace), there already (to be replaced), or not allowed: a preview makes do with the inputs. */
function cannotPreview(error: unknown): boolean {
  if (!(error instanceof KubeApiError)) return false;
  const noDryRun = error.status === 400 && error.message.includes("does not support dry run");
  return [403, 404, 409].includes(error.status) || noDryRun;
}

interface Making {
  readonly request: CreateRequest;
  readonly session: Session;
}

async function make(inputs: KubeObject, manager: string, making: Making): Promise<Answer> {
  const { request, session } = making;
  const { cluster } = session;
  const tell = (message: string) => void request.log("info", message, { ephemeral: true });
  const kind = `${apiVersionOf(inputs)}/${kindOf(inputs)}`;
  try {
    await cluster.awaitKind(inputs, {
      milliseconds: patienceMilliseconds,
      signal: request.signal,
      onWait: () => tell(`Waiting for kind ${kind} to appear`),
    });
  } catch (error) {
    if (!(error instanceof UnknownKindError)) throw error;
    throw new Error(
      `creation of resource "${request.urn}" with kind ${kind} failed because the Kubernetes API server ` +
        "reported that the apiVersion for this resource does not exist. " +
        `Verify that any required CRDs have been created: ${error.message}`,
      { cause: error },
    );
  }
  const deadline = Date.now() + patienceMilliseconds;
  for (;;) {
    try {
      return await write(inputs, manager, { cluster, session, dryRun: false });
    } catch (error) {
      // As the real plugin: what is missing may be made in the same run.
      const missing = error instanceof KubeApiError && error.status === 404;
      if (!missing || Date.now() >= deadline) throw explained(error, request.urn);
      tell(`Waiting for namespace ${namespaceOf(inputs)}: ${error.message}`);
      await sleep(500, undefined, { signal: request.signal });
    }
  }
}

interface Target {
  readonly cluster: Cluster;
  readonly session: Session;
  readonly dryRun: boolean;
}

async function write(inputs: KubeObject, manager: string, target: Target): Promise<Answer> {
  const { cluster, session, dryRun } = target;
  if (!session.settings.upsertExistingObjects) {
    return cluster.create(inputs, { fieldManager: creator, dryRun });
  }
  const annotated = annotationOf(inputs, "pulumi.com/patchForce") === "true";
  const force = annotated || session.settings.enablePatchForce || dryRun;
  try {
    return await cluster.apply(inputs, { fieldManager: manager, dryRun, force });
  } catch (error) {
    throw explainedConflict(error, manager);
  }
}

const existsHint = `

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Adopting a resource into Pulumi: use \`pulumi import\`.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`;

function explained(error: unknown, urn: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error.name === "AbortError") return error;
  const exists = error instanceof KubeApiError && error.reason === "AlreadyExists";
  const message = `resource "${urn}" was not successfully created by the Kubernetes API server: `;
  return new Error(message + error.message + (exists ? existsHint : ""), { cause: error });
}
