// A management cluster that exists already: whether it answers, and whether Cluster API takes its version.

import { KubeConfig } from "@kubernetes/client-node";
import { readFileSync } from "node:fs";
import type { LabConfig } from "../../config/lab-config";
import { impossiblePairs } from "../../config/versions";
import { ApiServer } from "../../scaling-test/api-server";
import type { Answer } from "../prism/answer";
import { type Finding, findingsOf } from "./finding";

/** Asks a kubeconfig's context (its current one when undefined) for its version, such as v1.36.3. */
export async function versionOfCluster(file: string, context?: string): Promise<string> {
  const config = new KubeConfig();
  config.loadFromString(readFileSync(file, "utf8"));
  if (context !== undefined) {
    if (!config.getContexts().some(({ name }) => name === context))
      throw new Error(`Reading ${file} failed: it has no context ${context}`);
    config.setCurrentContext(context);
  }
  const server = await ApiServer.connect(config.exportConfig());
  return (await server.get<{ gitVersion: string }>("/version")).gitVersion;
}

const { ok, failure } = findingsOf("management cluster");

export function checkManagementCluster(config: LabConfig, version: Answer<string>): Finding[] {
  const { kubeconfig = "" } = config.managementCluster;
  if ("problem" in version)
    return [
      failure(
        `${kubeconfig}: ${version.problem.said}`,
        "Correct managementCluster.kubeconfig or its context, and see that kubectl reaches the cluster with it.",
      ),
    ];
  const { version: clusterApi, capxVersion: capx } = config.clusterApi;
  const chosen = { kubernetes: config.kubernetesVersion, clusterApi, capx };
  const wrong = impossiblePairs({ ...chosen, managementKubernetes: version.found }).find(
    ({ of }) => of === "managementKubernetes",
  );
  if (!wrong) return [ok(`${kubeconfig} answers, Kubernetes ${version.found}`)];
  return [
    failure(
      `${kubeconfig} is Kubernetes ${version.found}, and must be ${wrong.allowed}`,
      "Upgrade that cluster, or choose another clusterApi.version.",
    ),
  ];
}
