// The options of a Release as helm's flags. The real plugin gives Install and Upgrade not quite the same ones.

import type { PropertyMap } from "../../pulumi-plugin/values";
import { numberAt, textAt } from "../kube-object";
import { defaultTimeoutSeconds } from "./arguments";

type Flags = Readonly<Record<string, string>>;

const common: Flags = {
  atomic: "--atomic",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  renderSubchartNotes: "--render-subchart-notes",
};

const installing: Flags = {
  ...common,
  createNamespace: "--create-namespace",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  replace: "--replace",
  skipCrds: "--skip-crds",
};

const upgrading: Flags = {
  ...common,
  cleanupOnFail: "--cleanup-on-fail",
  disableCRDHooks: "--no-hooks",
  forceUpdate: "--force",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
};

/** `install` for this release, whose name must be free; its values lie in the file `{values}`. */
export function installArguments(release: PropertyMap, chart: readonly string[]): string[] {
  return ["install", ...named(release, chart), ...options(release, installing)];
}

/** `upgrade` for this release, which must be there; its values lie in the file `{values}`. */
export function upgradeArguments(release: PropertyMap, chart: readonly string[]): string[] {
  const history = ["--history-max", `${numberAt(release, "maxHistory") ?? 0}`];
  return ["upgrade", ...named(release, chart), ...history, ...options(release, upgrading)];
}

function named(release: PropertyMap, chart: readonly string[]): string[] {
  const namespace = ["--namespace", textAt(release, "namespace")];
  const rest = ["--values", "{values}", "--output", "json"];
  return [textAt(release, "name"), ...chart, ...namespace, ...rest];
}

function options(release: PropertyMap, flags: Flags): string[] {
  const set = Object.entries(flags).filter(([option]) => release[option] === true);
  const waits = release["skipAwait"] === true ? [] : ["--wait"];
  if (release["waitForJobs"] === true && waits.length > 0) waits.push("--wait-for-jobs");
  const description = textAt(release, "description");
  return [
    "--timeout",
    timeoutOf(release),
    ...waits,
    ...set.map(([, flag]) => flag),
    ...(description === "" ? [] : ["--description", description]),
  ];
}

/** The release's own time-out. As in the real plugin, the resource option `customTimeouts` does not count. */
export function timeoutOf(release: PropertyMap): string {
  return `${numberAt(release, "timeout") || defaultTimeoutSeconds}s`;
}
