// Read: the live object for refresh and import. Gone objects, and objects whose kind is gone, answer nothing.

import { InitFailedError } from "../pulumi-plugin/errors";
import type { ReadRequest, ReadResult } from "../pulumi-plugin/provider";
import { reasonsFor } from "./await/reasons";
import { ruleOnRead } from "./await/rules";
import { isCheckpoint, outputsOf, parseOutputs, plainObject } from "./checkpoint";
import { normalize } from "./check";
import { UnreachableError } from "./client";
import { fieldManagerFor } from "./field-managers";
import {
  apiVersionOf,
  kindOf,
  type KubeObject,
  mapAt,
  nameOf,
  parseId,
  withMetadata,
  without,
} from "./kube-object";
import { refreshedInputs } from "./refresh";
import { markSecrets } from "./secrecy";
import type { Session } from "./session";

/** The object as it is now, or undefined when it is gone. */
export async function readObject(
  request: ReadRequest,
  session: Session,
): Promise<ReadResult | undefined> {
  try {
    return await readLive(request, session);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return readUnreachable(error, request, session);
  }
}

async function readLive(request: ReadRequest, session: Session): Promise<ReadResult | undefined> {
  const old = parseOutputs(request.outputs);
  const oldInputs = normalize(plainObject(request.inputs));
  const known = apiVersionOf(oldInputs) === "" ? old.live : oldInputs;
  const kind = apiVersionOf(known) === "" ? kindOfToken(request.type) : known;
  const { namespace, name } = parseId(request.id);
  const live = await session.cluster.get({
    apiVersion: apiVersionOf(kind),
    kind: kindOf(kind),
    metadata: { name, namespace: namespace || undefined },
  });
  if (!live) return undefined;
  const imported = !isCheckpoint(request.outputs) || apiVersionOf(oldInputs) === "";
  const inputs = imported ? inputsFromLive(live) : refreshedInputs(oldInputs, old.live, live);
  const outputs = outputsOf({
    inputs,
    live,
    fromInputs: request.inputs,
    initialApiVersion: old.initialApiVersion || apiVersionOf(live),
    fieldManager: fieldManagerFor(inputs, old.fieldManager),
  });
  const result = { id: request.id, inputs: markSecrets(inputs, request.inputs), outputs };
  if (!imported) await judge(live, inputs, { result, session });
  return result;
}

interface Found {
  readonly result: ReadResult;
  readonly session: Session;
}

/** An object that is not well fails the refresh, with its reasons; the next update tries again. */
async function judge(live: KubeObject, inputs: KubeObject, { result, session }: Found) {
  const { cluster } = session;
  const verdict = await ruleOnRead(inputs)?.(live, (object) => cluster.get(object));
  if (!verdict || verdict.ready) return;
  const failed = `Resource '${nameOf(live)}' was created but failed to initialize: ${verdict.status}`;
  throw new InitFailedError({ ...result, reasons: [failed, ...(await reasonsFor(live, cluster))] });
}

/** What one would have to write to get this object. */
function inputsFromLive(live: KubeObject): KubeObject {
  const rest = without(live, "status");
  const annotations = { ...mapAt(live, "metadata", "annotations") };
  delete annotations["deployment.kubernetes.io/revision"];
  delete annotations["kubectl.kubernetes.io/last-applied-configuration"];
  const kept = Object.keys(annotations).length === 0 ? undefined : annotations;
  return normalize(withMetadata(rest, { annotations: kept }));
}

/** Kind and version in a type such as `kubernetes:apps/v1:Deployment`. */
export function kindOfToken(type: string): KubeObject {
  const [, version = "", kind = ""] = type.split(":");
  return { apiVersion: version.replace(/^core\//, ""), kind };
}

/** What a refresh does about an object whose cluster is away: it fails, or as the provider is told. */
export async function readUnreachable(
  error: UnreachableError,
  request: ReadRequest,
  { settings }: Session,
): Promise<ReadResult | undefined> {
  await request.log("warning", error.message);
  const away = "configured Kubernetes cluster is unreachable and the";
  if (settings.deleteUnreachable) {
    const what = "Deleting the unreachable resource from Pulumi state";
    await request.log("info", `${away} \`deleteUnreachable\` option is enabled. ${what}`);
    return undefined;
  }
  if (settings.skipUpdateUnreachable && Object.keys(request.outputs).length > 0) {
    const what = "Returned data could not reflect the actual cluster configuration.";
    await request.log("info", `${away} \`skipUnreachable\` option is enabled. ${what}`);
    return { id: request.id, inputs: request.inputs, outputs: request.outputs };
  }
  throw new Error(
    "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove " +
      "this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE " +
      'environment variable set to "true"',
    { cause: error },
  );
}
