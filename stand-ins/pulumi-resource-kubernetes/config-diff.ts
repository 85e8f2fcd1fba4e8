// DiffConfig: a provider is replaced, and everything in it, only when it points to another
// cluster, or writes manifests to another folder.

import type { DiffRequest, DiffResult } from "../pulumi-plugin/provider";
import { propertyDiff } from "../pulumi-plugin/property-diff";
import { type PropertyMap, toWire, UNKNOWN, withoutSecrets } from "../pulumi-plugin/values";
import { activeCluster, findKubeconfig } from "./kubeconfig";

const clusterKeys = ["kubeconfig", "context", "cluster"];

/** Which provider arguments changed, and whether the cluster is another one. */
export function diffConfig(request: DiffRequest): DiffResult {
  const olds = withoutSecrets(request.oldInputs) as PropertyMap;
  const news = withoutSecrets(request.news) as PropertyMap;
  const { diffs = [], changes } = propertyDiff(olds, news);
  if (changes === "none") return { changes };
  return { changes: "some", diffs, replaces: replacesOf(olds, news, diffs) };
}

function replacesOf(olds: PropertyMap, news: PropertyMap, diffs: readonly string[]): string[] {
  const [oldId, newId] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  const isIdentified = oldId !== undefined && newId !== undefined;
  if (isIdentified && oldId === newId) return [];
  const identity = isIdentified ? ["clusterIdentifier"] : [];
  const unknown = clusterKeys.filter((key) => news[key] === UNKNOWN);
  if (unknown.length > 0) return [...identity, ...unknown.slice(0, 1)];
  const folder = diffs.filter((key) => key === "renderYamlToDirectory");
  const [before, after] = [clusterOf(olds), clusterOf(news)];
  const stays = before === undefined || after === undefined || before === after;
  const cluster = stays ? [] : clusterKeys.filter((key) => diffs.includes(key));
  return [...identity, ...folder, ...cluster];
}

/** The active cluster's settings as one text, or undefined when they cannot be told. */
function clusterOf(config: PropertyMap): string | undefined {
  const text = (key: string) => (typeof config[key] === "string" ? config[key] : "");
  if (text("kubeconfig") === "") return undefined;
  try {
    const kubeconfig = findKubeconfig(text("kubeconfig"));
    const selection = {
      context: text("context") || undefined,
      cluster: text("cluster") || undefined,
    };
    const cluster = kubeconfig && activeCluster(kubeconfig.text, selection);
    return cluster && JSON.stringify(toWire(cluster));
  } catch {
    return undefined;
  }
}
