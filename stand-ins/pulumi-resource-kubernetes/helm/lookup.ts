// Asks helm about one release.

import type { RequestContext } from "../../pulumi-plugin/provider";
import type { PropertyMap } from "../../pulumi-plugin/values";
import { textAt } from "../kube-object";
import { type Helm, HelmError } from "./command";
import type { HelmRelease } from "./status";

export interface Asked {
  readonly context: RequestContext;
  readonly helm: Helm;
  /** The newest one when it is left out. */
  readonly revision?: number;
}

/** The release as it is, or undefined when there is none. */
export async function statusOf(
  release: PropertyMap,
  { context, helm, revision }: Asked,
): Promise<HelmRelease | undefined> {
  const [name, namespace] = [textAt(release, "name"), textAt(release, "namespace")];
  const which = revision === undefined ? [] : ["--revision", `${revision}`];
  const ask = async (...args: string[]) => {
    const all = [...args, name, "--namespace", namespace, "--output", "json", ...which];
    return JSON.parse(await helm({ arguments: all, signal: context.signal })) as PropertyMap;
  };
  try {
    const [said, metadata] = await Promise.all([ask("status"), ask("get", "metadata")]);
    const { chart, version, appVersion } = metadata;
    return { ...said, chart: { metadata: { name: chart, version, appVersion } } };
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("not found")) return undefined;
    throw error;
  }
}
