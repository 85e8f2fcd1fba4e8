// The annotation pulumi.com/replaceUnready: a Job that has not completed is replaced by the next update.

import type { DiffRequest, DiffResult } from "../pulumi-plugin/provider";
import { jobRule } from "./await/workload-rules";
import { KubeApiError, UnreachableError } from "./client";
import { parseOutputs, plainObject } from "./checkpoint";
import { mustKeepItsName } from "./diff";
import { annotationOf, kindOf, type KubeObject } from "./kube-object";
import type { Session } from "./session";

const replaceUnready = "pulumi.com/replaceUnready";

/** The difference, which is a replacement if the annotation asks for one. */
export async function replacedUnready(
  result: DiffResult,
  request: DiffRequest,
  session: Session,
): Promise<DiffResult> {
  const news = plainObject(request.news);
  if (annotationOf(news, replaceUnready) !== "true") return result;
  if (kindOf(news) !== "Job") {
    await request.log("warning", "replaceUnready annotation is not supported for this resource");
    return result;
  }
  const { live } = parseOutputs(request.oldOutputs);
  if (!(await isUnready(live, request, session))) return result;
  return {
    ...result,
    changes: "some",
    replaces: [...(result.replaces ?? []), `.metadata.annotations["${replaceUnready}"]`],
    deleteBeforeReplace: mustKeepItsName(news, live),
  };
}

async function isUnready(
  live: KubeObject,
  request: DiffRequest,
  session: Session,
): Promise<boolean> {
  try {
    const found = await session.cluster.get(live);
    return found !== undefined && !jobRule(found).ready;
  } catch (error) {
    if (error instanceof UnreachableError) {
      await request.log("warning", "Cluster is unreachable, skipping replaceUnready check");
    } else if (!(error instanceof KubeApiError)) throw error;
    return false;
  }
}
