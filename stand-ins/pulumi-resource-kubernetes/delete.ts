// Delete: asks for it, foreground by default, and waits until the object is gone. Gone already is success.

import type { DeleteRequest } from "../pulumi-plugin/provider";
import { InitFailedError } from "../pulumi-plugin/errors";
import { skipsAwait, timeoutOf } from "./await/rules";
import { notYet, ready, type Verdict } from "./await/verdict";
import { NotReadyError, waitUntilReady } from "./await/wait";
import { parseOutputs } from "./checkpoint";
import { UnreachableError } from "./client";
import {
  annotationOf,
  at,
  describe,
  groupOf,
  idOf,
  kindOf,
  type KubeObject,
  textAt,
  textsAt,
} from "./kube-object";
import type { Session } from "./session";

/** Deletes the object that the old outputs describe. */
export async function deleteObject(request: DeleteRequest, session: Session): Promise<void> {
  try {
    await deleteLive(request, session);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    await request.log("warning", error.message);
    if (session.settings.deleteUnreachable) return;
    throw new Error(
      "configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource " +
        "from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment " +
        'variable set to "true"',
      { cause: error },
    );
  }
}

async function deleteLive(request: DeleteRequest, session: Session): Promise<void> {
  const { inputs, live } = parseOutputs(request.oldOutputs);
  const { cluster } = session;
  if (!(await cluster.remove(live, propagationOf(inputs)))) return;
  if (skipsAwait(inputs) && skipsDeletion(live)) return;
  const uid = textAt(live, "metadata", "uid");
  const gone: KubeObject = { metadata: { name: textAt(live, "metadata", "name") } };
  const look = async () => {
    const found = await cluster.get(live);
    return found && textAt(found, "metadata", "uid") === uid ? found : gone;
  };
  try {
    await waitUntilReady(await look(), {
      rule: deletedRule,
      timeoutSeconds: timeoutOf(inputs, request.timeoutSeconds),
      get: look,
      context: request,
    });
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    throw new InitFailedError({
      id: idOf(live),
      outputs: request.oldOutputs,
      reasons: [`deletion of ${describe(live)} did not end: ${error.message}`],
    });
  }
}

function deletedRule(live: KubeObject): Verdict {
  if (at(live, "metadata", "uid") === undefined) return ready();
  const finalizers = textsAt(live, "metadata", "finalizers");
  const held = finalizers.length > 0 ? `, held by ${finalizers.join(", ")}` : "";
  return notYet(`Waiting for ${describe(live)} to be deleted${held}`);
}

function propagationOf(inputs: KubeObject): string {
  const wanted = annotationOf(inputs, "pulumi.com/deletionPropagationPolicy").toLowerCase();
  if (wanted === "orphan") return "Orphan";
  return wanted === "background" ? "Background" : "Foreground";
}

/** The kinds whose deletion skipAwait does not wait for; a quirk of the real plugin. */
const skipping = new Set([
  "/Namespace",
  "/Pod",
  "/ReplicationController",
  "apps/DaemonSet",
  "apps/Deployment",
  "apps/StatefulSet",
  "batch/Job",
]);

function skipsDeletion(live: KubeObject): boolean {
  return skipping.has(`${groupOf(live)}/${kindOf(live)}`);
}
