// What helm prints of a release, turned into the outputs of a Release.

import { isPropertyMap, type PropertyMap } from "../../pulumi-plugin/values";
import {
  apiVersionOf,
  groupOf,
  idOf,
  kindOf,
  mapAt,
  namespaceOf,
  nameOf,
  numberAt,
  textAt,
} from "../kube-object";
import { parseManifest } from "../yaml-documents";
import { merge } from "./arguments";

/** A release as helm prints it with --output json. */
export type HelmRelease = PropertyMap;

/** The state's arguments with what helm says of the release. */
export function withStatus(release: PropertyMap, said: HelmRelease): PropertyMap {
  const metadata = mapAt(said, "chart", "metadata");
  const chart = (name: string) => textAt(metadata, name);
  return {
    ...release,
    values: merge(mapAt(release, "values"), mapAt(said, "config")),
    version: chart("version") || (release["version"] ?? ""),
    resourceNames: resourceNames(textAt(said, "manifest")),
    status: {
      appVersion: chart("appVersion"),
      chart: chart("name"),
      name: textAt(said, "name"),
      namespace: textAt(said, "namespace"),
      revision: revisionOf(said),
      status: textAt(said, "info", "status"),
      version: chart("version"),
    },
  };
}

/** The number of the release's newest revision, 0 if there is none. */
export function revisionOf(said: HelmRelease): number {
  return numberAt(said, "version") ?? 0;
}

/** Names of the objects in a manifest by `Kind.group/apiVersion`. */
export function resourceNames(manifest: string): PropertyMap {
  const names: Record<string, string[]> = {};
  for (const object of parseManifest(manifest)) {
    if (!isPropertyMap(object) || kindOf(object) === "") continue;
    const group = groupOf(object);
    const kind = group === "" ? kindOf(object) : `${kindOf(object)}.${group}`;
    const key = `${kind}/${apiVersionOf(object)}`;
    const name = namespaceOf(object) === "" ? nameOf(object) : idOf(object);
    names[key] = [...new Set([...(names[key] ?? []), name])].sort();
  }
  return names;
}
