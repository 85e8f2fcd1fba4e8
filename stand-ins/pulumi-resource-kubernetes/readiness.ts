// The second half of Create and Update: wait for the object, and keep what was made when that fails.

import { InitFailedError } from "../pulumi-plugin/errors";
import type { RequestContext } from "../pulumi-plugin/provider";
import type { PropertyMap } from "../pulumi-plugin/values";
import { reasonsFor } from "./await/reasons";
import { ruleFor, timeoutOf } from "./await/rules";
import { NotReadyError, waitUntilReady } from "./await/wait";
import { type Checkpoint, outputsOf } from "./checkpoint";
import type { Cluster } from "./cluster";
import { idOf } from "./kube-object";

export interface Written {
  /** `live` is what the API server answered to the write. */
  readonly checkpoint: Checkpoint;
  readonly timeoutSeconds: number;
  readonly context: RequestContext;
  /** The first reason, around what the wait said. */
  readonly explain: (message: string) => string;
}

/** The outputs once the object is ready; an InitFailedError keeps it in state when it is not. */
export async function settle(cluster: Cluster, written: Written): Promise<PropertyMap> {
  const { checkpoint, context } = written;
  try {
    const live = await waitUntilReady(checkpoint.live, {
      rule: ruleFor(checkpoint.inputs),
      timeoutSeconds: timeoutOf(checkpoint.inputs, written.timeoutSeconds),
      get: (object) => cluster.get(object),
      context,
    });
    return outputsOf({ ...checkpoint, live });
  } catch (error) {
    const live = error instanceof NotReadyError ? error.object : checkpoint.live;
    const message = error instanceof Error ? error.message : String(error);
    throw new InitFailedError({
      id: idOf(live),
      outputs: outputsOf({ ...checkpoint, live }),
      reasons: [written.explain(message), ...(await reasonsFor(live, cluster))],
    });
  }
}
