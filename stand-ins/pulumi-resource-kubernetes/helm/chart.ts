// Which chart a Release means, and its version: a local folder is read here, everything else is asked of helm.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { PropertyMap } from "../../pulumi-plugin/values";
import { textAt } from "../kube-object";
import { parseOne } from "../yaml-documents";
import type { Helm } from "./command";

/** The version of the chart that the release would install now. */
export async function chartVersion(
  release: PropertyMap,
  signal: AbortSignal,
  helm: Helm,
): Promise<string> {
  const file = join(textAt(release, "chart"), "Chart.yaml");
  const local = textAt(release, "repositoryOpts", "repo") === "" && existsSync(file);
  if (local) return textAt(parseOne(readFileSync(file, "utf8")), "version");
  const wanted = textAt(release, "version");
  if (isRemote(release) && /^\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(wanted)) return wanted;
  const text = await helm({ arguments: ["show", "chart", ...chartArguments(release)], signal });
  return textAt(parseOne(text), "version");
}

/** True for a chart of a repository by its URL or of a registry. An exact version of it is believed, so that a preview
 * needs no network. */
function isRemote(release: PropertyMap): boolean {
  const repo = textAt(release, "repositoryOpts", "repo");
  return isUrl(repo) || isUrl(textAt(release, "chart"));
}

/** helm's arguments that name the chart, its version and its repository. */
export function chartArguments(release: PropertyMap): string[] {
  const version = textAt(release, "version") || (release["devel"] === true ? ">0.0.0-0" : "");
  const repo = textAt(release, "repositoryOpts", "repo");
  const fromUrl = isUrl(repo) && !textAt(release, "chart").startsWith("oci://");
  return [
    nameOfChart(release, repo),
    ...option("--version", version),
    ...option("--repo", fromUrl ? repo : ""),
    ...Object.entries(repositoryFlags).flatMap(([name, flag]) =>
      option(flag, textAt(release, "repositoryOpts", name)),
    ),
  ];
}

const repositoryFlags = {
  caFile: "--ca-file",
  certFile: "--cert-file",
  keyFile: "--key-file",
};

function option(flag: string, value: string): string[] {
  return value === "" ? [] : [flag, value];
}

function nameOfChart(release: PropertyMap, repo: string): string {
  const chart = textAt(release, "chart");
  const local = repo !== "" && !isUrl(repo) && !chart.includes("/");
  return local ? `${repo}/${chart}` : chart;
}

function isUrl(repo: string): boolean {
  return /^\w+:\/\//.test(repo);
}
