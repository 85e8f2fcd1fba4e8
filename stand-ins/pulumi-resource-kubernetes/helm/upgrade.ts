// The options of a Release as helm's flags.

import type { PropertyMap } from "../../pulumi-plugin/values";
import { numberAt, textAt } from "../kube-object";
import { defaultTimeoutSeconds } from "./arguments";

const flags: Readonly<Record<string, string>> = {
  atomic: "--atomic",
  cleanupOnFail: "--cleanup-on-fail",
  createNamespace: "--create-namespace",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  forceUpdate: "--force",
  renderSubchartNotes: "--render-subchart-notes",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
  skipCrds: "--skip-crds",
};

/** `upgrade --install` for this release; its values lie in the file `{values}`. */
export function upgradeArguments(
  release: PropertyMap,
  chart: readonly string[],
  timeoutSeconds: number,
): string[] {
  const set = Object.entries(flags).filter(([option]) => release[option] === true);
  const seconds = timeoutSeconds || (numberAt(release, "timeout") ?? 0) || defaultTimeoutSeconds;
  const waits = release["skipAwait"] === true ? [] : ["--wait"];
  if (release["waitForJobs"] === true && waits.length > 0) waits.push("--wait-for-jobs");
  const history = numberAt(release, "maxHistory") ?? 0;
  const description = textAt(release, "description");
  return [
    "upgrade",
    textAt(release, "name"),
    ...chart,
    "--install",
    "--namespace",
    textAt(release, "namespace"),
    "--values",
    "{values}",
    "--output",
    "json",
    "--timeout",
    `${seconds}s`,
    "--history-max",
    `${history}`,
    ...waits,
    ...set.map(([, flag]) => flag),
    ...(description === "" ? [] : ["--description", description]),
  ];
}
